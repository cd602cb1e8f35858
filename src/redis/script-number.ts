/** Numbers as arguments of scripts. */
export const scriptNumber: {
  /** A life for PX: whole milliseconds, at least 1. */
  life(ms: number): string
} = {
  life: (ms) => String(Math.max(1, Math.ceil(ms))),
}
