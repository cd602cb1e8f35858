/**
 * Opens a session: checks that this cache may work here, and that messages come through if any are
 * wanted.
 *
 * Redis may be out of reach at first; then it is tried again until the session is closed. What a
 * person has to change ends it: `ready` rejects, and so does every step. Once it has been open, such a
 * refusal holds for as long as it is found again: rights come back, and restarts give them one by one.
 */

import type { Clock } from '../contracts/clock.ts'
import { ClosedError, ConfigError, TierError } from '../contracts/errors.ts'
import type { Report } from '../contracts/events.ts'
import type { Random } from '../contracts/random.ts'
import { describeFault } from './connection/describe-fault.ts'
import { isMissingRight } from './connection/missing-right.ts'
import type { RedisConnection } from './connection/redis-connection.ts'
import { RedisError } from './connection/redis-error.ts'
import { openScript } from './scripts/open-script.ts'
import type { StepRunner } from './step-runner.ts'

/** How long steps wait for a session that is being opened; afterwards they reject at once. */
const PATIENCE_MS = 1_000
/** A message to oneself that takes longer will not come. */
const PROBE_MS = 1_000
/** Silences in a row that are one for good: a process that was busy, or a cluster in motion, has one or two. */
const MAX_SILENCES = 3
const RETRY_MS = 500
/** Between two looks at what is refused, or half of it: many processes see the same refusal. */
const LOOK_MS = 4_000
/** Between two reports of the same refusal. */
const TELL_MS = 60_000
/** Answers of a server that only a person can change. */
const FINAL = ['TIERCEL', 'WRONGTYPE']

export interface SessionOpeningOptions {
  readonly connection: RedisConnection
  readonly runner: StepRunner
  readonly clock: Clock
  readonly random: Random
  readonly report: Report
  readonly name: string
  readonly shards: number
  /** Where messages of the channel go; `undefined`: it is left alone, and no right to it is needed. */
  readonly hear: ((message: string) => void) | undefined
  /** Why no cache can work there; `undefined`: one can. @throws TierError */
  readonly check: () => Promise<TierError | ConfigError | undefined>
  /** Asks each shard once, so that it has numbers and a time. */
  readonly visit: () => Promise<void>
}

export class SessionOpening {
  readonly ready: Promise<void>
  readonly #options: SessionOpeningOptions
  readonly #patience: Promise<void>
  #state: 'opening' | 'open' | { readonly refused: Error } = 'opening'
  #probe: { readonly text: string; readonly heard: () => void } | undefined
  #silences = 0
  /** Of the last attempt, in words. */
  #fault: string | undefined
  /** What the look at the server found, if that was the end of it. */
  #refusal: TierError | ConfigError | undefined
  /** Of those who wait for something: closing ends their waiting. */
  readonly #ends = new Set<() => void>()
  #hasOpened = false
  /** Looks after the opening; only the last one says something. */
  #looks = 0
  #cancelLook: () => void = () => {}
  #told: { readonly message: string; readonly at: number } | undefined
  #isClosed = false

