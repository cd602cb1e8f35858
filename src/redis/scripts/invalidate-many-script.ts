/**
 * Makes many entries unservable in a bounded number of writes: by tags, by sets of tags, a whole
 * collection, or everything.
 */

import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'

export interface InvalidateManyNames {
  readonly keys: ShardKey
  /** `tags`: packed, of `any` each, of `all` sorted. `collection`: for that kind. */
  readonly args: ShardArg | 'kind' | 'mode' | 'tags' | 'collection'
  readonly itemKeys: never
  readonly itemArgs: never
}

export const invalidateManyScript: StepScript<InvalidateManyNames, undefined> = defineStep<
  InvalidateManyNames,
  undefined
>({
  name: 'invalidate-many',
  args: ['kind', 'mode', 'tags', 'collection'],
  item: { keys: [], args: [] },
  whenFull: 'runs',
  order: 'numbered',
  parts: ['entries', 'tags', 'leases'],
  body: `
    if kind == 'any' then
      tagSteps().remove(tagsOf(tags), mode)
    elseif kind == 'all' then
      tagSteps().removeAllOf(tagsOf(tags))
    elseif kind == 'collection' then
      redis.call('ZADD', numbers, number(), 'c:' .. collection)
      told[#told + 1] = '["o",' .. cjson.encode(collection) .. ']'
      releaseAwaited(collection)
    else
      local at = number()
      redis.call('HSET', control, 'f', at, 'l', at)
      told[#told + 1] = '["f"]'
      releaseAwaited(nil)
    end
    return 0`,
  read: () => undefined,
})
