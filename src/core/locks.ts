/**
 * Locks over the shared tier (K1 to K3): several names at once, all or none, so that nobody who takes
 * them in another order can wait for ever.
 */

import { ConfigError, LockNotAcquiredError, TierError } from '../contracts/errors.ts'
import type { Lock } from '../contracts/lock.ts'
import type { LockAnswer } from '../contracts/lock-steps.ts'
import type { LockOptions } from '../contracts/options.ts'
import { CALLS, checkCall } from './check-call.ts'
import { DEFAULTS } from './defaults.ts'
import { checkOpen, type Engine, type SharedParts } from './engine.ts'
import { checkWord, durationMs, refuseArgument } from './field-check.ts'
import { HeldLock } from './held-lock.ts'
import { refuseLimited } from './tier-limits.ts'
import { untilAborted } from './until-aborted.ts'

const MAX_NAMES = 100
const MAX_NAME_LENGTH = 512

interface Attempt {
  readonly names: readonly string[]
  readonly ttlMs: number
  readonly waitMs: number
  readonly retryMs: number
  readonly renews: boolean
  readonly signal: AbortSignal | undefined
}

export class Locks {
  readonly #engine: Engine
  readonly #held = new Set<HeldLock>()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** @throws LockNotAcquiredError after `wait`; TierError; ConfigError; ArgumentError. */
  async lock(names: string | readonly string[], options: LockOptions = {}): Promise<Lock> {
    const attempt = resolve(names, options)
    this.#refuseLimited(attempt.names)
    const lock = await this.#attempt(attempt)
    if (lock === undefined) throw new LockNotAcquiredError(attempt.names, attempt.waitMs)
    return lock
  }

  async tryLock(
    names: string | readonly string[],
    options: LockOptions = {},
  ): Promise<Lock | undefined> {
    const attempt = resolve(names, options)
    this.#refuseLimited(attempt.names)
    return await this.#attempt({ ...attempt, waitMs: 0 })
  }

