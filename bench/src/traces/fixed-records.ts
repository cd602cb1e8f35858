/** Bytes to records of one size, for the formats that are binary. */

import { UsageError } from '../usage-error.ts'

/**
 * Cuts `bytes` into stretches that are whole records of `size` bytes, however the chunks fall.
 *
 * @throws UsageError if the last record is not whole.
 */
export async function* fixedRecords(
  bytes: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of bytes) {
    const all = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk])
    const whole = all.length - (all.length % size)
    rest = all.subarray(whole)
    if (whole > 0) yield all.subarray(0, whole)
  }
  if (rest.length > 0) {
    throw new UsageError(
      `The trace ends with ${rest.length} bytes where a record has ${size}. Is --format right?`,
    )
  }
}
