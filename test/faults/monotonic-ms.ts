/** One time for all processes of the machine, which no clock setting moves. In milliseconds. */

export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
