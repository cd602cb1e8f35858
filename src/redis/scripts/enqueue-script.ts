/**
 * Takes writes that wait for the source: each is its key's entry at once.
 *
 * All numbers are raised together, so those of writes that were not taken are left out; the hint names
 * all keys all the same. A write takes the place of one that nobody is writing yet, with its deadline.
 *
 * The queue is written before the entries: it drops what it has in vain, and no write is ever without its
 * place. One that takes the place of another keeps its place in the queue, which a flush may have hurried.
 */

import type { RedisReply } from '../connection/redis-connection.ts'
import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'
import { QUEUE_KEYS, type QueueKey } from './queue-keys.ts'
import { readReply } from './read-reply.ts'

export interface EnqueueNames {
  readonly keys: ShardKey | QueueKey
  readonly args: ShardArg | 'mostRecords' | 'mostBytes' | 'mostOverdue' | 'keep'
  readonly itemKeys: 'entry' | 'lease' | 'earlier'
  /** `rest`: life, tags to remove and envelope, as they stand in the entry. */
  readonly itemArgs: 'id' | 'bucket' | 'tags' | 'rest'
  /** What to do, after how many milliseconds. */
  readonly itemNumbers: 'op' | 'delay'
}

export interface EnqueueReply {
  readonly from: number
  readonly kinds: readonly ('queued' | 'writing' | 'full')[]
  readonly records: number
  readonly bytes: number
  /** 0 where the bound does not ask for it. */
  readonly overdueMs: number
}

export const enqueueScript: StepScript<EnqueueNames, EnqueueReply> = defineStep<
  EnqueueNames,
  EnqueueReply
