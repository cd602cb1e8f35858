/** Replies of scripts, taken apart: each function refuses what is of another form. */

import type { RedisReply } from '../connection/redis-connection.ts'

export const readReply: {
  list(reply: RedisReply | undefined): readonly RedisReply[]
  number(reply: RedisReply | undefined): number
  text(reply: RedisReply | undefined): string
  bytes(reply: RedisReply | undefined): Uint8Array
} = {
  list(reply) {
    if (Array.isArray(reply)) return reply as readonly RedisReply[]
    throw strange('a list', reply)
  },
  /** Numbers beyond 2^53 never occur; those with a fraction come as text. */
  number(reply) {
    const number = typeof reply === 'number' ? reply : Number(readReply.text(reply))
    if (!Number.isNaN(number)) return number
    throw strange('a number', reply)
  },
  text(reply) {
    if (typeof reply === 'string') return reply
    return Buffer.from(readReply.bytes(reply)).toString('utf8')
  },
  bytes(reply) {
    if (reply instanceof Uint8Array) return reply
    throw strange('bytes', reply)
  },
}

function strange(expected: string, reply: RedisReply | undefined): TypeError {
  const actual = reply === null ? 'null' : Array.isArray(reply) ? 'a list' : typeof reply
  return new TypeError(`The reply of a script should hold ${expected} and holds ${actual}.`)
}
