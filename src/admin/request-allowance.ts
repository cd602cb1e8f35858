/** How much one address may ask for: so many in a second on average, so many at once. */

import type { Clock } from '../contracts/clock.ts'

export interface Allowance {
  readonly perSecond: number
  readonly atOnce: number
}

interface Bucket {
  left: number
  filledAt: number
}

/** Addresses are remembered for as long as they have something to regain; of more, the oldest are not. */
const ADDRESSES = 10_000

export class RequestAllowance {
  readonly #clock: Clock
  readonly #allowance: Allowance
  /** In the order of their last use. */
  readonly #buckets = new Map<string, Bucket>()

  constructor(clock: Clock, allowance: Allowance) {
    this.#clock = clock
    this.#allowance = allowance
  }

  /** Takes one, if there is one. `retryAfterMs`: 0, or when there will be. */
  take(remoteAddress: string): number {
    return this.#settle(remoteAddress, 1)
  }

  /** The same without taking it. */
  look(remoteAddress: string): number {
    return this.#settle(remoteAddress, 0)
  }

  #settle(remoteAddress: string, taken: number): number {
    const { perSecond, atOnce } = this.#allowance
    const address = networkOf(remoteAddress)
    const now = this.#clock.monotonic()
    const before = this.#buckets.get(address)
    const gained = before === undefined ? atOnce : ((now - before.filledAt) * perSecond) / 1000
    const left = Math.min(atOnce, (before?.left ?? 0) + gained)
    const bucket = { left: left >= 1 ? left - taken : left, filledAt: now }
    this.#buckets.delete(address)
    if (bucket.left < atOnce) this.#buckets.set(address, bucket)
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size <= ADDRESSES) break
      this.#buckets.delete(oldest)
    }
    return left >= 1 ? 0 : Math.ceil(((1 - left) * 1000) / perSecond)
  }
}

/** Of IPv6, whoever has one address has 2^64 of them: the first four groups count. */
function networkOf(address: string): string {
  const isMapped = address.startsWith('::ffff:')
  if (!address.includes(':') || isMapped) return isMapped ? address.slice(7) : address
  const [head = '', tail = ''] = address.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === '' ? [] : tail.split(':')
  const missing = address.includes('::') ? Math.max(0, 8 - before.length - after.length) : 0
  const zeros = Array.from({ length: missing }, () => '0')
  return [...before, ...zeros, ...after].slice(0, 4).join(':')
}
