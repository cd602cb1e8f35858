/**
 * Entries as bytes, for scripts: values and intents, as `docs/wire-format.md` describes them.
 *
 * Bytes that nobody here has written are `FOREIGN`, and treated as if nothing were there; nothing in
 * an entry may make a script fail.
 *
 * What is parsed of a write that waits has sixteen fields at most: a table with one more takes twice the
 * room. Its envelope is a copy, made by `envelopeOf`, which most steps can do without. The end of a life is
 * given as a moment, which the server need not turn into one for those who follow it.
 */
export const luaEntries: string = String.raw`
-- A write that waits is DIRTY, or up to 3 more: 1 while it is being written, 2 where its key was removed.
local FOREIGN, VALUE, INTENT, DIRTY = 0, 1, 2, 16

local function tagsAt(bytes, at)
  local tags, count = {}, nil
  count, at = struct.unpack('<H', bytes, at)
  for i = 1, count do tags[i], at = struct.unpack('<Hc0', bytes, at) end
  return tags, at
end

local function tagsOf(bytes) return (tagsAt(bytes, 1)) end

local function packTags(tags)
  local parts = { struct.pack('<H', #tags) }
  for i, tag in ipairs(tags) do parts[i + 1] = struct.pack('<H', #tag) .. tag end
  return table.concat(parts)
end

local function parseValue(bytes)
  local entry, at = { kind = VALUE, bytes = bytes }, nil
  entry.stamp, entry.storedAt, entry.freshUntil, entry.graceUntil, entry.readAt, entry.epoch, at =
    struct.unpack('<dddddBc0', bytes, 5)
  entry.tags = tagsAt(bytes, at)
  return entry
end

local function parseIntent(bytes)
  local tokens, count, at = {}, struct.unpack('<H', bytes, 5)
  for i = 1, count do
    local one = {}
    one.deadline, one.number, one.epoch, one.token, at = struct.unpack('<ddBc0Hc0', bytes, at)
    one.tags, at = tagsAt(bytes, at)
    tokens[i] = one
  end
  return { kind = INTENT, tokens = tokens }
end

-- Without looking at them: most writes have none.
local function afterTags(bytes, at)
  local count
  count, at = struct.unpack('<H', bytes, at)
  for i = 1, count do
    local length
    length, at = struct.unpack('<H', bytes, at)
    at = at + length
  end
  return at
end

local function parsePending(bytes)
  local HEAD, REST, NONE = '<dddddBc0H', '<BHdddd', '\0\0'
  local state = string.byte(bytes, 4) - DIRTY
  local stamp, storedAt, _, _, _, epoch, tags, at = struct.unpack(HEAD, bytes, 5)
  local tagBytes = NONE
  if tags > 0 then
    local from = at - 2
    at = afterTags(bytes, from)
    tagBytes = string.sub(bytes, from, at - 1)
  end
  local op, attempts, first, due, ttl, grace, from = struct.unpack(REST, bytes, at)
  at = afterTags(bytes, from)
  return {
    kind = DIRTY, bytes = bytes, taken = state % 2 == 1, marked = state >= 2, stamp = stamp, storedAt = storedAt,
    epoch = epoch, tagBytes = tagBytes, op = op, attempts = attempts, first = first, due = due, ttl = ttl,
    grace = grace, removes = at == from + 2 and NONE or string.sub(bytes, from, at - 1), envelopeAt = at,
  }
end

local function envelopeOf(one) return string.sub(one.bytes, one.envelopeAt) end

local function sizeOf(one) return math.max(0, #one.bytes - one.envelopeAt + 1) end

local function parse(bytes)
  if not bytes then return nil end
  local read = nil
  if string.sub(bytes, 1, 3) == '\247e\1' then
    local kind = string.byte(bytes, 4)
    read = kind == VALUE and parseValue or kind == INTENT and parseIntent
      or kind >= DIRTY and kind < DIRTY + 4 and parsePending
  end
  if read then
    local ok, entry = pcall(read, bytes)
    if ok then return entry end
  end
  return { kind = FOREIGN }
end

-- What stands under this key of each item, without a look at it; false where there is no text.
local function allStored(name)
  local SLICE, all = 1000, {}
  for start = 1, #items, SLICE do
    local found = redis.call('MGET', column(name, start, math.min(start + SLICE - 1, #items)))
    if #items <= SLICE then return found end
    for j, bytes in ipairs(found) do all[start + j - 1] = bytes end
  end
  return all
end

-- Whether any item has its key of this name.
local function anyOf(name)
  local SLICE = 1000
  for start = 1, #items, SLICE do
    if redis.call('EXISTS', column(name, start, math.min(start + SLICE - 1, #items))) > 0 then return true end
  end
  return false
end

local function unlinkAll(keys)
  local SLICE = 1000
  for start = 1, #keys, SLICE do
    redis.call('UNLINK', unpack(keys, start, math.min(start + SLICE - 1, #keys)))
  end
end

-- By its first bytes alone: whether a write to the source may stand in the key's place.
local function looksWritten(item)
  local first = redis.pcall('GETRANGE', item.entry, 0, 3)
  return type(first) == 'string' and string.sub(first, 1, 3) == '\247e\1' and string.byte(first, 4) ~= VALUE
end

-- What no removal and no load takes the place of.
local function isKept(entry)
  return entry and (entry.kind == INTENT or entry.kind == DIRTY)
end

local function mark(item, entry)
  if entry.marked then return end
  entry.marked = true
  redis.call('SETRANGE', item.entry, 3, string.char(DIRTY + 2 + (entry.taken and 1 or 0)))
end

local function expireAt(key, moment)
  if moment == math.huge then
    redis.call('PERSIST', key)
  else
    redis.call('PEXPIRE', key, digits(math.max(1, math.ceil(moment - now))))
  end
end

local function putBytes(key, stamp, ttl, grace, tags, envelope)
  local freshUntil = now + ttl
  local graceUntil = freshUntil + grace
  if graceUntil <= now then
    redis.call('UNLINK', key)
    return
  end
  local bytes = '\247e\1\1' .. struct.pack('<dddddB', stamp, now, freshUntil, graceUntil, now, #epoch)
    .. epoch .. tags .. envelope
  if graceUntil == math.huge then
    redis.call('SET', key, bytes)
  else
    redis.call('SET', key, bytes, 'PXAT', digits(math.ceil(graceUntil)))
  end
end

local function putValue(item, stamp)
  putBytes(item.entry, stamp, item.ttl, item.grace, item.tags, item.envelope)
end

local function putTimes(item, entry, stamp, freshUntil, graceUntil)
  if graceUntil <= now then
    redis.call('UNLINK', item.entry)
    return
  end
  redis.call('SETRANGE', item.entry, 4,
    struct.pack('<dddd', stamp, entry.storedAt, freshUntil, graceUntil))
  expireAt(item.entry, graceUntil)
end

-- From now on, what the item grants.
local function renew(item, entry, stamp)
  local freshUntil = now + item.ttl
  putTimes(item, entry, stamp, freshUntil, freshUntil + item.grace)
end
`
