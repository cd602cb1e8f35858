/**
 * Deletes or expires keys, and tells which had an entry that could have been served.
 *
 * Intents stay, and lose their lease: what their writer leaves in the end may be older. An expired
 * entry takes the number of this step for its stamp, so that a renewal on its way meets another one.
 */

import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'
import { readFlags } from './read-flags.ts'

export interface InvalidateKeysNames {
  readonly keys: ShardKey
  readonly args: ShardArg | 'mode'
  readonly itemKeys: 'entry' | 'lease'
  readonly itemArgs: 'id' | 'collection' | 'bucket'
}

export const invalidateKeysScript: StepScript<InvalidateKeysNames, readonly boolean[]> = defineStep<
  InvalidateKeysNames,
  readonly boolean[]
>({
  name: 'invalidate-keys',
  args: ['mode'],
  item: { keys: ['entry', 'lease'], args: ['id', 'collection', 'bucket'] },
  whenFull: 'runs',
  order: 'numbered',
  parts: ['entries', 'tags', 'leases', 'intents', 'glob', 'judge'],
  body: `
    local answers, at = {}, #items > 0 and number()
    for i, item in ipairs(items) do
      local entry = load(item)
      local servable = judge(item, entry) ~= nil
      if servable and mode == 'expire' then
        putTimes(item, entry, at, math.min(entry.freshUntil, now), graceOf(entry))
      elseif entry and entry.kind ~= INTENT then
        redis.call('UNLINK', item.entry)
      end
      endLease(item)
      changed(item, at, mode)
      answers[i] = servable and 1 or 0
    end
    return answers`,
  read: readFlags,
})
