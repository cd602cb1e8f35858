/**
 * The right to take what waits in a queue, and the keys that are due.
 *
 * After a new epoch all of them are due: what waits from before is compared by every read with the
 * source. So they are after the clock went back, since their times lie in the future then.
 */

import type { RedisReply } from '../connection/redis-connection.ts'
import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'
import { QUEUE_KEYS, type QueueKey } from './queue-keys.ts'
import { readReply } from './read-reply.ts'

export interface DueNames {
  readonly keys: ShardKey | QueueKey
  readonly args: ShardArg | 'owner' | 'leaseMs' | 'limit'
  readonly itemKeys: never
  readonly itemArgs: never
}

export interface DueReply {
  /** Somebody else takes, for at most so long. */
  readonly heldMs: number | undefined
  readonly records: number
  readonly bytes: number
  readonly dead: number
  readonly ids: readonly string[]
  /** Until the next is due; `undefined`: none waits beside these. */
  readonly nextMs: number | undefined
  readonly epochs: readonly string[]
}

export const dueScript: StepScript<DueNames, DueReply> = defineStep<DueNames, DueReply>({
  name: 'due',
  keys: QUEUE_KEYS,
  args: ['owner', 'leaseMs', 'limit'],
  item: { keys: [], args: [] },
  whenFull: 'runs',
  order: 'none',
  parts: [],
  body: `
    local SLICE = 1000
    local kept = redis.call('HMGET', meta, 'records', 'bytes', 'owner', 'until', 'epoch', 'at')
    local about = { kept[1] or '0', kept[2] or '0', redis.call('HLEN', dead) }
    local held = tonumber(kept[4]) or 0
    if kept[3] and kept[3] ~= owner and now < held then return { digits(held - now), about } end
    if limit == '0' then
      redis.call('HDEL', meta, 'owner', 'until')
      return { -1, about, {}, -1, {} }
    end
    local isAnew = (kept[5] or epoch) ~= epoch or now < (tonumber(kept[6]) or 0) - 1000
    if isAnew then
      local from = 0
      while true do
        local ids, pairs = redis.call('ZRANGE', queue, from, from + SLICE - 1), {}
        for _, id in ipairs(ids) do
          pairs[#pairs + 1] = digits(now)
          pairs[#pairs + 1] = id
        end
        if #ids > 0 then redis.call('ZADD', queue, 'XX', 'LT', unpack(pairs)) end
        if #ids < SLICE then break end
        from = from + SLICE
      end
    end
    local most = tonumber(limit)
    local ids = redis.call('ZRANGEBYSCORE', queue, '-inf', digits(now), 'LIMIT', 0, most)
    -- Most of the time nothing is due, and then nothing need be written.
    local goesOn = kept[3] == owner and held - now >= tonumber(leaseMs) / 2
    if #ids > 0 or isAnew or not goesOn then
      redis.call('HSET', meta, 'owner', owner, 'until', digits(now + tonumber(leaseMs)), 'epoch', epoch,
        'at', digits(now))
    end
    local next = redis.call('ZRANGE', queue, #ids, #ids, 'WITHSCORES')[2]
    local nextMs = next and digits(math.max(0, tonumber(next) - now)) or -1
    local history = redis.call('HGET', control, 'h') or ''
    local epochs = { epoch }
    for older in string.gmatch(history, '%S+') do epochs[#epochs + 1] = older end
    return { -1, about, ids, nextMs, epochs }`,
  read: readDue,
})

function readDue(reply: RedisReply): DueReply {
  const [held, about, ids, nextMs, epochs] = readReply.list(reply)
  const [records, bytes, dead] = readReply.list(about)
  const heldMs = readReply.number(held)
  const next = nextMs === undefined ? -1 : readReply.number(nextMs)
  return {
    heldMs: heldMs < 0 ? undefined : heldMs,
    records: readReply.number(records),
    bytes: readReply.number(bytes),
    dead: readReply.number(dead),
    ids: ids === undefined ? [] : readReply.list(ids).map(readReply.text),
    nextMs: next < 0 ? undefined : next,
    epochs: epochs === undefined ? [] : readReply.list(epochs).map(readReply.text),
  }
}
