/**
 * The beginning of every script on a shard: the time, the control record, and a new epoch where
 * numbers could have been given out twice.
 *
 * A promoted replica, a restart and a restored file all show in the server's replication id; a lost
 * record or lost change numbers show themselves. The new epoch and its jump come from the caller,
 * since a script's own random repeats after a restart. All that was numbered before lies below the
 * new floor, so the old change numbers are dropped with it.
 *
 * Where several servers share the shards, a shard that has moved away leaves the version of the map as
 * its mark, and one that has come the version that brought it. A marked shard draws nothing by itself.
 *
 * Numbers above 1e14 lose digits in Lua's own text, so `digits` writes them where they become a part of
 * one. As arguments of commands they keep all of them, but are written out in several times the time. `%d`
 * takes half the time of `%.0f`, which is for servers where a long of C is too short for a sequence.
 */

import { PROTOCOL_VERSION } from '../protocol-version.ts'

export const luaGuard: string = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local WHOLE = string.format('%d', 2 ^ 52) == '4503599627370496' and '%d' or '%.0f'
local function digits(number) return string.format(WHOLE, number) end

local kept = redis.call('HMGET', control, 'v', 'e', 'n', 'r', 'f', 'l', 't', 'm', 'P', 'M', 'H')
if (tonumber(kept[1]) or 0) > ${PROTOCOL_VERSION} then
  return redis.error_reply('TIERCEL newer ' .. kept[1])
end
local epoch, seq, server = kept[2], tonumber(kept[3]), kept[4] or ''
local floor, leaseFloor = tonumber(kept[5]) or 0, tonumber(kept[6]) or 0
local taggedFloor, allOf, patterns = tonumber(kept[7]) or 0, tonumber(kept[8]) or 0, kept[9]
local moved, arrived = kept[10], kept[11]
local first, told, deleted, expired, released = nil, {}, {}, {}, {}

local function draw(here)
  local highest = redis.call('ZREVRANGE', numbers, 0, 0, 'WITHSCORES')[2]
  local wall = time[1] * 1000000 + time[2]
  seq = math.max(seq or 0, tonumber(highest) or 0, wall) + tonumber(jump)
  local before = redis.call('HGETALL', control)
  local fields = { 'v', ${PROTOCOL_VERSION}, 'e', drawn, 'n', seq, 'r', here, 'f', seq, 'l', seq, 't', seq }
  local history = epoch and { epoch } or {}
  for i = 1, #before, 2 do
    if string.sub(before[i], 1, 2) == 'o:' or before[i] == 'S' or before[i] == 'H' then
      fields[#fields + 1] = before[i]
      fields[#fields + 1] = before[i + 1]
    elseif before[i] == 'h' then
      for older in string.gmatch(before[i + 1], '%S+') do
        if #history < 16 then history[#history + 1] = older end
      end
    end
  end
  redis.call('UNLINK', control, numbers)
  redis.call('HSET', control, 'h', table.concat(history, ' '))
  for i = 1, #fields, 2 do redis.call('HSET', control, fields[i], fields[i + 1]) end
  redis.call('ZADD', numbers, seq, 'epoch')
  epoch, floor, leaseFloor, taggedFloor, allOf, patterns = drawn, seq, seq, seq, 0, false
  first = seq
  told[1] = '["f"]'
end

local replication = redis.pcall('INFO', 'replication')
local _, idAt = string.find(type(replication) == 'string' and replication or '', 'master_replid:', 1, true)
local here = idAt and string.match(replication, '^%x+', idAt + 1) or ''
local isDoubtful = not (epoch and seq and redis.call('ZSCORE', numbers, 'epoch'))
  or (here ~= '' and server ~= '' and here ~= server)
if isDoubtful and not moved then
  draw(here)
elseif server == '' and here ~= '' and not moved then
  redis.call('HSET', control, 'r', here)
end
`
