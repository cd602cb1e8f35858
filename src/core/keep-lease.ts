/**
 * The lease of a load, renewed for as long as the load runs: a lease is short, so that one whose holder has
 * died ends soon, and a load may be long.
 */

import type { SharedKey } from '../contracts/shared-tier.ts'
import type { LoadRight } from './commit.ts'
import type { Engine } from './engine.ts'
import type { Flight } from './flight.ts'
import { LEASE_MS } from './shared-access.ts'

/** As locks are: one renewal may be lost. */
const RENEW_MS = LEASE_MS / 3

/** Until the answer is called, or the load is given up: one that never settles must not hold up other processes. */
export function keepLease(
  { shared, clock, background, onClose }: Engine,
  { abandonedAt }: Pick<Flight, 'abandonedAt'>,
  { key, right }: { readonly key: SharedKey; readonly right: LoadRight },
): () => void {
  if (right.kind !== 'leased' || shared === undefined) return () => {}
  const { access } = shared
  const { token, grant } = right
  let cancel = clock.schedule(RENEW_MS, renew, 'upkeep')
  function renew(): void {
    if (clock.monotonic() >= abandonedAt) return
    cancel = clock.schedule(RENEW_MS, renew, 'upkeep')
    background.run('renew', access.renewLease({ ...key, token, grant }))
  }
  // A loader may ignore that it was aborted.
  const forget = onClose(() => cancel())
  return () => {
    cancel()
    forget()
  }
}
