/** The fields of an INFO reply. https://redis.io/docs/latest/commands/info/ */

import type { RedisReply } from './redis-connection.ts'

/** Empty where the reply is no text. */
export function readInfo(reply: RedisReply): Readonly<Record<string, string>> {
  if (!(reply instanceof Uint8Array)) return {}
  const lines = Buffer.from(reply.buffer, reply.byteOffset, reply.byteLength)
    .toString()
    .split('\r\n')
  return Object.fromEntries(
    lines
      .filter((line) => line.includes(':'))
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  )
}
