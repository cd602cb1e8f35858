/** Keys as unsigned 32-bit numbers, big-endian, one after the other. */

import { fixedRecords } from './fixed-records.ts'

export async function* be32Trace(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly string[]> {
  for await (const records of fixedRecords(bytes, 4)) {
    const keys: string[] = []
    for (let at = 0; at < records.length; at += 4) keys.push(String(records.readUInt32BE(at)))
    yield keys
  }
}
