/**
 * Every invalidation that this process makes or hears of: counted always, told where somebody listens.
 *
 * Own ones come from `removals.ts`, those of others from `coherence/` by way of `ChangesHeard`. A busy
 * instance hears of tens of thousands a second, so an event for them is made only if it is wanted.
 */

import type { Clock } from '../contracts/clock.ts'
import type { HeardChange } from '../contracts/coherence.ts'
import type { InvalidationEvent, Report } from '../contracts/events.ts'
import type { InvalidationStatistics } from '../contracts/usage.ts'
import { InvalidationCounts } from './invalidation-counts.ts'

export interface InvalidationTellingParts {
  readonly clock: Clock
  readonly report: Report
  /** Whether somebody listens to what others have changed. */
  readonly isWanted: () => boolean
}

type Words = Pick<InvalidationEvent, 'kind' | 'pattern' | 'count'>

type OwnInvalidation = Words &
  Pick<InvalidationEvent, 'state' | 'durationMs'> & { readonly origin?: 'local' | 'external' }

export class InvalidationTelling {
  readonly #report: Report
  readonly #isWanted: () => boolean
  readonly #counts: InvalidationCounts

  constructor({ clock, report, isWanted }: InvalidationTellingParts) {
    this.#report = report
    this.#isWanted = isWanted
    this.#counts = new InvalidationCounts(clock)
  }

  get statistics(): InvalidationStatistics {
    return this.#counts.statistics
  }

  /** Of this process; what is pending is counted now, and not again when it is told later. */
  own({ origin = 'local', ...what }: OwnInvalidation): void {
    this.#counts.add(origin, what.count)
    if (what.state === 'done') this.#counts.took(what.durationMs)
    this.#report({ type: 'invalidation', ...what, origin })
  }

  heard(changes: readonly HeardChange[], origin: 'remote' | 'replayed'): void {
    const others = changes.map(withoutRecords).filter((change) => countOf(change) > 0)
    for (const change of others) this.#counts.add(origin, countOf(change))
    if (!this.#isWanted()) return
    for (const words of others.flatMap(wordsOf)) {
      this.#report({ type: 'invalidation', ...words, origin, state: 'done', durationMs: 0 })
    }
  }
}

/** What the cache keeps for itself in the shared tier is no change of anybody's. */
function withoutRecords(change: HeardChange): HeardChange {
  if (change.kind !== 'keys' || !change.ids.some(isRecord)) return change
  return { ...change, ids: change.ids.filter((id) => !isRecord(id)) }
}

/** No collection of a user is called so. */
function isRecord(id: string): boolean {
  return id.startsWith('~')
}

function countOf(change: HeardChange): number {
  if (change.kind === 'keys') return change.ids.length
  return change.kind === 'all-tags' ? change.tags.length : 1
}

/** Keys of several collections are told by collection. */
function wordsOf(change: HeardChange): readonly Words[] {
  switch (change.kind) {
    case 'keys':
      return keysWords(change.ids, change.mode === 'expire' ? 'expire' : 'keys')
    case 'bucket':
      return [{ kind: 'keys', pattern: '*', count: 1 }]
    case 'tag':
      return [{ kind: change.mode === 'expire' ? 'expire' : 'tags', pattern: '*', count: 1 }]
    case 'all-tags':
      return [{ kind: 'tags', pattern: '*', count: change.tags.length }]
    case 'collection':
    case 'pattern':
      return [{ kind: change.kind, pattern: patternOf(change.collection), count: 1 }]
    case 'floor':
      return [{ kind: 'clear', pattern: '*', count: 1 }]
    default:
      return change satisfies never
  }
}

function keysWords(ids: readonly string[], kind: 'keys' | 'expire'): readonly Words[] {
  const counts = new Map<string, number>()
  for (const id of ids) {
    const pattern = patternOf(id.slice(0, Math.max(0, id.indexOf(':'))))
    counts.set(pattern, (counts.get(pattern) ?? 0) + 1)
  }
  return [...counts].map(([pattern, count]) => ({ kind, pattern, count }))
}

function patternOf(collection: string): string {
  return collection === '' ? '*' : `${collection}:*`
}
