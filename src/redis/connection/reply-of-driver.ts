/** What drivers hand over and want handed over, in this room's types. Used by the two adapters. */

import { redisErrorOf } from './describe-fault.ts'
import type { RedisArgument, RedisReply } from './redis-connection.ts'
import { RedisError } from './redis-error.ts'

/** A reply with its errors, at any depth, freed of arguments. The usual reply is not copied. */
export function replyOfDriver(value: unknown): RedisReply {
  if (value instanceof Error) return errorOfDriver(value)
  if (!Array.isArray(value)) return value as RedisReply
  return value.some((item) => item instanceof Error || Array.isArray(item))
    ? value.map(replyOfDriver)
    : value
}

function errorOfDriver(error: Error): RedisError {
  return redisErrorOf(error) ?? new RedisError('ERR', 'ERR The server answered with an error.')
}

/** Both drivers take text and Buffers, and turn other bytes into text. */
export function argumentForDriver(argument: RedisArgument): string | Buffer {
  if (typeof argument === 'string' || Buffer.isBuffer(argument)) return argument
  return Buffer.from(argument.buffer, argument.byteOffset, argument.byteLength)
}
