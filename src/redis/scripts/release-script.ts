/** Gives leases back whose loads brought nothing to store, and wakes who waits for them. */

import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'

export interface ReleaseNames {
  readonly keys: ShardKey
  readonly args: ShardArg
  readonly itemKeys: 'lease'
  readonly itemArgs: 'id' | 'token' | 'grant'
}

export const releaseScript: StepScript<ReleaseNames, undefined> = defineStep<
  ReleaseNames,
  undefined
>({
  name: 'release',
  item: { keys: ['lease'], args: ['id', 'token', 'grant'] },
  whenFull: 'runs',
  order: 'none',
  parts: ['leases'],
  body: `
    for _, item in ipairs(items) do
      local held, grant = leaseOf(item), tonumber(item.grant)
      if held and held.token == item.token and (not grant or held.grant == grant) then
        endLease(item)
      end
    end
    return 0`,
  read: () => undefined,
})
