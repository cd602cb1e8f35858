/**
 * Hears from PostgreSQL that an outbox has new rows. Hints alone: each may be lost, as with a connection
 * that was cut, and the followers look by themselves in any case.
 */

import { quoteName } from '../quote-name.ts'
import { backoffMs, type FollowerPlatform, late, within } from './follower-platform.ts'

/** A client of `pg` that nobody else uses: connected, and ended by whoever listens. */
export interface NotifyingClient {
  query(text: string): Promise<unknown>
  on(event: 'notification', listener: (message: { readonly channel: string }) => void): unknown
  on(event: 'error' | 'end', listener: (error?: Error) => void): unknown
  end?(): Promise<void>
  /** Of a client that a pool has lent: `true` has the pool close it. */
  release?(destroy: boolean): void
}

/** What `sql` of postgres.js is, among other things. */
export interface ListeningSql {
  listen(
    channel: string,
    onNotify: (payload: string) => void,
    onListen?: () => void,
  ): Promise<{ unlisten(): Promise<unknown> }>
}

/**
 * How hints are heard: `sql` of postgres.js, or a function that connects a client of `pg`, called again
 * whenever the connection is lost.
 */
export type PostgresListen = ListeningSql | (() => Promise<NotifyingClient> | NotifyingClient)

export interface HintParts extends Required<FollowerPlatform> {
  readonly listen: PostgresListen
  readonly channel: string
  /** Also when a connection begins: what was said before it nobody has heard. */
  readonly hint: () => void
  readonly failed: (error: unknown) => void
}

const RETRY = { leastMs: 100, mostMs: 30_000 }
/** For a connection to be made. */
const CONNECT_MS = 10_000

type Stop = () => Promise<void> | void

export class OutboxHints {
  readonly #parts: HintParts
  #stop: Stop | undefined
  #cancelRetry: (() => void) | undefined
  #failures = 0
  /** Which connection is the present one: others have nothing to say any more. */
  #turn = 0
  #closed = false

  constructor(parts: HintParts) {
    this.#parts = parts
    void this.#begin()
  }

  /** Drops the connection and makes another: of one that is silent nobody knows whether it lives. */
  again(): void {
    if (this.#closed || this.#stop === undefined) return
    this.#end(new Error('Rows have come that no notification told of.'), this.#turn)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#turn += 1
    this.#cancelRetry?.()
    const stop = this.#stop
    this.#stop = undefined
    await quietly(stop)
  }

  async #begin(): Promise<void> {
    this.#turn += 1
    const turn = this.#turn
    const connecting = this.#connect(turn)
    try {
      const { clock } = this.#parts
      const stop = await within(clock, CONNECT_MS, connecting, () => late(CONNECT_MS))
      if (turn !== this.#turn) {
        await quietly(stop)
        return
      }
      this.#stop = stop
      this.#parts.hint()
    } catch (error) {
      // It may come about all the same, and nobody would end it.
      connecting.then(quietly, () => {})
      this.#end(error, turn)
    }
  }

  /** After a connection, or a try at one, has failed. */
  #end(error: unknown, turn: number): void {
    if (this.#closed || turn !== this.#turn) return
    this.#turn += 1
    const stop = this.#stop
    this.#stop = undefined
    void quietly(stop)
    this.#failures += 1
    const { clock, random, failed } = this.#parts
    failed(error)
    const delayMs = backoffMs(this.#failures, RETRY, random)
    this.#cancelRetry = clock.schedule(delayMs, () => void this.#begin(), 'upkeep')
  }

  async #connect(turn: number): Promise<Stop> {
    const { listen, channel, hint } = this.#parts
    const begun = (): void => {
      if (turn === this.#turn) hint()
    }
    const hear = (): void => {
      // Not when it is connected: one that is never told anything would be made anew time and again.
      this.#failures = 0
      begun()
    }
    if ('listen' in listen) {
      // It connects again by itself, and then says that it listens.
      const { unlisten } = await listen.listen(channel, hear, begun)
      return async () => void (await unlisten())
    }
    const client = await listen()
    const stop = async (): Promise<void> => {
      if (client.release === undefined) await client.end?.()
      else client.release(true)
    }
    client.on('error', (error) => this.#end(error, turn))
    client.on('end', () => this.#end(new Error('The connection has ended.'), turn))
    client.on('notification', (message) => {
      if (message.channel === channel) hear()
    })
    try {
      await client.query(`LISTEN ${quoteName(channel, 'outbox')}`)
    } catch (error) {
      await quietly(stop)
      throw error
    }
    return stop
  }
}

async function quietly(stop: Stop | undefined): Promise<void> {
  try {
    await stop?.()
  } catch {
    // It was to end, and has.
  }
}
