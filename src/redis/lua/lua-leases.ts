/**
 * Leases, for scripts.
 *
 * Those who waited for one that has run out are told when another takes its place.
 *
 * A lease is text: whether somebody was told to wait for it (`1` or `0`), the number of its grant,
 * its epoch and its token. Ids that are waited for stand in a set too, for removals that end leases
 * without naming them. A lease stands unless its epoch is over, or everything, its collection or a
 * pattern was removed after its grant. `number` and `raise` come from `luaChanges`, what `endLeases` calls from
 * `luaEntries`.
 */
export const luaLeases: string = `
local function leaseOf(item)
  local text = redis.call('GET', item.lease)
  if not text then return nil end
  local grant, granted, token = string.match(text, '^[01] (%d+) (%S+) (.*)$')
  grant = tonumber(grant)
  if not grant or granted ~= epoch or grant < leaseFloor or grant > seq then return nil end
  local removed = redis.call('ZSCORE', numbers, 'c:' .. collectionOf(item.id))
  if removed and tonumber(removed) > grant then return nil end
  return { grant = grant, token = token, awaited = string.byte(text) == 49 }
end

local function putLease(item, token, grant, lifeMs)
  local text = '0 ' .. digits(grant) .. ' ' .. epoch .. ' ' .. token
  redis.call('SET', item.lease, text, 'PX', lifeMs)
end

local function release(id)
  redis.call('SREM', awaited, id)
  released[#released + 1] = id
end

local function endLease(item)
  local text = redis.call('GET', item.lease)
  if not text then return end
  redis.call('UNLINK', item.lease)
  if string.byte(text) == 49 then release(item.id) end
end

-- Of all items at once: what is called costs more than what is done.
local function endLeases()
  local ended = {}
  for i, text in ipairs(allStored('lease')) do
    if text then
      local item = items[i]
      ended[#ended + 1] = item.lease
      if string.byte(text) == 49 then release(item.id) end
    end
  end
  unlinkAll(ended)
end

local function awaitLease(item)
  redis.call('SETRANGE', item.lease, 0, '1')
  redis.call('SADD', awaited, item.id)
  redis.call('PEXPIRE', awaited, 600000)
end

local function releaseOverdue(item)
  if redis.call('SISMEMBER', awaited, item.id) == 0 then return end
  release(item.id)
end

local function releaseAwaited(collection)
  for _, id in ipairs(redis.call('SMEMBERS', awaited)) do
    if not collection or collectionOf(id) == collection then release(id) end
  end
end
`
