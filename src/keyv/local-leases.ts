/** The right to load a key, in this process alone: others load for themselves. */

import type { SharedKey } from '../contracts/shared-tier.ts'

export interface Lease {
  readonly collection: string
  readonly token: string
  /** The number that the load's value will have. */
  readonly grant: number
  /** What stood under the key when the load began: a fill finds the same, or somebody has come between. */
  readonly seen: unknown
  /** Of the clock that never goes back. */
  readonly until: number
}

/** Loads under way are as many as the callers that wait, and leases that are not renewed end after 10 s. */
export class LocalLeases {
  readonly #leases = new Map<string, Lease>()
  readonly #monotonic: () => number

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
  }

  of(id: string): Lease | undefined {
    const lease = this.#leases.get(id)
    if (lease === undefined || this.#monotonic() < lease.until) return lease
    this.#leases.delete(id)
    return undefined
  }

  grant(
    { id, collection }: Pick<SharedKey, 'id' | 'collection'>,
    { token, grant, seen, leaseMs }: LeaseRequest,
  ): Lease {
    const lease = { collection, token, grant, seen, until: this.#monotonic() + leaseMs }
    // In the order of their ends, so that those of loads that never ended are swept.
    this.#leases.delete(id)
    this.#leases.set(id, lease)
    for (const [oldest, { until }] of this.#leases) {
      if (this.#monotonic() < until) break
      this.#leases.delete(oldest)
    }
    return lease
  }

  /** One that has ended does not stand again. */
  renew(
    id: string,
    {
      token,
      grant,
      leaseMs,
    }: { readonly token: string; readonly grant: number | undefined; readonly leaseMs: number },
  ): void {
    const lease = this.of(id)
    if (lease?.token !== token || lease.grant !== grant) return
    this.#leases.delete(id)
    this.#leases.set(id, { ...lease, until: this.#monotonic() + leaseMs })
  }

  revoke(id: string): void {
    this.#leases.delete(id)
  }

  /** Of one collection, or all. */
  revokeAll(collection?: string): void {
    for (const [id, lease] of this.#leases) {
      if (collection === undefined || lease.collection === collection) this.#leases.delete(id)
    }
  }

  /** Ends the lease if it is this one; answers it then. */
  end(id: string, token: string, grant?: number): Lease | undefined {
    const lease = this.of(id)
    if (lease?.token !== token || (grant !== undefined && lease.grant !== grant)) return undefined
    this.#leases.delete(id)
    return lease
  }

  remainingMs({ until }: Lease): number {
    return Math.max(1, until - this.#monotonic())
  }
}

interface LeaseRequest {
  readonly token: string
  readonly grant: number
  readonly seen: unknown
  readonly leaseMs: number
}
