/**
 * What the source has answered for writes that waited, by comparing versions: what was written meanwhile
 * is not settled by what came before it.
 */

import type { RedisReply } from '../connection/redis-connection.ts'
import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'
import { QUEUE_KEYS, type QueueKey } from './queue-keys.ts'
import { readReply } from './read-reply.ts'

export interface SettleNames {
  readonly keys: ShardKey | QueueKey
  readonly args: ShardArg
  readonly itemKeys: 'entry' | 'lease' | 'earlier'
  /** `value`: of `retry` the delay, of `raise` what to lie above, of `dead` the error. */
  readonly itemArgs: 'id' | 'bucket' | 'seenEpoch' | 'outcome' | 'value'
  readonly itemNumbers: 'version'
}

const KINDS = ['clean', 'removed', 'waits', 'newer', 'gone'] as const

export const settleScript: StepScript<SettleNames, readonly (typeof KINDS)[number][]> = defineStep<
  SettleNames,
  readonly (typeof KINDS)[number][]
>({
  name: 'settle',
  keys: QUEUE_KEYS,
  args: [],
  item: {
    keys: ['entry', 'lease', 'earlier'],
    args: ['id', 'bucket', 'seenEpoch', 'outcome', 'value'],
    numbers: ['version'],
  },
  whenFull: 'runs',
  order: 'none',
  parts: ['entries', 'tags', 'leases', 'pending'],
  body: `
    local CLEAN, REMOVED, WAITS, NEWER, GONE, MAX_DEAD = 0, 1, 2, 3, 4, 10000
    -- Nearly always each key is there once, and none has earlier writes.
    local stored, anyEarlier = allStored('entry'), anyOf('earlier')
    local settled, leaving = {}, {}
    local function queueAgain(id, one)
      leaving[id] = nil
      queueUp(id, one)
    end
    -- What is due for the key next: the earliest that is left of it.
    local function queueNext(item, latest)
      local earliest = anyEarlier and parse(redis.call('LINDEX', item.earlier, 0)) or latest
      if earliest then queueAgain(item.id, earliest) else leaving[item.id] = true end
    end
    local function leaveQueue()
      local SLICE, ids = 1000, {}
      for id in pairs(leaving) do ids[#ids + 1] = id end
      for start = 1, #ids, SLICE do
        local last = math.min(start + SLICE - 1, #ids)
        redis.call('ZREM', queue, unpack(ids, start, last))
        redis.call('ZREM', order, unpack(ids, start, last))
      end
    end
    -- To look at all of them would hold the server up.
    local function oldestOfSome()
      local some, oldest, diedAt = redis.call('HRANDFIELD', dead, 32, 'WITHVALUES'), nil, math.huge
      for at = 1, #some, 2 do
        local died = struct.unpack('<d', some[at + 1])
        if died < diedAt then oldest, diedAt = some[at], died end
      end
      return oldest
    end
    local function bury(item, one)
      if redis.call('HLEN', dead) >= MAX_DEAD and not redis.call('HGET', dead, item.id) then
        redis.call('HDEL', dead, oldestOfSome())
      end
      redis.call('HSET', dead, item.id,
        struct.pack('<dI', now, #item.value) .. item.value .. one.bytes)
    end
    local function remove(item, one)
      redis.call('UNLINK', item.entry)
      count(-1, -sizeOf(one))
      queueNext(item, nil)
      touchPending(item)
      return REMOVED
    end
    -- Between two milliseconds, by which \`hasten\` knows it: a flush must not use up its tries.
    local function queueRetry(item, one)
      redis.call('ZADD', queue, digits(one.due) .. '.5', item.id)
    end
    local settles = {}
    function settles.applied(item, one)
      if one.marked or one.epoch ~= epoch then return remove(item, one) end
      count(-1, -sizeOf(one))
      queueNext(item, nil)
      putBytes(item.entry, one.stamp, one.ttl, one.grace, one.tagBytes, envelopeOf(one))
      return CLEAN
    end
    function settles.discarded(item, one) return remove(item, one) end
    function settles.dead(item, one)
      bury(item, one)
      return remove(item, one)
    end
    function settles.retry(item, one)
      one.attempts, one.taken, one.due = one.attempts + 1, false, now + tonumber(item.value)
      storePending(item, one)
      queueRetry(item, one)
      return WAITS
    end
    function settles.raise(item, one)
      -- One of an older epoch is never newer than a row that it cannot be compared with.
      if one.epoch ~= epoch then return remove(item, one) end
      seq = math.max(seq, tonumber(item.value))
      local at = raise(1)
      one.stamp, one.taken = at, false
      storePending(item, one)
      queueAgain(item.id, one)
      endLease(item)
      changed(item, at, 'delete')
      return WAITS
    end
    -- One before the latest, where every write is kept.
    local function settleEarlier(item, latest, version)
      local one = parse(redis.call('LINDEX', item.earlier, 0))
      if not one or one.stamp ~= version or one.epoch ~= item.seenEpoch then
        -- What took its place need not stand for it any longer.
        local ended = item.outcome ~= 'retry' and item.outcome ~= 'raise'
        if ended and not one and latest.first <= version and version < latest.stamp then
          latest.first = version + 1
          storePending(item, latest)
          queueAgain(item.id, latest)
        end
        return NEWER
      end
      if item.outcome == 'retry' then
        one.attempts = one.attempts + 1
        one.due = now + tonumber(item.value)
        redis.call('LSET', item.earlier, 0, repacked(one))
        queueRetry(item, one)
        return WAITS
      end
      if item.outcome == 'dead' then bury(item, one) end
      redis.call('LPOP', item.earlier)
      count(-1, -sizeOf(one))
      queueNext(item, latest)
      return REMOVED
    end
    local function settle(item, i)
      -- A second one of a key sees what the first has made of it.
      local bytes = stored[i]
      if settled[item.id] then bytes = redis.call('GET', item.entry) end
      settled[item.id] = true
      local entry, version = parse(bytes), item.version
      if not entry or entry.kind ~= DIRTY then
        -- The record was lost with the tail of this server, but its write has come.
        local known = entry and entry.kind == VALUE and entry.stamp == version
        if item.outcome == 'applied' and not known then
          if entry and entry.kind == VALUE then redis.call('UNLINK', item.entry) end
          touchPending(item)
        end
        return GONE
      end
      if entry.stamp ~= version or entry.epoch ~= item.seenEpoch then
        return settleEarlier(item, entry, version)
      end
      return settles[item.outcome](item, entry)
    end
    local answers = {}
    for i, item in ipairs(items) do answers[i] = settle(item, i) end
    leaveQueue()
    saveBacklog()
    return answers`,
  read: (answer) => readReply.list(answer).map(kindOf),
})

function kindOf(reply: RedisReply): (typeof KINDS)[number] {
  const kind = KINDS[readReply.number(reply)]
  if (kind === undefined) throw new TypeError('A write was settled in a way of its own.')
  return kind
}
