/**
 * Which keys have a value that may be served, fresh or in grace; a removal that waits has none. Changes
 * nothing.
 */

import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'
import { readFlags } from './read-flags.ts'

export interface PresentNames {
  readonly keys: ShardKey
  readonly args: ShardArg
  readonly itemKeys: 'entry'
  readonly itemArgs: 'id'
}

export const presentScript: StepScript<PresentNames, readonly boolean[]> = defineStep<
  PresentNames,
  readonly boolean[]
>({
  name: 'present',
  item: { keys: ['entry'], args: ['id'] },
  whenFull: 'runs',
  order: 'none',
  parts: ['entries', 'glob', 'judge'],
  body: `
    local answers, REMOVE = {}, 2
    for i, item in ipairs(items) do
      local entry = parse(redis.call('GET', item.entry))
      local isRemoval = entry and entry.kind == DIRTY and entry.op == REMOVE
      answers[i] = not isRemoval and judge(item, entry) and 1 or 0
    end
    return answers`,
  read: readFlags,
})
