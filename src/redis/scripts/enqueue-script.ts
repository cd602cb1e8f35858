/**
 * Takes writes that wait for the source: each is its key's entry at once.
 *
 * All numbers are raised together, so those of writes that were not taken are left out; the hint names
 * all keys all the same. A write takes the place of one that nobody is writing yet, with its deadline.
 */

import type { RedisReply } from '../connection/redis-connection.ts'
import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'
import { QUEUE_KEYS, type QueueKey } from './queue-keys.ts'
import { readReply } from './read-reply.ts'

export interface EnqueueNames {
  readonly keys: ShardKey | QueueKey
  readonly args: ShardArg | 'mostRecords' | 'mostBytes' | 'keep'
  readonly itemKeys: 'entry' | 'lease' | 'earlier'
  readonly itemArgs: 'id' | 'collection' | 'bucket' | 'terms' | 'tags' | 'removes' | 'envelope'
}

export interface EnqueueReply {
  readonly from: number
  readonly kinds: readonly ('queued' | 'writing' | 'full')[]
  readonly records: number
  readonly bytes: number
}

export const enqueueScript: StepScript<EnqueueNames, EnqueueReply> = defineStep<
  EnqueueNames,
  EnqueueReply
>({
  name: 'enqueue',
  keys: QUEUE_KEYS,
  args: ['mostRecords', 'mostBytes', 'keep'],
  item: {
    keys: ['entry', 'lease', 'earlier'],
    args: ['id', 'collection', 'bucket', 'terms', 'tags', 'removes', 'envelope'],
  },
  whenFull: 'refused',
  order: 'epoch',
  parts: ['entries', 'tags', 'leases', 'intents', 'pending'],
  body: `
    if #items == 0 then return { 0, '', backlog.records, backlog.bytes } end
    local most = { records = tonumber(mostRecords), bytes = tonumber(mostBytes) }
    local SLICE, NONE = 1000, '\\0\\0'
    local from, kinds, latest = raise(#items), {}, {}
    local stored, written, queued, ordered = storedOf(items), {}, {}, {}
    local anyDead = redis.call('HLEN', dead) > 0
    endLeases(items)
    changedAll(items, from, 1, 'delete')
    local function both(one, other)
      if other == NONE or one == other then return one end
      if one == NONE then return other end
      local seen, all = {}, {}
      for _, list in ipairs({ tagsOf(one), tagsOf(other) }) do
        for _, tag in ipairs(list) do
          if not seen[tag] then all[#all + 1] = tag end
          seen[tag] = true
        end
      end
      return packTags(all)
    end
    local function entryOf(item, bytes)
      local entry = latest[item.entry]
      if entry then return entry end
      entry = parse(bytes)
      -- Only a write to the source that stands there may have to be ended.
      if entry and entry.kind == INTENT then return load(item) end
      return entry
    end
    local function take(item, at, bytes)
      local entry = entryOf(item, bytes)
      if entry and entry.kind == INTENT then return '1' end
      local known = entry and entry.kind == DIRTY and entry or nil
      local op, delay, ttl, grace = struct.unpack('<Bddd', item.terms)
      -- A creation does not take the place of what it would meet: it waits to be refused in its turn.
      local free = keep == 'last' and (op ~= OPS.create or known and known.op == OPS.remove)
      local replaced = free and known or nil
      local more = #item.envelope - (replaced and #replaced.envelope or 0)
      if not replaced and backlog.records >= most.records then return '2' end
      if more > 0 and backlog.records > 0 and backlog.bytes + more > most.bytes then return '2' end
      local goesOn = replaced and not replaced.taken and replaced or nil
      local due = now + delay
      local follows = replaced and redis.call('EXISTS', item.earlier) == 1
      if replaced and op == OPS.create then
        -- What was to be removed first may stand there still.
        op = OPS.put
      elseif goesOn and goesOn.op == OPS.create and op == OPS.put and not follows then
        -- A row that the source does not have yet is still to be created.
        op = OPS.create
      end
      local one = {
        kind = DIRTY, stamp = at, epoch = epoch, tagBytes = item.tags, op = op, attempts = 0,
        first = replaced and replaced.first or at, storedAt = goesOn and goesOn.storedAt or now,
        due = goesOn and math.min(goesOn.due, due) or due, ttl = ttl, grace = grace,
        removes = replaced and both(replaced.removes, item.removes) or item.removes,
        taken = false, marked = known and known.marked or false, envelope = item.envelope,
      }
      if known and not replaced then redis.call('RPUSH', item.earlier, known.bytes) end
      one.bytes = packPending(one)
      latest[item.entry] = one
      if not known or replaced and not follows then
        queued[item.id], ordered[item.id] = one.due, one.first
      end
      count(replaced and 0 or 1, more)
      if anyDead then redis.call('HDEL', dead, item.id) end
      return '0'
    end
    for i, item in ipairs(items) do kinds[i] = take(item, from + i - 1, stored[i]) end
    local function inSlices(command, first, pairs)
      for start = 1, #pairs, SLICE do
        local last = math.min(start + SLICE - 1, #pairs)
        if first then
          redis.call(command, first, unpack(pairs, start, last))
        else
          redis.call(command, unpack(pairs, start, last))
        end
      end
    end
    for entry, one in pairs(latest) do
      written[#written + 1] = entry
      written[#written + 1] = one.bytes
    end
    inSlices('MSET', nil, written)
    local function scores(of)
      local all, at = {}, 0
      for id, score in pairs(of) do
        all[at + 1], all[at + 2] = score, id
        at = at + 2
      end
      return all
    end
    inSlices('ZADD', queue, scores(queued))
    inSlices('ZADD', order, scores(ordered))
    saveBacklog()
    return { from, table.concat(kinds), digits(backlog.records), digits(backlog.bytes) }`,
  read: readEnqueue,
})

const KINDS = ['queued', 'writing', 'full'] as const

function readEnqueue(reply: RedisReply): EnqueueReply {
  const [from, kinds, records, bytes] = readReply.list(reply)
  return {
    from: readReply.number(from),
    kinds: Array.from(readReply.text(kinds), (kind) => KINDS[Number(kind)] ?? 'full'),
    records: readReply.number(records),
    bytes: readReply.number(bytes),
  }
}
