/**
 * Writes to the source that are under way, for scripts. Whoever meets one past its deadline ends it,
 * and removes the tags that its writer would have removed.
 */
export const luaIntents: string = String.raw`
local function putIntents(item, tokens)
  if #tokens == 0 then
    redis.call('UNLINK', item.entry)
    redis.call('ZREM', due, item.id)
    return
  end
  local parts, soonest = { '\247e\1\2' .. struct.pack('<H', #tokens) }, math.huge
  for i, one in ipairs(tokens) do
    soonest = math.min(soonest, one.deadline)
    parts[i + 1] = struct.pack('<ddB', one.deadline, one.number, #one.epoch) .. one.epoch
      .. struct.pack('<H', #one.token) .. one.token .. packTags(one.tags)
  end
  redis.call('SET', item.entry, table.concat(parts))
  redis.call('ZADD', due, soonest, item.id)
end

local function reap(item, entry)
  local standing, tags = {}, {}
  for _, one in ipairs(entry.tokens) do
    if now < one.deadline then
      standing[#standing + 1] = one
    else
      for _, tag in ipairs(one.tags) do tags[#tags + 1] = tag end
    end
  end
  if #standing == #entry.tokens then return entry end
  local at = number()
  putIntents(item, standing)
  endLease(item)
  tagSteps().remove(tags, 'delete')
  changed(item, at, 'delete')
  if #standing == 0 then return nil end
  return { kind = INTENT, tokens = standing }
end

local function load(item)
  local entry = parse(redis.call('GET', item.entry))
  if entry and entry.kind == INTENT then return reap(item, entry) end
  return entry
end
`
