/**
 * Locks of this process alone. The engine takes some for work that would do no harm if it were done in
 * each process; who asks for one by `cache.lock` is refused, for it would hold nobody else.
 */

import { TierError } from '../contracts/errors.ts'
import type { LockAnswer, LockRequest, LockSteps } from '../contracts/lock-steps.ts'
import type { ChangeNumbers } from './change-numbers.ts'

interface Held {
  readonly owner: string
  readonly token: bigint
  readonly until: number
}

/** The engine has a handful. */
const MOST_HELD = 10_000

export class LocalLocks implements LockSteps {
  readonly #held = new Map<string, Held>()
  readonly #monotonic: () => number
  readonly #numbers: ChangeNumbers

  constructor(monotonic: () => number, numbers: ChangeNumbers) {
    this.#monotonic = monotonic
    this.#numbers = numbers
  }

  async acquire({ names, owner, ttlMs }: LockRequest): Promise<LockAnswer> {
    this.#sweep()
    const now = this.#monotonic()
    const foreign = names.flatMap((name) => this.#held.get(name) ?? [])
    const others = foreign.filter((lock) => lock.owner !== owner)
    if (others.length > 0) {
      return { kind: 'held', remainingMs: Math.min(...others.map(({ until }) => until)) - now }
    }
    const [own] = foreign
    if (own !== undefined && foreign.length === names.length) {
      return { kind: 'granted', token: own.token }
    }
    if (this.#held.size + names.length > MOST_HELD) {
      throw new TierError('keyv', `More than ${MOST_HELD} locks are held.`)
    }
    const token = BigInt(this.#numbers.next())
    for (const name of names) this.#held.set(name, { owner, token, until: now + ttlMs })
    return { kind: 'granted', token }
  }

  async renew({ names, owner, ttlMs }: LockRequest): Promise<boolean> {
    this.#sweep()
    if (!names.every((name) => this.#held.get(name)?.owner === owner)) return false
    const until = this.#monotonic() + ttlMs
    for (const name of names) {
      const held = this.#held.get(name)
      if (held !== undefined) this.#held.set(name, { ...held, until })
    }
    return true
  }

  async release({ names, owner }: Pick<LockRequest, 'names' | 'owner'>): Promise<void> {
    for (const name of names) {
      if (this.#held.get(name)?.owner === owner) this.#held.delete(name)
    }
  }

  async remaining(name: string): Promise<number | undefined> {
    this.#sweep()
    const held = this.#held.get(name)
    return held && held.until - this.#monotonic()
  }

  #sweep(): void {
    const now = this.#monotonic()
    for (const [name, { until }] of this.#held) if (now >= until) this.#held.delete(name)
  }
}
