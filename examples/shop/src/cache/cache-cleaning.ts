import type { Cache, CleanUpReport, Collection } from 'tiercel'
import { USERS_CLEANED_EVERY_MS } from '../users/customers.ts'
import type { User } from '../users/people.ts'

export interface CleaningReport {
  /** It is done by itself, every so often. */
  readonly running: boolean
  readonly executing: boolean
  readonly intervalMs: number
  /** That this instance has ended last; `null`: none yet, or others were at it each time. */
  readonly last: LastCleanUp | null
}

/** Users alone: nothing else leaves the shop's cache for not being asked for. */
export interface LastCleanUp {
  /** Epoch milliseconds. */
  readonly endedAt: number
  readonly removed: number
  readonly before: number
  readonly after: number
  /** Of the whole shared tier; `null`: it could not tell. */
  readonly memoryBytes: { readonly before: number; readonly after: number } | null
  readonly durationMs: number
}

/** Clean-up by hand: one at a time, and nobody waits for it. */
export class CacheCleaning {
  readonly #users: Pick<Collection<number, User>, 'cleanUp'>
  #under: Promise<CleanUpReport | undefined> | undefined
  #last: LastCleanUp | null = null

  constructor(cache: Pick<Cache, 'on'>, users: Pick<Collection<number, User>, 'cleanUp'>) {
    this.#users = users
    cache.on('clean-up', (report) => {
      if (report.outcome === 'done') this.#last = lastOf(report)
    })
  }

  report(): CleaningReport {
    const executing = this.#under !== undefined
    return { running: true, executing, intervalMs: USERS_CLEANED_EVERY_MS, last: this.#last }
  }

  begin(): 'begun' | 'running' {
    if (this.#under !== undefined) return 'running'
    // What fails is told by the cache's own events, and tried again in its time.
    this.#under = this.#users
      .cleanUp()
      .catch(() => undefined)
      .finally(() => {
        this.#under = undefined
      })
    return 'begun'
  }
}

function lastOf({ removed, before, after, memory, durationMs }: CleanUpReport): LastCleanUp {
  return {
    endedAt: Date.now(),
    removed,
    before,
    after,
    memoryBytes: memory ?? null,
    durationMs: Math.round(durationMs),
  }
}
