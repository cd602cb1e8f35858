/**
 * Removes values that nobody may be served any more: those that a sweep came by, looked at again.
 *
 * `below`: values with an older stamp, which a pattern matched. Empty: whatever does not stand.
 * Intents and foreign bytes are left alone, and of a write that waits it is noted.
 */

import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'

export interface SweepNames {
  readonly keys: ShardKey
  readonly args: ShardArg | 'below'
  readonly itemKeys: 'entry'
  readonly itemArgs: 'id'
}

export const sweepScript: StepScript<SweepNames, undefined> = defineStep<SweepNames, undefined>({
  name: 'sweep',
  args: ['below'],
  item: { keys: ['entry'], args: ['id'] },
  whenFull: 'runs',
  order: 'none',
  parts: ['entries', 'glob', 'judge'],
  body: `
    local stamp = tonumber(below)
    for _, item in ipairs(items) do
      local entry = parse(redis.call('GET', item.entry))
      if entry and entry.kind == VALUE
        and (entry.stamp < (stamp or 0) or (not stamp and not judge(item, entry))) then
        redis.call('UNLINK', item.entry)
      elseif entry and entry.kind == DIRTY and entry.stamp < (stamp or 0) then
        mark(item, entry)
      end
    end
    return 0`,
  read: () => undefined,
})
