/**
 * Numbers of tags, of sets of tags and of patterns, for scripts: noted, told, and forgotten where
 * there are too many. Whatever is forgotten becomes a floor or a wider removal, never nothing.
 *
 * A set of tags stands in the control record under its first tag, the latest removal first, so that
 * judging one entry looks at the sets that begin with one of its tags and left after it was written.
 * `tagSteps` makes the functions only where they are called: what a script defines costs time in each run.
 */
export const luaTags: string = `
local function tagSteps()
  local MAX_TAGS, MAX_SETS, FORGOTTEN_AT_ONCE = 10000, 1000, 500

  local function oldest(prefixes, count)
    local found, from, step = {}, 0, count
    while #found < count do
      local page = redis.call('ZRANGE', numbers, from, from + step - 1, 'WITHSCORES')
      if #page == 0 then break end
      for i = 1, #page, 2 do
        if prefixes[string.sub(page[i], 1, 2)] and #found < count then
          found[#found + 1] = { member = page[i], number = tonumber(page[i + 1]) }
        end
      end
      from, step = from + step, math.min(step * 2, 1000)
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

  local function withoutSet(sets, packed)
    local at = 1
    while at <= #sets do
      local _, past = tagsAt(sets, at + 8)
      if string.sub(sets, at + 8, past - 1) == packed then
        return string.sub(sets, 1, at - 1) .. string.sub(sets, past)
      end
      at = past
    end
    return sets
  end

  local function forgetSets()
    for _, one in ipairs(oldest({ ['a:'] = true }, 1)) do
      local packed = string.sub(one.member, 3)
      local first = tagsOf(packed)[1]
      local field = 'a:' .. first
      local sets = withoutSet(redis.call('HGET', control, field) or '', packed)
      if sets == '' then
        redis.call('HDEL', control, field)
      else
        redis.call('HSET', control, field, sets)
      end
      redis.call('ZREM', numbers, one.member)
      redis.call('HINCRBY', control, 'w', -1)
      noteTag('t:' .. first, one.number)
    end
  end

  local function removeAllOf(tags)
    local at, packed, field = number(), packTags(tags), 'a:' .. tags[1]
    local isNew = redis.call('ZADD', numbers, at, 'a:' .. packed) == 1
    local sets = redis.call('HGET', control, field) or ''
    if not isNew then sets = withoutSet(sets, packed) end
    redis.call('HSET', control, field, struct.pack('<d', at) .. packed .. sets)
    allOf = at
    redis.call('HSET', control, 'm', at)
    told[#told + 1] = '["a",' .. cjson.encode(tags) .. ']'
    if isNew and redis.call('HINCRBY', control, 'w', 1) > MAX_SETS then forgetSets() end
  end
  return { remove = removeTags, removeAllOf = removeAllOf }
end
`
