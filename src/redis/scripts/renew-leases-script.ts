/** Prolongs leases of loads that take longer than a lease lasts; one that has ended does not stand again. */

import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'

export interface RenewLeasesNames {
  readonly keys: ShardKey
  readonly args: ShardArg | 'leaseMs'
  readonly itemKeys: 'lease'
  readonly itemArgs: 'id' | 'token' | 'grant'
}

export const renewLeasesScript: StepScript<RenewLeasesNames, undefined> = defineStep<
  RenewLeasesNames,
  undefined
>({
  name: 'renew-leases',
  args: ['leaseMs'],
  item: { keys: ['lease'], args: ['id', 'token', 'grant'] },
  whenFull: 'runs',
  order: 'none',
  parts: ['leases'],
  body: `
    for _, item in ipairs(items) do
      local held = leaseOf(item)
      if held and held.token == item.token and held.grant == tonumber(item.grant) then
        redis.call('PEXPIRE', item.lease, leaseMs)
      end
    end
    return 0`,
  read: () => undefined,
})