>({
  name: 'enqueue',
  keys: QUEUE_KEYS,
  args: ['mostRecords', 'mostBytes', 'mostOverdue', 'keep'],
  item: {
    keys: ['entry', 'lease', 'earlier'],
    args: ['id', 'bucket', 'tags', 'rest'],
    numbers: ['op', 'delay'],
  },
  whenFull: 'refused',
  order: 'epoch',
  parts: ['entries', 'tags', 'leases', 'intents', 'pending'],
  body: `
    if #items == 0 then return { 0, '', backlog.records, backlog.bytes, 0 } end
    local most = { records = tonumber(mostRecords), bytes = tonumber(mostBytes) }
    local overdue = 0
    if mostOverdue ~= '' then
      local soonest = redis.call('ZRANGE', queue, 0, 0, 'WITHSCORES')[2]
      overdue = soonest and math.max(0, now - math.floor(tonumber(soonest))) or 0
    end
    local lags = mostOverdue ~= '' and overdue > tonumber(mostOverdue)
    local SLICE, NONE, LIFE = 1000, '\\0\\0', 16
    local from, kinds, latest = raise(#items), {}, {}
    local stored, written, queued, sooner, ordered = allStored('entry'), {}, {}, {}, {}
    local anyDead = redis.call('HLEN', dead) > 0
    endLeases()
    local numberTexts = changedAll(from, 1, 'delete')
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
    -- Nearly always there are none, which one look at all of them shows.
    local pushed, anyEarlier = {}, anyOf('earlier')
    local function hasEarlier(item)
      return pushed[item.earlier] or anyEarlier and redis.call('EXISTS', item.earlier) == 1
    end
    -- An ordinary value is not taken apart: whatever it is, the write takes its place.
    local function entryOf(item, bytes)
      bytes = latest[item.entry] or bytes
      if not bytes or string.byte(bytes, 4) == VALUE then return nil end
      local entry = parse(bytes)
      -- Only a write to the source that stands there may have to be ended.
      if entry.kind == INTENT then return load(item) end
      return entry
    end
    local dueMoment, dueText
    local function textOf(moment)
      if moment ~= dueMoment then dueMoment, dueText = moment, digits(moment) end
      return dueText
    end
    local thisMoment = struct.pack('<ddddB', now, math.huge, math.huge, now, #epoch) .. epoch
    local function take(item, i, bytes)
      local at = from + i - 1
      local entry = entryOf(item, bytes)
      if entry and entry.kind == INTENT then return '1' end
      local known = entry and entry.kind == DIRTY and entry or nil
      local op = item.op
      -- A creation does not take the place of what it would meet: it waits to be refused in its turn.
      local free = keep == 'last' and (op ~= OPS.create or known and known.op == OPS.remove)
      local replaced = free and known or nil
      local envelopeAt = afterTags(item.rest, LIFE + 1)
      local more = #item.rest - envelopeAt + 1 - (replaced and sizeOf(replaced) or 0)
      if not replaced and (lags or backlog.records >= most.records) then return '2' end
      if more > 0 and backlog.records > 0 and backlog.bytes + more > most.bytes then return '2' end
      local goesOn = replaced and not replaced.taken and replaced or nil
      local due = now + item.delay
      local follows = replaced and hasEarlier(item)
      if replaced and op == OPS.create then
        -- What was to be removed first may stand there still.
        op = OPS.put
      elseif goesOn and goesOn.op == OPS.create and op == OPS.put and not follows then
        -- A row that the source does not have yet is still to be created.
        op = OPS.create
      end
      if goesOn then due = math.min(goesOn.due, due) end
      local first = replaced and replaced.first or at
      local rest = item.rest
      if replaced and replaced.removes ~= NONE then
        local removes = both(replaced.removes, string.sub(rest, LIFE + 1, envelopeAt - 1))
        rest = string.sub(rest, 1, LIFE) .. removes .. string.sub(rest, envelopeAt)
      end
      local storedAt = goesOn and goesOn.storedAt or now
      local times = storedAt == now and thisMoment
        or struct.pack('<ddddB', storedAt, math.huge, math.huge, storedAt, #epoch) .. epoch
      if known and not replaced then
        redis.call('RPUSH', item.earlier, known.bytes)
        pushed[item.earlier] = true
      end
      latest[item.entry] = '\\247e\\1' .. struct.pack('<Bd', DIRTY + (known and known.marked and 2 or 0), at)
        .. times .. item.tags .. struct.pack('<BHdd', op, 0, first, due) .. rest
      if not known then ordered[item.id] = numberTexts[i] end
      if not known or replaced and not follows then
        local keepsPlace = goesOn and goesOn.attempts == 0 and not queued[item.id]
        if not keepsPlace then
          queued[item.id] = textOf(due)
        elseif due < goesOn.due then
          sooner[item.id] = textOf(due)
        end
      end
      count(replaced and 0 or 1, more)
      if anyDead then redis.call('HDEL', dead, item.id) end
      return '0'
    end
    for i, item in ipairs(items) do kinds[i] = take(item, i, stored[i]) end
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
    local function scores(of)
      local all, at = {}, 0
      for id, score in pairs(of) do
        all[at + 1], all[at + 2] = score, id
        at = at + 2
      end
      return all
    end
    inSlices('ZADD', queue, scores(queued))
    for id, score in pairs(sooner) do redis.call('ZADD', queue, 'LT', score, id) end
    inSlices('ZADD', order, scores(ordered))
    local at = 0
    for entry, bytes in pairs(latest) do
      written[at + 1], written[at + 2] = entry, bytes
      at = at + 2
    end
    inSlices('MSET', nil, written)
    saveBacklog()
    return { from, table.concat(kinds), digits(backlog.records), digits(backlog.bytes), overdue }`,
  read: readEnqueue,
})

const KINDS = ['queued', 'writing', 'full'] as const

function readEnqueue(reply: RedisReply): EnqueueReply {
  const [from, kinds, records, bytes, overdue] = readReply.list(reply)
  return {
    from: readReply.number(from),
    kinds: Array.from(readReply.text(kinds), (kind) => KINDS[Number(kind)] ?? 'full'),
    records: readReply.number(records),
    bytes: readReply.number(bytes),
    overdueMs: readReply.number(overdue),
  }
}
