/** What people and flushes ask of a queue: to hurry, to wait for it, to look at the dead. */

import type { RedisReply } from '../connection/redis-connection.ts'
import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'
import { QUEUE_KEYS, type QueueKey } from './queue-keys.ts'
import { readReply } from './read-reply.ts'

export interface HastenNames {
  readonly keys: ShardKey | QueueKey
  /** Empty id: all keys. `upTo`: that stand for a write at or before this number. */
  readonly args: ShardArg | 'id' | 'upTo'
  readonly itemKeys: never
  readonly itemArgs: never
}

export const hastenScript: StepScript<HastenNames, undefined> = defineStep<HastenNames, undefined>({
  name: 'hasten',
  keys: QUEUE_KEYS,
  args: ['id', 'upTo'],
  item: { keys: [], args: [] },
  whenFull: 'runs',
  order: 'none',
  parts: [],
  body: `
    local SLICE, left, most, moment = 1000, 0, tonumber(upTo), digits(now)
    local isEvery = most >= 9007199254740991
    -- What waits for another try stands between two milliseconds.
    local function isRetry(score) return tonumber(score) % 1 ~= 0 end
    if id ~= '' then
      local score, first = redis.call('ZSCORE', queue, id), redis.call('ZSCORE', order, id)
      if not score or isRetry(score) then return 0 end
      if not first or tonumber(first) > most then return 0 end
      redis.call('ZADD', queue, 'XX', 'LT', moment, id)
      return 0
    end
    while true do
      local found, pairs = redis.call('ZRANGEBYSCORE', queue, '(' .. moment, '+inf', 'WITHSCORES',
        'LIMIT', left, SLICE), {}
      for at = 1, #found, 2 do
        local first = isEvery and most or redis.call('ZSCORE', order, found[at])
        if isRetry(found[at + 1]) or not first or tonumber(first) > most then
          left = left + 1
        else
          pairs[#pairs + 1] = moment
          pairs[#pairs + 1] = found[at]
        end
      end
      if #pairs > 0 then redis.call('ZADD', queue, 'XX', unpack(pairs)) end
      if #found < 2 * SLICE then return 0 end
    end`,
  read: () => undefined,
})

export interface WaitsNames {
  readonly keys: ShardKey | QueueKey
  /** Empty id: any key. */
  readonly args: ShardArg | 'id' | 'upTo'
  readonly itemKeys: never
  readonly itemArgs: never
}

export const waitsScript: StepScript<WaitsNames, boolean> = defineStep<WaitsNames, boolean>({
  name: 'waits',
  keys: QUEUE_KEYS,
  args: ['id', 'upTo'],
  item: { keys: [], args: [] },
  whenFull: 'runs',
  order: 'none',
  parts: [],
  body: `
    if id == '' then return redis.call('ZCOUNT', order, '-inf', upTo) end
    local first = redis.call('ZSCORE', order, id)
    return first and tonumber(first) <= tonumber(upTo) and 1 or 0`,
  read: (answer) => readReply.number(answer) > 0,
})

export interface DeadNames {
  readonly keys: ShardKey | QueueKey
  /** Empty id: a page of all. */
  readonly args: ShardArg | 'id' | 'after' | 'limit'
  readonly itemKeys: never
  readonly itemArgs: never
}

export interface DeadReply {
  readonly letters: readonly { readonly id: string; readonly bytes: Uint8Array }[]
  readonly more: boolean
}

/** In the order of their ids, of which there are ten thousand at most. */
export const deadScript: StepScript<DeadNames, DeadReply> = defineStep<DeadNames, DeadReply>({
  name: 'dead',
  keys: QUEUE_KEYS,
  args: ['id', 'after', 'limit'],
  item: { keys: [], args: [] },
  whenFull: 'runs',
  order: 'none',
  parts: [],
  body: `
    if id ~= '' then
      local letter = redis.call('HGET', dead, id)
      return { letter and { id, letter } or {}, 0 }
    end
    local ids, page, most = redis.call('HKEYS', dead), {}, tonumber(limit)
    table.sort(ids)
    local more = 0
    for _, id in ipairs(ids) do
      if id > after then
        if #page == most * 2 then
          more = 1
          break
        end
        page[#page + 1] = id
        page[#page + 1] = redis.call('HGET', dead, id)
      end
    end
    return { page, more }`,
  read: readDead,
})

function readDead(reply: RedisReply): DeadReply {
  const [page, more] = readReply.list(reply)
  const flat = readReply.list(page)
  const letters: { id: string; bytes: Uint8Array }[] = []
  for (let at = 0; at < flat.length; at += 2) {
    letters.push({ id: readReply.text(flat[at]), bytes: readReply.bytes(flat[at + 1]) })
  }
  return { letters, more: readReply.number(more) === 1 }
}

export interface ReviveNames {
  readonly keys: ShardKey | QueueKey
  /** `revive` or `drop`. */
  readonly args: ShardArg | 'how'
  readonly itemKeys: 'entry' | 'lease'
  readonly itemArgs: 'id' | 'bucket'
}

/** Queues dead letters again under new versions, or forgets them; answers how many. */
export const reviveScript: StepScript<ReviveNames, number> = defineStep<ReviveNames, number>({
  name: 'revive',
  keys: QUEUE_KEYS,
  args: ['how'],
  item: { keys: ['entry', 'lease'], args: ['id', 'bucket'] },
  whenFull: 'refused',
  order: 'none',
  parts: ['entries', 'tags', 'leases', 'intents', 'pending'],
  body: `
    local done = 0
    for _, item in ipairs(items) do
      local letter = redis.call('HGET', dead, item.id)
      local entry = letter and how == 'revive' and load(item)
      -- What the source is being given right now may be older, or newer: the letter waits for its end.
      if letter and not (entry and entry.kind == INTENT) then
        redis.call('HDEL', dead, item.id)
        local _, length, at = struct.unpack('<dI', letter)
        local one = how == 'revive' and parse(string.sub(letter, at + length))
        if how == 'drop' then
          done = done + 1
        elseif one and one.kind == DIRTY and not isKept(entry) then
          local number = raise(1)
          one.stamp, one.first, one.epoch, one.attempts = number, number, epoch, 0
          one.storedAt, one.due, one.taken, one.marked = now, now, false, false
          storePending(item, one)
          queueUp(item.id, one)
          count(1, sizeOf(one))
          endLease(item)
          changed(item, number, 'delete')
          done = done + 1
        end
      end
    end
    saveBacklog()
    return done`,
  read: readReply.number,
})
