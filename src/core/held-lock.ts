/** A lock that this process holds: renewed until it is released, given up when it is lost. */

import type { Clock } from '../contracts/clock.ts'
import type { Lock } from '../contracts/lock.ts'
import type { LockSteps } from '../contracts/lock-steps.ts'
import type { Duration } from '../contracts/options.ts'
import type { Background } from './background.ts'
import { durationMs, refuseArgument } from './field-check.ts'

/** A renewal that fails is tried again this often within the life that is left. */
const RENEWALS_A_LIFE = 3

export interface HeldLockParts {
  readonly names: readonly string[]
  readonly owner: string
  readonly token: bigint
  readonly ttlMs: number
  /** On the monotonic clock: from before it was asked for, so that it never ends here too late. */
  readonly heldUntil: number
  readonly renews: boolean
  readonly steps: LockSteps
  readonly clock: Clock
  readonly background: Background
  /** Called once, when it is held no longer. */
  readonly ended: (lock: HeldLock) => void
}

export class HeldLock implements Lock {
  readonly names: readonly string[]
  readonly token: bigint
  readonly #parts: HeldLockParts
  readonly #lost = new AbortController()
  #ttlMs: number
  #heldUntil: number
  #over = false
  /** Settled when no renewal is under way. */
  #turn: Promise<boolean> = Promise.resolve(true)
  #cancelTimer: (() => void) | undefined

  constructor(parts: HeldLockParts) {
    this.#parts = parts
    this.names = parts.names
    this.token = parts.token
    this.#ttlMs = parts.ttlMs
    this.#heldUntil = parts.heldUntil
    this.#arm()
  }

  /** Looked at after a pause, it has aborted, also before the timer that would have told. */
  get signal(): AbortSignal {
    this.#loseIfOver()
    return this.#lost.signal
  }

  async extend(ttl?: Duration): Promise<boolean> {
    const ttlMs =
      ttl === undefined ? this.#ttlMs : durationMs(ttl, { field: 'ttl', refuse: refuseArgument })
    return !this.#over && (await this.#inTurn(() => this.#renew(ttlMs)))
  }

  async release(): Promise<void> {
    if (this.#over) return
    this.#end()
    const { steps, names, owner } = this.#parts
    await steps.release({ names, owner })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // It ends by itself where the tier cannot be asked; what was done under it is done.
    await this.release().catch(() => {})
  }

  /** The next look: to renew it, or to see that it has ended. */
  #arm(): void {
    const { clock, renews } = this.#parts
    const leftMs = this.#heldUntil - clock.monotonic()
    this.#lookIn(renews ? Math.min(leftMs, this.#ttlMs / RENEWALS_A_LIFE) : leftMs)
  }

  #lookIn(delayMs: number): void {
    this.#cancelTimer?.()
    const look = (): void => this.#look()
    this.#cancelTimer = this.#parts.clock.schedule(Math.max(1, delayMs), look, 'upkeep')
  }

  #look(): void {
    // A process that was paused wakes up here, before anything else is done under the lock.
    this.#loseIfOver()
    if (this.#over) return
    const { renews, background, clock } = this.#parts
    // A renewal may take longer than the lock lasts.
    this.#lookIn(this.#heldUntil - clock.monotonic())
    if (renews) {
      background.run(
        'lock',
        this.#inTurn(() => this.#renew(this.#ttlMs)),
      )
    }
  }

  /** One after the other: a renewal that meets a longer life on its way would take it back. */
  #inTurn(renew: () => Promise<boolean>): Promise<boolean> {
    const turn = this.#turn.then(renew)
    this.#turn = turn.catch(() => false)
    return turn
  }

  /** `false`: it is lost, or the tier did not answer, or not in time. */
  async #renew(ttlMs: number): Promise<boolean> {
    if (this.#over) return false
    const { steps, names, owner, clock } = this.#parts
    const askedAt = clock.monotonic()
    const renewed = await steps.renew({ names, owner, ttlMs }).catch(() => undefined)
    if (this.#over) return false
    if (renewed === false) {
      this.#lose('somebody else may hold it')
      return false
    }
    if (renewed === true) {
      this.#ttlMs = ttlMs
      this.#heldUntil = askedAt + ttlMs
    } else {
      // Carried out or not, nobody can say: of the two lives, only the shorter is certain.
      this.#heldUntil = Math.min(this.#heldUntil, askedAt + ttlMs)
    }
    this.#loseIfOver()
    if (this.#over) return false
    this.#arm()
    return renewed === true
  }

  #loseIfOver(): void {
    const over = this.#parts.clock.monotonic() >= this.#heldUntil
    if (over && !this.#over) this.#lose('it was not renewed in time')
  }

  #lose(why: string): void {
    this.#end()
    this.#lost.abort(new Error(`The lock was lost: ${why}.`))
  }

  #end(): void {
    this.#over = true
    this.#cancelTimer?.()
    this.#parts.ended(this)
  }
}
