/**
 * Milliseconds since the machine was started, the same for all its processes, never going back: what
 * deadlines in the file are on. After another start of the machine none of them means anything, which
 * `tier-layout.ts` sees to.
 */
export function hostClock(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000
}
