/** Ends the writes of those who died: `follow` names the keys whose deadlines have passed. */

import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'

export interface ReapNames {
  readonly keys: ShardKey
  readonly args: ShardArg
  readonly itemKeys: 'entry' | 'lease'
  readonly itemArgs: 'id' | 'bucket'
}

export const reapScript: StepScript<ReapNames, undefined> = defineStep<ReapNames, undefined>({
  name: 'reap',
  item: { keys: ['entry', 'lease'], args: ['id', 'bucket'] },
  whenFull: 'runs',
  order: 'none',
  parts: ['entries', 'tags', 'leases', 'intents'],
  body: `
    for _, item in ipairs(items) do
      local entry = load(item)
      if not entry or entry.kind ~= INTENT then redis.call('ZREM', due, item.id) end
    end
    return 0`,
  read: () => undefined,
})