  constructor(options: SessionOpeningOptions) {
    this.#options = options
    this.ready = this.#open()
    this.#patience = this.#wait(this.ready, { ms: PATIENCE_MS, purpose: 'awaited' })
    // Whoever does not ask for it must not be ended by its rejection.
    this.ready.catch(() => {})
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  /** @throws TierError or ConfigError unless it is open within the time that steps wait. */
  async opened(): Promise<void> {
    if (this.#state === 'opening') await this.#patience
    if (this.#state === 'open') return
    if (this.#state !== 'opening') throw this.#state.refused
    const fault = this.#options.connection.fault ?? this.#fault
    const why = fault === undefined ? '' : `: ${fault.replace(/\.$/, '')}`
    throw new TierError('redis', `Redis could not be reached yet${why}.`)
  }

  /** A message of this session to itself has come. */
  heardProbe(text: string): void {
    if (text === this.#probe?.text) this.#probe.heard()
  }

  /**
   * After another connection: it may lead to a server where the cache is laid out otherwise. What is
   * refused is looked at again until it is not. Never rejects.
   */
  async checkAgain(): Promise<void> {
    if (!this.#hasOpened || this.#isClosed) return
    this.#cancelLook()
    this.#looks += 1
    const look = this.#looks
    const refusal = await this.#lookAgain()
    if (look !== this.#looks || this.#isClosed) return
    if (refusal === 'none') {
      this.#state = 'open'
      this.#told = undefined
    } else if (refusal !== 'unknown') {
      this.#refuse(refusal)
      this.#tell(refusal)
    }
    if (this.isOpen) return
    const { clock, random } = this.#options
    const delayMs = LOOK_MS * (0.5 + random.next() / 2)
    this.#cancelLook = clock.schedule(delayMs, () => void this.checkAgain(), 'upkeep')
  }

  close(): void {
    this.#isClosed = true
    this.#cancelLook()
    for (const end of this.#ends) end()
    if (this.#state === 'opening') this.#refuse(new ClosedError(this.#options.name))
  }

  async #open(): Promise<void> {
    const { connection, runner, hear } = this.#options
    try {
      await connection.ready
      if (hear !== undefined) await connection.subscribe(runner.names.channel, hear)
      await this.#untilOpen()
    } catch (error) {
      this.#refuse(error as Error)
      throw error
    }
  }

  async #untilOpen(): Promise<void> {
    while (!this.#isClosed) {
      try {
        await this.#attempt()
        this.#state = 'open'
        this.#hasOpened = true
        return
      } catch (error) {
        if (this.#isFinal(error)) throw error
        this.#fault = describeFault(error)
        await this.#wait(undefined, { ms: RETRY_MS, purpose: 'upkeep' })
      }
    }
    throw new ClosedError(this.#options.name)
  }

  async #attempt(): Promise<void> {
    const { hear, check, visit } = this.#options
    this.#refusal = await check()
    if (this.#refusal !== undefined) throw this.#refusal
    if (hear === undefined) {
      await this.#checkShards('')
      await visit()
    } else {
      await this.#hearOneself()
    }
    if (this.#isClosed) throw new ClosedError(this.#options.name)
  }

  /** A missing right to the channel is a silence; so is a connection that was lost meanwhile. */
  async #hearOneself(): Promise<void> {
    const { connection, random, runner, visit } = this.#options
    const over = connection.hearing
    if (over === undefined) throw new TierError('redis', 'Redis passes on no messages yet.')
    const text = random.id()
    const { promise: heard, resolve } = Promise.withResolvers<void>()
    let isHeard = false
    this.#probe = {
      text,
      heard: () => {
        isHeard = true
        resolve()
      },
    }
    await this.#checkShards(text)
    await visit()
    await this.#wait(heard, { ms: PROBE_MS, purpose: 'upkeep' })
    this.#probe = undefined
    if (isHeard || this.#isClosed) return
    this.#silences = connection.hearing === over ? this.#silences + 1 : 0
    if (this.#silences < MAX_SILENCES) {
      throw new TierError('redis', 'A message of the cache to itself did not come back.')
    }
    throw new ConfigError({
      field: 'client',
      expected: `a client that hears what is published to \`${runner.names.channel}\``,
      actual: 'none of its own messages',
      cure: "Give its user the right to publish and subscribe to that channel (ACL: `&pattern`), or follow with `coherence: { follow: 'poll' }`.",
    })
  }

  async #checkShards(probe: string): Promise<void> {
    const { runner, shards, name } = this.#options
    const known = await runner.runOnLocks(openScript, {
      keys: {},
      args: { shards: String(shards), probe },
      items: [],
    })
    if (known === shards) return
    throw new ConfigError({
      field: 'shards',
      expected: `${known}, as the cache \`${name}\` has in this Redis already`,
      actual: shards,
      cure: 'Say the same in all processes, or choose another name for the cache.',
    })
  }

  async #lookAgain(): Promise<Error | 'none' | 'unknown'> {
    try {
      await this.#checkShards('')
      return 'none'
    } catch (error) {
      return this.#isFinal(error) ? error : 'unknown'
    }
  }

  #isFinal(error: unknown): error is Error {
    if (error instanceof ConfigError || error instanceof ClosedError) return true
    if (!(error instanceof TierError)) return false
    const { cause } = error
    if (cause instanceof RedisError && FINAL.includes(cause.code)) return true
    return isMissingRight(cause) || error === this.#refusal
  }

  #refuse(error: Error): void {
    this.#state = { refused: error }
  }

  #tell(error: Error): void {
    const now = this.#options.clock.monotonic()
    const { message } = error
    if (this.#told?.message === message && now - this.#told.at < TELL_MS) return
    this.#told = { message, at: now }
    this.#options.report({ type: 'tier-failure', tier: 'shared', operation: 'check', error })
  }

  /** Until the promise has settled, and no longer than `ms`. */
  #wait(
    settled: Promise<void> | undefined,
    { ms, purpose }: { readonly ms: number; readonly purpose: 'awaited' | 'upkeep' },
  ): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        cancel()
        this.#ends.delete(end)
        resolve()
      }
      const cancel = this.#options.clock.schedule(ms, end, purpose)
      this.#ends.add(end)
      settled?.then(end, end)
    })
  }
}
