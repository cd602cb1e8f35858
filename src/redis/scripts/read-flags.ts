import type { RedisReply } from '../connection/redis-connection.ts'
import { readReply } from './read-reply.ts'

/** A reply of noughts and ones, one for each item of a batch. */
export function readFlags(reply: RedisReply): readonly boolean[] {
  return readReply.list(reply).map((flag) => readReply.number(flag) === 1)
}
