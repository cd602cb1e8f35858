/**
 * The atomic steps of `LockSteps`, over rows that the caller keeps from changing meanwhile.
 *
 * Tokens are numbers of the locks' own, which nobody follows: each grant takes the next one.
 */

import type { CleanUpNote } from '../contracts/idle-steps.ts'
import type { LockAnswer, LockRequest } from '../contracts/lock-steps.ts'
import type { Random } from '../contracts/random.ts'
import type { SharedSignal } from '../contracts/shared-tier.ts'
import { firstNumber } from './first-number.ts'
import type { HeldLock, LockRows } from './lock-rows.ts'

export interface LockEngineOptions {
  readonly rows: LockRows
  /** The wall clock, epoch milliseconds: tokens begin at it. */
  readonly now: () => number
  /** See `ShardEngineOptions`. @default now */
  readonly monotonic?: () => number
  readonly random: Random
  readonly announce?: (signal: SharedSignal) => void
}

/** Locks that have ended by themselves and are removed with each grant. */
const SWEPT = 100

export class LockEngine {
  readonly #options: LockEngineOptions
  readonly #rows: LockRows

  constructor(options: LockEngineOptions) {
    this.#options = options
    this.#rows = options.rows
  }

  acquire({ names, owner, ttlMs }: LockRequest): LockAnswer {
    const tick = this.#tick()
    const standing = this.#standing(names, tick)
    const foreign = [...standing.values()].filter((lock) => lock.owner !== owner)
    if (foreign.length > 0) {
      const first = Math.min(...foreign.map(({ expiresAt }) => expiresAt))
      return { kind: 'held', remainingMs: first - tick }
    }
    // Asked again: locks of one grant have one token, and all of them still stand.
    const tokens = new Set([...standing.values()].map(({ token }) => token))
    const [known] = tokens
    if (known !== undefined && tokens.size === 1 && names.every((name) => standing.has(name))) {
      return { kind: 'granted', token: BigInt(known) }
    }
    this.#rows.sweepLocks(tick, SWEPT)
    const token = this.#nextToken()
    this.#rows.putLocks(names, { owner, token, expiresAt: tick + ttlMs })
    return { kind: 'granted', token: BigInt(token) }
  }

  renew({ names, owner, ttlMs }: LockRequest): boolean {
    const tick = this.#tick()
    const standing = this.#standing(names, tick)
    if (!names.every((name) => standing.get(name)?.owner === owner)) return false
    for (const [name, lock] of standing) {
      this.#rows.putLocks([name], { ...lock, expiresAt: tick + ttlMs })
    }
    return true
  }

  release({ names, owner }: Pick<LockRequest, 'names' | 'owner'>): void {
    const locks = this.#rows.locksOf(names)
    const own = names.filter((name) => locks.get(name)?.owner === owner)
    if (own.length === 0) return
    this.#rows.removeLocks(own)
    this.#options.announce?.({ kind: 'unlocked', names: own })
  }

  remaining(name: string): number | undefined {
    const tick = this.#tick()
    const lock = this.#standing([name], tick).get(name)
    return lock === undefined ? undefined : lock.expiresAt - tick
  }

  cleanUp(): CleanUpNote | undefined {
    return this.#rows.cleanUp()
  }

  /** `false`: one with a greater token has saved. */
  saveCleanUp(note: CleanUpNote): boolean {
    if ((this.#rows.cleanUp()?.token ?? 0) > note.token) return false
    this.#rows.putCleanUp(note)
    return true
  }

  #standing(names: readonly string[], tick: number): ReadonlyMap<string, HeldLock> {
    const locks = this.#rows.locksOf(names)
    return new Map([...locks].filter(([, { expiresAt }]) => tick < expiresAt))
  }

  #nextToken(): number {
    const { now, random } = this.#options
    const known = this.#rows.lockSequence()
    const token = known === undefined ? firstNumber({ now: now(), highest: 0, random }) : known + 1
    this.#rows.saveLockSequence(token)
    return token
  }

  #tick(): number {
    const { now, monotonic = now } = this.#options
    return monotonic()
  }
}
