/**
 * Removes values that nobody has read for long, each looked at and removed in this one step. With no
 * items: from now on, no step with a smaller token removes anything.
 *
 * The token stands in the control record as the operation of a session of its own, which outlives an
 * epoch, and is forgotten as those are.
 */

import type { RedisReply } from '../connection/redis-connection.ts'
import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'
import { readReply } from './read-reply.ts'

export interface SweepIdleNames {
  readonly keys: ShardKey
  readonly args: ShardArg | 'token'
  readonly itemKeys: 'entry'
  /** Milliseconds without a read. */
  readonly itemArgs: 'after'
}

/** `undefined`: overtaken. */
export type SweepIdleReply =
  | { readonly looked: number; readonly removed: number; readonly removedBytes: number }
  | undefined

export const sweepIdleScript: StepScript<SweepIdleNames, SweepIdleReply> = defineStep<
  SweepIdleNames,
  SweepIdleReply
>({
  name: 'sweep-idle',
  args: ['token'],
  item: { keys: ['entry'], args: ['after'] },
  whenFull: 'runs',
  order: 'none',
  parts: ['read-times'],
  body: `
    local latest = redis.call('HGET', control, 'o:clean-up')
    if latest and (tonumber(string.match(latest, '^%d+')) or 0) > tonumber(token) then return {} end
    redis.call('HSET', control, 'o:clean-up', token .. ' ' .. time[1])
    local gone, looked, bytes = {}, 0, 0
    for _, item in ipairs(items) do
      local readAt = readAtOf(item)
      if readAt then
        looked = looked + 1
        if readAt < now - tonumber(item.after) then
          gone[#gone + 1] = item.entry
          bytes = bytes + redis.call('STRLEN', item.entry)
        end
      end
    end
    if #gone > 0 then redis.call('UNLINK', unpack(gone)) end
    return { looked, #gone, bytes }`,
  read: readSwept,
})

function readSwept(reply: RedisReply): SweepIdleReply {
  const [looked, removed, removedBytes] = readReply.list(reply).map(readReply.number)
  if (looked === undefined) return undefined
  return { looked, removed: removed ?? 0, removedBytes: removedBytes ?? 0 }
}
