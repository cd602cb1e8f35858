/** Keys as unsigned 64-bit numbers, big-endian, one after the other. */

import { fixedRecords } from './fixed-records.ts'

export async function* be64Trace(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly string[]> {
  for await (const records of fixedRecords(bytes, 8)) {
    const keys: string[] = []
    for (let at = 0; at < records.length; at += 8) keys.push(String(records.readBigUInt64BE(at)))
    yield keys
  }
}
