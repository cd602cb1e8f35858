/**
 * A session ends: nobody is to wait for it any more. Noted, and not removed, since one of its beats may
 * still arrive; `follow-script.ts` forgets it as it forgets standings.
 */

import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'

export interface LeaveNames {
  readonly keys: ShardKey | 'instances'
  readonly args: ShardArg
  readonly itemKeys: never
  readonly itemArgs: never
}

export const leaveScript: StepScript<LeaveNames, undefined> = defineStep<LeaveNames, undefined>({
  name: 'leave',
  keys: ['instances'],
  item: { keys: [], args: [] },
  whenFull: 'runs',
  whenMoved: 'runs',
  order: 'none',
  parts: [],
  body: `
    redis.call('HSET', instances, session, digits(now) .. ' left')
    return 0`,
  read: () => undefined,
})
