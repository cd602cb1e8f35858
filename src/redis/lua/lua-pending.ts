/**
 * Writes that wait for the source, for scripts, as `docs/wire-format.md` describes them.
 *
 * The entry of the key is the latest of them. Where every write is kept, the earlier ones stand in a
 * list beside it. The queue of a collection orders its keys by when they are due, another set by what
 * they stand for first; `meta` says who may take, and how much waits. `parse` reads an entry.
 */
export const luaPending: string = String.raw`
local OPS = { create = 0, put = 1, remove = 2 }

local function packPending(one)
  return struct.pack('<c3BdddddBc0c0BHddddc0c0', '\247e\1',
    DIRTY + (one.taken and 1 or 0) + (one.marked and 2 or 0), one.stamp, one.storedAt, math.huge, math.huge,
    one.storedAt, #one.epoch, one.epoch, one.tagBytes, one.op, one.attempts, one.first, one.due, one.ttl, one.grace,
    one.removes, one.envelope)
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

local function storePending(item, one)
  one.bytes = packPending(one)
  redis.call('SET', item.entry, one.bytes)
end

local function queueUp(id, one)
  redis.call('ZADD', queue, digits(one.due), id)
  redis.call('ZADD', order, digits(one.first), id)
end

-- What is due for the key next: the earliest that is left of it.
local function queueNext(item, latest)
  local earliest = parse(redis.call('LINDEX', item.earlier, 0)) or latest
  if earliest then
    queueUp(item.id, earliest)
  else
    redis.call('ZREM', queue, item.id)
    redis.call('ZREM', order, item.id)
  end
end

-- The entry is gone or another one: whoever was loading stores nothing.
local function touchPending(item)
  endLease(item)
  changed(item, raise(1), 'delete')
end
`
