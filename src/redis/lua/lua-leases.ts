/**
 * Leases, for scripts.
 *
 * Those who waited for one that has run out are told when another takes its place.
 *
 * A lease is text: whether somebody was told to wait for it (`1` or `0`), the number of its grant,
 * its epoch and its token. Ids that are waited for stand in a set too, for removals that end leases
 * without naming them. A lease stands unless its epoch is over, or everything, its collection or a
 * pattern was removed after its grant. `number` and `raise` come from `luaChanges`.
 */
export const luaLeases: string = `
local function leaseOf(item)
  local text = redis.call('GET', item.lease)
  if not text then return nil end
  local grant, granted, token = string.match(text, '^[01] (%d+) (%S+) (.*)$')
  grant = tonumber(grant)
  if not grant or granted ~= epoch or grant < leaseFloor or grant > seq then return nil end
  local removed = redis.call('ZSCORE', numbers, 'c:' .. collectionOf(item))
  if removed and tonumber(removed) > grant then return nil end
  return { grant = grant, token = token, awaited = string.byte(text) == 49 }
end

local function putLease(item, token, grant, lifeMs)
  local text = '0 ' .. digits(grant) .. ' ' .. epoch .. ' ' .. token
  redis.call('SET', item.lease, text, 'PX', lifeMs)
end

local function endLease(item)
  local text = redis.call('GET', item.lease)
  if not text then return end
  redis.call('UNLINK', item.lease)
  if string.byte(text) == 49 then
    redis.call('SREM', awaited, item.id)
    released[#released + 1] = item.id
  end
end

-- Of all items at once: what is called costs more than what is done.
local function endLeases()
  local SLICE = 1000
  for start = 1, #items, SLICE do
    local ended = {}
    local texts = redis.call('MGET', column('lease', start, math.min(start + SLICE - 1, #items)))
    for j = 1, #texts do
      local text = texts[j]
      if text then
        local item = items[start + j - 1]
        ended[#ended + 1] = item.lease
        if string.byte(text) == 49 then
          redis.call('SREM', awaited, item.id)
          released[#released + 1] = item.id
        end
      end
    end
    if #ended > 0 then redis.call('UNLINK', unpack(ended)) end
  end
end

local function awaitLease(item)
  redis.call('SETRANGE', item.lease, 0, '1')
  redis.call('SADD', awaited, item.id)
  redis.call('PEXPIRE', awaited, 600000)
end

local function releaseOverdue(item)
  if redis.call('SISMEMBER', awaited, item.id) == 0 then return end
  redis.call('SREM', awaited, item.id)
  released[#released + 1] = item.id
end

local function releaseAwaited(collection)
  for _, id in ipairs(redis.call('SMEMBERS', awaited)) do
    if not collection or string.match(id, '^([^:]*):') == collection then
      redis.call('SREM', awaited, id)
      released[#released + 1] = id
    end
  end
end
`
