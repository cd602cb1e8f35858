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
  readonly itemArgs: 'id' | 'bucket'
}

export const invalidateKeysScript: StepScript<InvalidateKeysNames, readonly boolean[]> = defineStep<
  InvalidateKeysNames,
  readonly boolean[]
>({
  name: 'invalidate-keys',
  args: ['mode'],
  item: { keys: ['entry', 'lease'], args: ['id', 'bucket'] },
  whenFull: 'runs',
  order: 'numbered',
  parts: ['entries', 'tags', 'leases', 'intents', 'glob', 'judge'],
  body: `
    if #items == 0 then return {} end
    local answers, gone, met, at = {}, {}, {}, number()
    local stored = allStored('entry')
    for i, item in ipairs(items) do
      -- Of a key that is named twice, the second finds what the first has left: nothing that is told of.
      local entry = not met[item.entry] and parse(stored[i])
      met[item.entry] = true
      -- Only a write that stands there is looked at closely; it may have to be ended.
      if entry and entry.kind == INTENT then entry = load(item) end
      local servable = judge(item, entry) ~= nil
      if entry and entry.kind == DIRTY then
        if mode == 'delete' then mark(item, entry) end
      elseif servable and mode == 'expire' then
        putTimes(item, entry, at, math.min(entry.freshUntil, now), graceOf(entry))
      elseif entry == nil or (entry and entry.kind ~= INTENT) then
        gone[#gone + 1] = item.entry
      end
      answers[i] = servable and 1 or 0
    end
    unlinkAll(gone)
    endLeases()
    changedAll(at, 0, mode)
    return answers`,
  read: readFlags,
})
