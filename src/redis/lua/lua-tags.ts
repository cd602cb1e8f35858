/**
 * Numbers of tags, of sets of tags and of patterns, for scripts: noted, told, and forgotten where
 * there are too many. Whatever is forgotten becomes a floor or a wider removal, never nothing.
 *
 * A set of tags stands in the control record under its first tag, so that judging one entry looks at
 * the few sets that begin with one of its tags. `tagSteps` makes the functions only where they are
 * called: what a script defines costs time in each run.
 */
export const luaTags: string = `
local function tagSteps()
  local MAX_TAGS, MAX_SETS, FORGOTTEN_AT_ONCE = 10000, 1000, 500

  local function oldest(prefixes, count)
    local found, from = {}, 0
    while #found < count do
      local page = redis.call('ZRANGE', numbers, from, from + 999, 'WITHSCORES')
      if #page == 0 then break end
      for i = 1, #page, 2 do
        if prefixes[string.sub(page[i], 1, 2)] and #found < count then
          found[#found + 1] = { member = page[i], number = tonumber(page[i + 1]) }
        end
      end
      from = from + 1000
    end
    return found
  end

  local function noteTag(member, at)
    local known = redis.call('ZSCORE', numbers, member)
    if known and tonumber(known) >= at then return end
    redis.call('ZADD', numbers, at, member)
    if known or redis.call('HINCRBY', control, 'k', 1) <= MAX_TAGS then return end
    local gone = oldest({ ['t:'] = true, ['x:'] = true }, FORGOTTEN_AT_ONCE)
    for _, one in ipairs(gone) do
      redis.call('ZREM', numbers, one.member)
      taggedFloor = math.max(taggedFloor, one.number)
    end
    redis.call('HSET', control, 't', taggedFloor)
    redis.call('HINCRBY', control, 'k', -#gone)
  end

  local function removeTags(tags, mode)
    local at, seen = nil, {}
    for _, tag in ipairs(tags) do
      if not seen[tag] then
        seen[tag] = true
        at = at or number()
        noteTag((mode == 'expire' and 'x:' or 't:') .. tag, at)
        told[#told + 1] = '["t","' .. string.sub(mode, 1, 1) .. '",' .. cjson.encode(tag) .. ']'
      end
    end
  end

  local function setsUnder(tag)
    local text = redis.call('HGET', control, 'a:' .. tag)
    return text and cjson.decode(text) or {}
  end

  local function putSets(tag, sets)
    if #sets == 0 then
      redis.call('HDEL', control, 'a:' .. tag)
    else
      redis.call('HSET', control, 'a:' .. tag, cjson.encode(sets))
    end
  end

  local function withoutSet(sets, tags)
    local others, joined = {}, packTags(tags)
    for _, set in ipairs(sets) do
      if packTags(set.tags) ~= joined then others[#others + 1] = set end
    end
    return others
  end

  local function forgetSets()
    for _, one in ipairs(oldest({ ['a:'] = true }, 1)) do
      local tags = tagsOf(string.sub(one.member, 3))
      putSets(tags[1], withoutSet(setsUnder(tags[1]), tags))
      redis.call('ZREM', numbers, one.member)
      redis.call('HINCRBY', control, 'w', -1)
      noteTag('t:' .. tags[1], one.number)
    end
  end

  local function removeAllOf(tags)
    local at = number()
    local sets = withoutSet(setsUnder(tags[1]), tags)
    sets[#sets + 1] = { number = digits(at), tags = tags }
    putSets(tags[1], sets)
    allOf = at
    redis.call('HSET', control, 'm', at)
    told[#told + 1] = '["a",' .. cjson.encode(tags) .. ']'
    if redis.call('ZADD', numbers, at, 'a:' .. packTags(tags)) == 1
      and redis.call('HINCRBY', control, 'w', 1) > MAX_SETS then forgetSets() end
  end
  return { remove = removeTags, removeAllOf = removeAllOf }
end
`
