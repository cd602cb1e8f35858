/**
 * The reads of one collection in the last hour, in bounded memory: see `HeavyHitters`. Also hands on
 * what is sampled of them, so that the hit path has one sampler, whoever counts.
 */

import type { Clock } from '../contracts/clock.ts'
import type { HotKeys } from '../contracts/hot-keys.ts'
import type { Random } from '../contracts/random.ts'
import type { CacheKey } from '../contracts/source.ts'
import { HeavyHitters } from './heavy-hitters.ts'
import { ReadSampler } from './read-sampler.ts'

const SPAN_MS = 3_600_000
/** Named keys for each that may be asked for: the order of the hottest is then exact. */
const NAMED_A_KEY = 4
const LEAST_NAMED = 1_000
/** Between two looks at how many reads there are. */
const ADAPT_MS = 1_000

export interface HotReadsOptions {
  readonly clock: Clock
  readonly random: Random
  /** Keys that `top` may be asked for. 0: reads are handed on, and not counted here. */
  readonly keys: number
}

export class HotReads implements HotKeys<CacheKey> {
  readonly #clock: Clock
  readonly #counts: HeavyHitters<CacheKey> | undefined
  readonly #sampler: ReadSampler<CacheKey>
  #listener: ((key: CacheKey, reads: number) => void) | undefined
  #adaptedAt = Number.NEGATIVE_INFINITY

  constructor({ clock, random, keys }: HotReadsOptions) {
    this.#clock = clock
    const named = Math.max(LEAST_NAMED, keys * NAMED_A_KEY)
    this.#counts = keys === 0 ? undefined : new HeavyHitters({ keys: named, spanMs: SPAN_MS })
    this.#sampler = new ReadSampler({
      random,
      take: (key, reads) => {
        this.#age()
        this.#counts?.count(key, reads)
        this.#listener?.(key, reads)
      },
    })
    this.#age()
  }

  count(key: CacheKey): void {
    this.#sampler.note(key)
  }

  listen(listener: (key: CacheKey, reads: number) => void): void {
    this.#listener = listener
  }

  reads(key: CacheKey): number {
    this.#age()
    return this.#counts?.reads(key) ?? 0
  }

  top(limit: number): readonly { readonly key: CacheKey; readonly reads: number }[] {
    this.#age()
    return this.#counts?.hottest(limit) ?? []
  }

  #age(): void {
    const now = this.#clock.monotonic()
    if (now - this.#adaptedAt < ADAPT_MS) return
    this.#adaptedAt = now
    this.#sampler.adapt(now)
    this.#counts?.age(now)
  }
}
