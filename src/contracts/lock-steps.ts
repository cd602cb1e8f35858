/**
 * Locks that processes share, as atomic steps of the shared tier.
 *
 * They are advisory: a holder that was paused beyond its expiry still believes in its lock. What makes
 * them safe is the token, which grows with each grant, checked by whatever is written to.
 */

export interface LockRequest {
  /** All or none. At least one, at most 100, each once. */
  readonly names: readonly string[]
  /** Who asks: new for each attempt to hold them. Asked again, a grant that stands is answered again. */
  readonly owner: string
  readonly ttlMs: number
}

export type LockAnswer =
  | {
      readonly kind: 'granted'
      /** Greater than that of every grant before it, of any name. */
      readonly token: bigint
    }
  /** `remainingMs`: until the first of those that are held ends by itself. */
  | { readonly kind: 'held'; readonly remainingMs: number }

/** @throws TierError from every step if the tier cannot be asked. */
export interface LockSteps {
  acquire(request: LockRequest): Promise<LockAnswer>
  /** A new expiry from now. `false`: not all of them are held by this owner any more; nothing changed. */
  renew(request: LockRequest): Promise<boolean>
  /** Gives back those that this owner still holds; others are left alone. */
  release(request: Pick<LockRequest, 'names' | 'owner'>): Promise<void>
  /** Milliseconds until it ends by itself; `undefined`: nobody holds it. */
  remaining(name: string): Promise<number | undefined>
}
