/** Which keys have a value that may be served, fresh or in grace. Changes nothing. */

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
    local answers = {}
    for i, item in ipairs(items) do
      answers[i] = judge(item, parse(redis.call('GET', item.entry))) and 1 or 0
    end
    return answers`,
  read: readFlags,
})
