/**
 * Writes that wait for the source, for scripts, as `docs/wire-format.md` describes them.
 *
 * The entry of the key is the latest of them. Where every write is kept, the earlier ones stand in a
 * list beside it. The queue of a collection orders its keys by when they are due, another set by what
 * they stand for first; `meta` says who may take, and how much waits. `parse` reads an entry.
 */
export const luaPending: string = String.raw`
local OPS = { create = 0, put = 1, remove = 2 }

local function packPending(one, envelope)
  local state = DIRTY + (one.taken and 1 or 0) + (one.marked and 2 or 0)
  return '\247e\1' .. struct.pack('<BdddddB', state, one.stamp, one.storedAt, math.huge, math.huge,
    one.storedAt, #one.epoch) .. one.epoch .. one.tagBytes .. struct.pack('<BHdddd', one.op, one.attempts,
    one.first, one.due, one.ttl, one.grace) .. one.removes .. envelope
end

-- What waits in the queue, read once and written once.
local kept = redis.call('HMGET', meta, 'records', 'bytes')
local backlog = { records = tonumber(kept[1]) or 0, bytes = tonumber(kept[2]) or 0 }
local wasEmpty = backlog.records == 0
local function count(records, bytes)
  backlog.records = math.max(0, backlog.records + records)
  backlog.bytes = math.max(0, backlog.bytes + bytes)
  backlog.changed = true
end
local function saveBacklog()
  if not backlog.changed then return end
  if wasEmpty then redis.call('HSET', meta, 'epoch', epoch) end
  redis.call('HSET', meta, 'records', digits(backlog.records), 'bytes', digits(backlog.bytes))
end

-- What has changed in one that was read.
local function repacked(one)
  local envelope = envelopeOf(one)
  one.bytes = packPending(one, envelope)
  one.envelopeAt = #one.bytes - #envelope + 1
  return one.bytes
end

local function storePending(item, one) redis.call('SET', item.entry, repacked(one)) end

local function queueUp(id, one)
  redis.call('ZADD', queue, digits(one.due), id)
  redis.call('ZADD', order, digits(one.first), id)
end

-- The entry is gone or another one: whoever was loading stores nothing.
local function touchPending(item)
  endLease(item)
  changed(item, raise(1), 'delete')
end
`
