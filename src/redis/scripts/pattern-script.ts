/**
 * A pattern begins to judge, and ends.
 *
 * It begins with a floor under all leases, so that no load under way can store what it removes. It
 * ends when its sweep has removed what it matches; its number is kept like a tag's. At most 100 are
 * kept in all, and forgetting one puts a floor under everything that it may have judged.
 */

import type { RedisReply } from '../connection/redis-connection.ts'
import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'

export interface PatternNames {
  readonly keys: ShardKey
  readonly args: ShardArg | 'collection' | 'pattern' | 'ends'
  readonly itemKeys: never
  readonly itemArgs: never
}

const args = ['collection', 'pattern', 'ends'] as const

const LIST = `
    local list = patterns and cjson.decode(patterns) or {}
    local name = collection .. ':' .. pattern
    local function save()
      patterns = #list > 0 and cjson.encode(list) or false
      if patterns then redis.call('HSET', control, 'P', patterns)
      else redis.call('HDEL', control, 'P') end
    end`

const BEGIN = `${LIST}
    local at = number()
    leaseFloor = at
    redis.call('HSET', control, 'l', at)
    local others = {}
    for _, one in ipairs(list) do
      if one.collection ~= collection or one.pattern ~= pattern then others[#others + 1] = one end
    end
    list = others
    list[#list + 1] = { number = digits(at), collection = collection, pattern = pattern, active = true }
    redis.call('ZREM', numbers, 'p:' .. name)
    redis.call('ZADD', numbers, at, 'P:' .. name)
    while #list > 100 do
      local gone = table.remove(list, 1)
      local text = gone.collection .. ':' .. gone.pattern
      redis.call('ZREM', numbers, 'p:' .. text, 'P:' .. text)
      floor = math.max(floor, tonumber(gone.number))
      redis.call('HSET', control, 'f', floor)
    end
    save()
    told[#told + 1] = '["p",' .. cjson.encode(collection) .. ',' .. cjson.encode(pattern) .. ',1]'
    releaseAwaited(nil)
    return 0`

const END = `${LIST}
    for _, one in ipairs(list) do
      if one.collection == collection and one.pattern == pattern and one.number == ends then
        one.active = false
        redis.call('ZREM', numbers, 'P:' .. name)
        redis.call('ZADD', numbers, tonumber(ends), 'p:' .. name)
        save()
      end
    end
    return 0`

const read = (_: RedisReply): undefined => undefined

export const patternScript: {
  readonly begin: StepScript<PatternNames, undefined>
  readonly end: StepScript<PatternNames, undefined>
} = {
  begin: defineStep<PatternNames, undefined>({
    name: 'invalidate-pattern',
    args,
    item: { keys: [], args: [] },
    whenFull: 'runs',
    order: 'numbered',
    parts: ['leases'],
    body: BEGIN,
    read,
  }),
  end: defineStep<PatternNames, undefined>({
    name: 'end-pattern',
    args,
    item: { keys: [], args: [] },
    whenFull: 'runs',
    order: 'none',
    parts: ['leases'],
    body: END,
    read,
  }),
}
