/**
 * Whether a value still stands, for scripts: by floors, tags, sets of tags, its collection and the
 * patterns whose sweep has not come to its end. `stands`, `expired` (from grace only), or nil.
 *
 * An ended pattern judges nothing here: its sweep has removed what it matched, and no load that
 * began before it can store. Followers go on judging by it, since they may have missed its hint.
 */
export const luaJudge: string = `
local activePatterns
local function activeOf(collection, stamp)
  if not patterns then return {} end
  if not activePatterns then
    activePatterns = {}
    for _, one in ipairs(cjson.decode(patterns)) do
      if one.active then activePatterns[#activePatterns + 1] = one end
    end
  end
  local later = {}
  for _, one in ipairs(activePatterns) do
    if one.collection == collection and tonumber(one.number) > stamp then
      later[#later + 1] = one
    end
  end
  return later
end

local function hasAllOf(tags, stamp)
  if allOf <= stamp or #tags == 0 then return false end
  local carried, fields = {}, {}
  for i, tag in ipairs(tags) do
    carried[tag] = true
    fields[i] = 'a:' .. tag
  end
  for _, sets in ipairs(redis.call('HMGET', control, unpack(fields))) do
    local at = 1
    while sets and at <= #sets do
      local removed, set
      removed, at = struct.unpack('<d', sets, at)
      if removed <= stamp then break end
      set, at = tagsAt(sets, at)
      local all = true
      for _, tag in ipairs(set) do all = all and carried[tag] end
      if all then return true end
    end
  end
  return false
end

local function standing(item, stamp, tags)
  if stamp < floor or stamp > seq or (#tags > 0 and stamp < taggedFloor) then return nil end
  local members = { 'c:' .. collectionOf(item.id) }
  for _, tag in ipairs(tags) do
    members[#members + 1] = 't:' .. tag
    members[#members + 1] = 'x:' .. tag
  end
  local verdict = 'stands'
  for i, at in ipairs(redis.call('ZMSCORE', numbers, unpack(members))) do
    if at and tonumber(at) > stamp then
      if i == 1 or i % 2 == 0 then return nil end
      verdict = 'expired'
    end
  end
  if hasAllOf(tags, stamp) then return nil end
  local later = activeOf(collectionOf(item.id), stamp)
  if #later > 0 then
    local text = string.match(item.id, '^[^:]*:[snb]%d+:(.*)$')
    local glob = globSteps()
    for _, one in ipairs(later) do
      if not text then return nil end
      if glob.matches(glob.parse(one.pattern), glob.characters(text)) then return nil end
    end
  end
  return verdict
end

local function graceOf(entry)
  if entry.freshUntil == math.huge then return entry.graceUntil end
  return math.min(entry.graceUntil, now + entry.graceUntil - entry.freshUntil)
end

local function judge(item, entry)
  if entry and entry.kind == DIRTY then return 'stands' end
  if not entry or entry.kind ~= VALUE or entry.epoch ~= epoch or entry.graceUntil <= now then
    return nil
  end
  local verdict = standing(item, entry.stamp, entry.tags)
  if verdict == 'expired' and graceOf(entry) <= now then return nil end
  return verdict
end
`
