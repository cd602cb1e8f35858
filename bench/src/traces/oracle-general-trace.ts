/**
 * libCacheSim's `oracleGeneral`: packed little-endian records of a time (32 bits), an object (64),
 * its size (32) and the request that asks for it next (64). Only the object is read.
 */

import { fixedRecords } from './fixed-records.ts'

const recordBytes = 24
const objectAt = 4

export async function* oracleGeneralTrace(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly string[]> {
  for await (const records of fixedRecords(bytes, recordBytes)) {
    const keys: string[] = []
    for (let at = objectAt; at < records.length; at += recordBytes) {
      keys.push(String(records.readBigUInt64LE(at)))
    }
    yield keys
  }
}
