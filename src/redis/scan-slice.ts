/** The reply of one SCAN: a handful of keys, and where to go on. */

import type { RedisReply } from './connection/redis-connection.ts'
import { RedisError } from './connection/redis-error.ts'
import { errorOfReply } from './error-of-reply.ts'
import { readReply } from './scripts/read-reply.ts'

export interface ScanSlice {
  /** `0`: at the end. */
  readonly cursor: string
  readonly keys: readonly string[]
}

/** @throws TierError if the server refused. */
export function scanSlice(reply: RedisReply | undefined): ScanSlice {
  if (reply instanceof RedisError) throw errorOfReply(reply)
  const [cursor, keys] = readReply.list(reply)
  return { cursor: readReply.text(cursor), keys: readReply.list(keys).map(readReply.text) }
}
