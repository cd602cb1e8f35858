/** Gives entries a new life, if they are still the ones that were seen. Changes no number. */

import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'
import { readFlags } from './read-flags.ts'

export interface TouchNames {
  readonly keys: ShardKey
  readonly args: ShardArg
  readonly itemKeys: 'entry' | 'lease'
  readonly itemArgs: 'id' | 'bucket' | 'seenEpoch'
  readonly itemNumbers: 'seenStamp' | 'ttl' | 'grace'
}

/** Answers which entries were touched. */
export const touchScript: StepScript<TouchNames, readonly boolean[]> = defineStep<
  TouchNames,
  readonly boolean[]
>({
  name: 'touch',
  item: {
    keys: ['entry', 'lease'],
    args: ['id', 'bucket', 'seenEpoch'],
    numbers: ['seenStamp', 'ttl', 'grace'],
  },
  whenFull: 'refused',
  order: 'numbered',
  parts: ['entries', 'tags', 'leases', 'intents', 'glob', 'judge'],
  body: `
    local answers = {}
    for i, item in ipairs(items) do
      local entry = load(item)
      local same = entry and entry.kind == VALUE and entry.epoch == item.seenEpoch
        and entry.stamp == item.seenStamp and judge(item, entry) == 'stands'
      if same then renew(item, entry, entry.stamp) end
      answers[i] = same and 1 or 0
    end
    return answers`,
  read: readFlags,
})
