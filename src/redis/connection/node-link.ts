/**
 * The way to one server, over as many connections as it takes: when one has ended, the next is
 * opened, without end. Used for commands and for messages by the connections of this folder.
 */

import type { Clock } from '../../contracts/clock.ts'
import { TierError } from '../../contracts/errors.ts'
import type { Random } from '../../contracts/random.ts'
import { ConnectionLife } from './connection-life.ts'
import type { NodeClient } from './node-client.ts'
import type { RedisCommand, RedisReply } from './redis-connection.ts'
import { retryDelayMs } from './retry-delay.ts'

/** A connection that lasted longer was not one of a row of failures. */
const STEADY_MS = 2000

export interface LinkOptions {
  /** For messages. */
  readonly name: string
  readonly clock: Clock
  readonly random: Random
  readonly openMs: number
  readonly open: () => Promise<NodeClient>
  readonly greet: (life: ConnectionLife) => Promise<string | undefined>
  /** `again`: not for the first time. */
  readonly onReady?: (again: boolean) => void
  /** After each connection that has ended, and each that never came to be. */
  readonly onDown?: (fault: string, wasReady: boolean) => void
}

export class NodeLink {
  readonly #options: LinkOptions
  readonly #settled = Promise.withResolvers<void>()
  readonly #ready = Promise.withResolvers<void>()
  #life: ConnectionLife | undefined
  #readyAt: number | undefined
  #wasReady = false
  #failures = 0
  #fault = 'it is being connected to'
  #closed = false
  #cancelRetry: (() => void) | undefined

  constructor(options: LinkOptions) {
    this.#options = options
    // Nobody has to wait for it.
    this.#ready.promise.catch(() => {})
    this.#attempt()
  }

  /** Resolves when commands can be sent for the first time. @throws TierError if closed before. */
  get ready(): Promise<void> {
    return this.#ready.promise
  }

  /** Resolves when the first attempt has succeeded or failed. */
  get settled(): Promise<void> {
    return this.#settled.promise
  }

  get isReady(): boolean {
    return this.#readyAt !== undefined
  }

  /** Why there is no connection, in words; `undefined`: there is one. */
  get fault(): string | undefined {
    return this.isReady ? undefined : this.#fault
  }

  /** @throws TierError if there is no connection, or it is lost before the last reply. */
  send(commands: readonly RedisCommand[]): Promise<readonly RedisReply[]> {
    if (this.#life === undefined || !this.isReady) return Promise.reject(this.#unsent())
    return this.#life.send(commands)
  }

  /** On the connection as it stands. @throws RedisError if the server refuses. */
  async subscribe(channel: string, listener: (message: string) => void): Promise<void> {
    if (this.#life === undefined || !this.isReady) throw this.#unsent()
    await this.#life.subscribe(channel, listener)
  }

  /** Ends the connection as it stands; the next one follows. */
  restart(fault: string): void {
    this.#life?.end(fault)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#fault = 'the connection has been closed'
    this.#cancelRetry?.()
    this.#life?.end(this.#fault)
    this.#ready.reject(this.#unsent())
    this.#settled.resolve()
  }

  #attempt(): void {
    const { name, clock, openMs, open, greet } = this.#options
    this.#cancelRetry = undefined
    this.#life = new ConnectionLife({
      name,
      clock,
      openMs,
      open,
      greet,
      onReady: () => this.#up(),
      onEnd: (fault) => this.#down(fault),
    })
    this.#life.begin()
  }

  #up(): void {
    const again = this.#wasReady
    this.#wasReady = true
    this.#readyAt = this.#options.clock.monotonic()
    this.#ready.resolve()
    this.#settled.resolve()
    this.#options.onReady?.(again)
  }

  #down(fault: string): void {
    const { clock, onDown } = this.#options
    const readyAt = this.#readyAt
    this.#readyAt = undefined
    this.#life = undefined
    const steady = readyAt !== undefined && clock.monotonic() - readyAt >= STEADY_MS
    this.#failures = steady ? 0 : this.#failures + 1
    if (this.#closed) return
    this.#fault = fault
    this.#settled.resolve()
    onDown?.(fault, readyAt !== undefined)
    // Its listener may have closed it.
    if (!this.#closed) this.#retry()
  }

  #retry(): void {
    const { clock, random } = this.#options
    const delayMs = retryDelayMs(this.#failures, random)
    this.#cancelRetry = clock.schedule(delayMs, () => this.#attempt(), 'upkeep')
  }

  #unsent(): TierError {
    return new TierError(
      'redis',
      `Nothing was sent to Redis at ${this.#options.name}: ${this.#fault}.`,
    )
  }
}
