/**
 * Waits for a cache on several servers to be open: for its map, then for the servers, of which one that
 * is dead is not waited for long.
 */

import type { Clock } from '../../contracts/clock.ts'
import { ClosedError, TierError } from '../../contracts/errors.ts'
import type { ServerSite } from './server-site.ts'

/** How long steps wait for a map, and the cache for a server that does not answer. */
const PATIENCE_MS = 1_000

export interface ServersOpeningOptions {
  readonly cache: string
  readonly clock: Clock
  readonly sites: ReadonlyMap<string, ServerSite>
  /** Asks each shard once. Never rejects. */
  readonly visit: () => Promise<void>
}

export class ServersOpening {
  readonly ready: Promise<void>
  readonly #options: ServersOpeningOptions
  readonly #mapped = Promise.withResolvers<void>()
  readonly #settled = Promise.withResolvers<void>()
  readonly #patience: Promise<void>
  #state: 'opening' | 'open' | { readonly refused: Error } = 'opening'
  readonly #ends = new Set<() => void>()

  constructor(options: ServersOpeningOptions) {
    this.#options = options
    this.#mapped.promise.catch(() => {})
    this.ready = this.#open()
    // Whoever does not ask for it must not be ended by its rejection.
    this.ready.catch(() => {})
    this.#patience = this.#within(this.#mapped.promise)
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  /** There is a map; `isSettled`: every shard has a home in it. */
  mapped(isSettled: boolean): void {
    if (this.#state === 'opening') this.#state = 'open'
    this.#mapped.resolve()
    if (isSettled) this.#settled.resolve()
  }

  /** The cache cannot work as this process is set up. */
  refuse(error: Error): void {
    this.#state = { refused: error }
    this.#mapped.reject(error)
  }

  /** @throws Error unless there is a map within the time that steps wait. */
  async opened(): Promise<void> {
    if (this.#state === 'opening') await this.#patience
    if (this.#state === 'open') return
    if (this.#state !== 'opening') throw this.#state.refused
    throw new TierError('redis', 'Not all Redis servers of this new cache could be reached yet.')
  }

  close(): void {
    for (const end of [...this.#ends]) end()
    if (this.#state === 'opening') this.refuse(new ClosedError(this.#options.cache))
  }

  async #open(): Promise<void> {
    await this.#mapped.promise
    await this.#within(this.#settled.promise)
    const { sites, visit } = this.#options
    const refused: unknown[] = []
    const opening = [...sites.values()].map(({ link }) =>
      this.#within(link.ready.catch((error: unknown) => void refused.push(error))),
    )
    await Promise.all(opening)
    if (this.#state !== 'opening' && this.#state !== 'open') throw this.#state.refused
    if (refused.length > 0) throw refused[0]
    await this.#within(visit())
  }

  /** Until it has come to its end, and no longer than one waits here. */
  #within(work: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        cancel()
        this.#ends.delete(end)
        resolve()
      }
      const cancel = this.#options.clock.schedule(PATIENCE_MS, end, 'awaited')
      this.#ends.add(end)
      work.then(end, end)
    })
  }
}
