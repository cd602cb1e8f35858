/**
 * Gathers what a tick has removed and found broken, so that listeners hear of it after the commit,
 * once for each pattern. Filled by `EntryRows`, emptied by `TierEngine`.
 */

import type { CacheEvent, RemovalCause, Report } from '../contracts/events.ts'

interface Counted {
  readonly pattern: string
  readonly what: RemovalCause | 'broken'
}

export class TierEvents {
  readonly #report: Report
  #happened: Counted[] = []

  constructor(report: Report) {
    this.#report = report
  }

  removed(collection: string, cause: RemovalCause): void {
    this.#happened.push({ pattern: patternOf(collection), what: cause })
  }

  /** A row of which not even the collection need be readable. */
  broken(collection: unknown): void {
    const pattern = typeof collection === 'string' ? patternOf(collection) : '*'
    this.#happened.push({ pattern, what: 'broken' })
  }

  /** Runs a step; what it told is forgotten if it throws, since its changes are undone. */
  during<T>(step: () => T): T {
    const before = this.#happened.length
    try {
      return step()
    } catch (error) {
      this.#happened.length = before
      throw error
    }
  }

  forget(): void {
    this.#happened = []
  }

  /** Tells everything that has happened since the last time. */
  tell(): void {
    if (this.#happened.length === 0) return
    const happened = this.#happened
    this.#happened = []
    const removals = new Map<string, CacheEvent & { type: 'removal' }>()
    for (const { pattern, what } of happened) {
      if (what === 'broken') {
        this.#report({ type: 'undecodable', pattern, reason: 'corrupt', error: undefined })
        continue
      }
      const key = `${what} ${pattern}`
      const count = (removals.get(key)?.count ?? 0) + 1
      removals.set(key, { type: 'removal', tier: 'shared', pattern, cause: what, count })
    }
    for (const removal of removals.values()) this.#report(removal)
  }
}

function patternOf(collection: string): string {
  return collection === '' ? '*' : `${collection}:*`
}