  async waitForUnlock(name: string, options: LockOptions = {}): Promise<void> {
    const { names, waitMs, retryMs, signal } = resolve(name, options)
    this.#refuseLimited(names)
    const { access, locks } = this.#opened()
    const { clock } = this.#engine
    const until = clock.monotonic() + waitMs
    const wait = async (): Promise<void> => {
      for (;;) {
        const remainingMs = await access.locks.remaining(name)
        if (remainingMs === undefined) return
        checkOpen(this.#engine)
        const leftMs = until - clock.monotonic()
        if (leftMs <= 0 || signal?.aborted === true) throw new LockNotAcquiredError(names, waitMs)
        await locks.wait(names, Math.min(leftMs, remainingMs, this.#jittered(retryMs)))
      }
    }
    await untilAborted(signal, wait)
  }

  /** Those of the library do no harm where they hold this process alone. @throws ConfigError */
  #refuseLimited(names: readonly string[]): void {
    if (names.every((name) => name.startsWith('tiercel:'))) return
    refuseLimited(this.#engine.shared?.limits, 'locks', 'lock')
  }

  /** Ends the wait of those who want a lock. */
  stop(): void {
    this.#engine.shared?.locks.callAll()
  }

  /** Gives back what is still held. */
  async close(): Promise<void> {
    await Promise.all([...this.#held].map((lock) => lock[Symbol.asyncDispose]()))
  }

  /** Waited for by `close`, which gives back what is granted meanwhile. */
  #attempt(attempt: Attempt): Promise<Lock | undefined> {
    const shared = this.#opened()
    const { background } = this.#engine
    return untilAborted(attempt.signal, () => background.watch(this.#acquire(attempt, shared)))
  }

  async #acquire(attempt: Attempt, shared: SharedParts): Promise<Lock | undefined> {
    const { locks } = shared
    const { clock } = this.#engine
    const { names, ttlMs, waitMs, retryMs, signal } = attempt
    const until = clock.monotonic() + waitMs
    let owner = this.#engine.random.id()
    for (;;) {
      const askedAt = clock.monotonic()
      const answer = await this.#ask(attempt, owner, shared)
      if (!(answer instanceof TierError) && answer.kind === 'granted') {
        const grant = { owner, token: answer.token, heldUntil: askedAt + ttlMs }
        return await this.#hold(attempt, grant, shared)
      }
      checkOpen(this.#engine)
      const leftMs = until - clock.monotonic()
      const over = leftMs <= 0 || signal?.aborted === true
      if (answer instanceof TierError) {
        if (over) throw answer
        // What was asked for in the name of this owner is being given back.
        owner = this.#engine.random.id()
        await locks.wait(names, Math.min(leftMs, this.#jittered(retryMs)))
      } else {
        if (over) return undefined
        const delayMs = Math.min(leftMs, Math.max(1, answer.remainingMs), this.#jittered(retryMs))
        await locks.wait(names, delayMs)
      }
    }
  }

  /** Without an answer it may have been granted all the same, and is given back. */
  async #ask(
    { names, ttlMs }: Attempt,
    owner: string,
    { access }: SharedParts,
  ): Promise<LockAnswer | TierError> {
    try {
      return await access.locks.acquire({ names, owner, ttlMs })
    } catch (error) {
      const back = access.locks.release({ names, owner }).catch(() => {})
      this.#engine.background.run('lock', back)
      if (error instanceof TierError) return error
      throw error
    }
  }

  async #hold(
    { names, ttlMs, renews, signal }: Attempt,
    grant: { readonly owner: string; readonly token: bigint; readonly heldUntil: number },
    shared: SharedParts,
  ): Promise<Lock> {
    const { clock, background } = this.#engine
    const steps = shared.access.locks
    const ended = (lock: HeldLock): void => void this.#held.delete(lock)
    const lock = new HeldLock({ names, ttlMs, renews, ...grant, steps, clock, background, ended })
    this.#held.add(lock)
    // Whoever asked has left: nobody would ever give it back.
    if (signal?.aborted === true || this.#engine.closing.aborted) await lock[Symbol.asyncDispose]()
    checkOpen(this.#engine)
    return lock
  }

  /** Those who wait for one lock do not ask in step. */
  #jittered(delayMs: number): number {
    return delayMs * (0.5 + this.#engine.random.next())
  }

  /** @throws ConfigError; ClosedError */
  #opened(): SharedParts {
    checkOpen(this.#engine)
    if (this.#engine.shared !== undefined) return this.#engine.shared
    throw new ConfigError({
      field: 'shared',
      expected: 'given, since locks are held in the shared tier',
      actual: undefined,
    })
  }
}

/** @throws ArgumentError */
function resolve(names: string | readonly string[], options: LockOptions): Attempt {
  if (typeof names !== 'string' && !Array.isArray(names)) {
    throw refuseArgument({ field: 'names', expected: 'text, or an array of it', actual: names })
  }
  const distinct = [...new Set(typeof names === 'string' ? [names] : names)]
  if (distinct.length === 0 || distinct.length > MAX_NAMES) {
    throw refuseArgument({
      field: 'names',
      expected: `1 to ${MAX_NAMES} names`,
      actual: distinct.length,
    })
  }
  for (const name of distinct) checkLockName(name)
  checkCall(options, CALLS.lock)
  const { lock } = DEFAULTS
  const ttl = options.ttl ?? (distinct.length > 1 ? lock.ttlOfSeveral : lock.ttl)
  const span = (field: string, value: LockOptions['ttl'] & {}): number =>
    durationMs(value, { field, refuse: refuseArgument })
  const renew = checkWord(options.renew ?? lock.renew, ['auto', 'never'], {
    field: 'renew',
    refuse: refuseArgument,
  })
  return {
    names: distinct,
    ttlMs: span('ttl', ttl),
    waitMs: span('wait', options.wait ?? lock.wait),
    retryMs: span('retry', options.retry ?? lock.retry),
    renews: renew === 'auto',
    signal: options.signal,
  }
}

/** @throws ArgumentError */
function checkLockName(name: unknown): void {
  const fits = typeof name === 'string' && name !== '' && name.isWellFormed()
  if (fits && name.length <= MAX_NAME_LENGTH) return
  throw refuseArgument({
    field: 'names',
    expected: `well-formed text of 1 to ${MAX_NAME_LENGTH} characters`,
    actual: name,
  })
}
