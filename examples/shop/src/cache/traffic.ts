/**
 * Sums up what the cache tells, for the status page.
 *
 * Reads arrive as counts since the last such event, everything else one by one.
 */

import type { Cache } from 'tiercel'

export interface PatternTraffic {
  /** A collection with a star; no key ever stands here. */
  readonly pattern: string
  memoryHits: number
  sharedHits: number
  sharedMisses: number
  /** Reads that memory could not answer. */
  memoryMisses: number
  loads: number
  failedLoads: number
  /** Of all loads together, milliseconds. */
  loadMs: number
}

export class Traffic {
  /** One member a collection, of which there are few. */
  readonly #patterns = new Map<string, PatternTraffic>()
  readonly #listeners: readonly Disposable[]
  #writes = 0
  #invalidations = 0
  #tierFailures = 0

  constructor(cache: Pick<Cache, 'on'>) {
    this.#listeners = [
      cache.on('reads', ({ tier, pattern, hits, misses }) => {
        const row = this.#row(pattern)
        if (tier === 'shared') {
          row.sharedHits += hits
          row.sharedMisses += misses
          return
        }
        row.memoryHits += hits
        row.memoryMisses += misses
      }),
      cache.on('load', ({ pattern, outcome, durationMs }) => {
        const row = this.#row(pattern)
        row.loads += 1
        row.loadMs += durationMs
        if (outcome === 'failed') row.failedLoads += 1
      }),
      cache.on('write', ({ outcome, count }) => {
        if (outcome === 'done') this.#writes += count
      }),
      cache.on('invalidation', ({ origin, count }) => {
        if (origin === 'local') this.#invalidations += count
      }),
      cache.on('tier-failure', () => {
        this.#tierFailures += 1
      }),
    ]
  }

  get patterns(): readonly Readonly<PatternTraffic>[] {
    return [...this.#patterns.values()].sort((a, b) => (a.pattern < b.pattern ? -1 : 1))
  }

  /** Products created, changed and removed. */
  get writes(): number {
    return this.#writes
  }

  /** Of this instance, beside those that a write brings with it. */
  get invalidations(): number {
    return this.#invalidations
  }

  /** Calls that the shared tier failed or did not answer in time. */
  get tierFailures(): number {
    return this.#tierFailures
  }

  stop(): void {
    for (const listener of this.#listeners) listener[Symbol.dispose]()
  }

  #row(pattern: string): PatternTraffic {
    const known = this.#patterns.get(pattern)
    if (known !== undefined) return known
    const row: PatternTraffic = {
      pattern,
      memoryHits: 0,
      sharedHits: 0,
      sharedMisses: 0,
      memoryMisses: 0,
      loads: 0,
      failedLoads: 0,
      loadMs: 0,
    }
    this.#patterns.set(pattern, row)
    return row
  }
}
