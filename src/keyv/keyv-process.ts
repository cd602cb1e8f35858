/** What the caches of one name in this process share on one store: between them, steps are in turn. */

import type { SharedTierContext } from '../contracts/shared-tier.ts'
import { ChangeNumbers } from './change-numbers.ts'
import type { KeyvLike } from './keyv-like.ts'
import { LocalLeases } from './local-leases.ts'
import { LocalLocks } from './local-locks.ts'
import { StoreAccess } from './store-access.ts'

export interface KeyvProcess {
  readonly access: StoreAccess
  readonly numbers: ChangeNumbers
  readonly leases: LocalLeases
  readonly locks: LocalLocks
}

export function keyvProcess(store: KeyvLike, { name, clock }: SharedTierContext): KeyvProcess {
  const monotonic = (): number => clock.monotonic()
  const now = (): number => clock.now()
  const numbers = new ChangeNumbers(now)
  return {
    access: new StoreAccess(store, `tiercel:${name}:`, now),
    numbers,
    leases: new LocalLeases(monotonic),
    locks: new LocalLocks(monotonic, numbers),
  }
}
