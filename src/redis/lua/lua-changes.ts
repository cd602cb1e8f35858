/**
 * What scripts on a shard do with numbers: raise the sequence, note what changed under it, and tell
 * it, as the very last thing.
 *
 * The sequence is written before whatever carries it: a script that fails in its middle leaves what
 * it has written, and a number must never be given out again. Hints go through `pcall`, so that a
 * missing right to publish stops nothing. Nobody follows the locks, which are shard -1. The form of hints is read by `parseHint`.
 */

import { sessionMark } from '../../shard/index.ts'
import { PROTOCOL_VERSION } from '../protocol-version.ts'

export const luaChanges: string = `
local function raise(count)
  local from = seq + 1
  seq = seq + count
  first = first or from
  redis.call('HSET', control, 'n', seq)
  return from
end

-- An id begins with the name of its collection, which plain keys do not have.
local function collectionOf(id) return string.match(id, '^([^:]*):') or '' end

local stepNumber
local function number()
  stepNumber = stepNumber or raise(1)
  return stepNumber
end

local function changed(item, at, mode)
  redis.call('ZADD', numbers, at, item.bucket)
  local ids = mode == 'expire' and expired or deleted
  ids[#ids + 1] = item.id
end

-- Of all items, the first under the number \`from\`, each next one \`step\` higher: answers them as text.
local function changedAll(from, step, mode)
  local SLICE, texts = 1000, {}
  local ids = mode == 'expire' and expired or deleted
  local before = #ids
  local at = step == 0 and digits(from)
  for start = 1, #items, SLICE do
    local pairs, place = {}, 0
    for i = start, math.min(start + SLICE - 1, #items) do
      local item, text = items[i], at or digits(from + (i - 1) * step)
      texts[i], ids[before + i] = text, item.id
      pairs[place + 1], pairs[place + 2] = text, item.bucket
      place = place + 2
    end
    redis.call('ZADD', numbers, unpack(pairs))
  end
  return texts
end

local KINDS = {
  k = 'keys', t = 'tag', a = 'all-tags', o = 'collection', p = 'pattern', f = 'floor',
}
local function tellStream()
  if eventsMax == '' then return end
  for _, change in ipairs(told) do
    redis.pcall('XADD', events, 'MAXLEN', '~', eventsMax, '*', 'shard', shard, 'epoch', epoch,
      'sequence', digits(seq), 'kind', KINDS[string.sub(change, 3, 3)], 'what', change)
  end
end

local function finish()
  -- An empty table would be an object.
  local ended = #released > 0 and cjson.encode(released) or '[]'
  if #deleted > 0 then
    told[#told + 1] = '["k","d",' .. cjson.encode(deleted) .. ']'
  end
  if #expired > 0 then
    told[#told + 1] = '["k","e",' .. cjson.encode(expired) .. ']'
  end
  if first and tonumber(shard) >= 0 then
    local range = digits(first) .. ',' .. digits(seq)
    local changes = '[' .. table.concat(told, ',') .. ']'
    redis.pcall('PUBLISH', channel, '[${PROTOCOL_VERSION},"c",' .. shard .. ',' .. cjson.encode(epoch) .. ','
      .. range .. ',' .. changes .. ',' .. ended .. ','
      .. cjson.encode(string.sub(session, -${sessionMark.length})) .. ',' .. digits(now) .. ']')
    tellStream()
  elseif #released > 0 then
    redis.pcall('PUBLISH', channel, '[${PROTOCOL_VERSION},"r",' .. ended .. ']')
  end
end
`
