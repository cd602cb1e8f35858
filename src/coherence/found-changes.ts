/**
 * What follows of one shard have found before any hint told it: gaps, and the changes in them.
 *
 * A follow often overtakes hints that are on their way, and a hint that comes before its predecessor
 * makes a follow bring both. So what was found counts only when no hint has told it for a second. Used
 * by `ShardFollower`; nothing that is served is judged by it.
 */

import type { FollowAnswer } from '../contracts/shared-tier.ts'

/** A hint that is later than this is taken for lost. */
const LATE_MS = 1_000
/** Past these bounds the oldest are let go, which counts too much as untold at worst. */
const MAX_TOLD = 1_000
const MAX_OWN = 10_000
const MAX_CHANGES = 10_000

export type FoundChange = FollowAnswer['changes'][number] | { kind: 'floor'; number: number }

/** Numbers above `above` up to `upTo`, and what they changed as far as nothing later hides it. */
export interface Found {
  readonly above: number
  readonly upTo: number
  /** They were made so long ago at most, milliseconds; `Infinity`: nobody can tell. */
  readonly withinMs: number
  readonly changes: readonly FoundChange[]
}

/** What no hint has told. */
export interface Untold {
  readonly changes: readonly FoundChange[]
  /** Of each follow that has found some of them. */
  readonly withinMs: readonly number[]
}

interface Range {
  readonly first: number
  readonly last: number
}

export class FoundChanges {
  #gaps = 0
  /** Found and not yet counted, oldest first. */
  #waiting: (Found & { readonly at: number })[] = []
  /** Of hints that were heard and could not be applied, each range once. */
  #told: Range[] = []
  #own: number[] = []

  /** Numbers that no hint has told. Only grows. */
  get gaps(): number {
    return this.#gaps
  }

  /** A hint was heard for numbers that are known already, or come too soon. @returns whether it is news. */
  told({ first, last }: Range, cursor: number): boolean {
    const waits = last > cursor || this.#isWaiting({ first, last })
    if (!waits || this.#told.some((one) => one.first === first && one.last === last)) return false
    this.#told.push({ first, last })
    if (this.#told.length > MAX_TOLD) this.#told.shift()
    return true
  }

  /** This process took the number for a change of its own. */
  made(number: number, cursor: number): void {
    if (number <= cursor && !this.#isWaiting({ first: number, last: number })) return
    this.#own.push(number)
    if (this.#own.length > MAX_OWN) this.#own = this.#own.slice(MAX_OWN / 2)
  }

  found(found: Found, now: number): void {
    this.#waiting.push({ ...found, at: now })
  }

  /** Numbers were left out, and nobody asks for them. */
  skipped(numbers: number): void {
    this.#gaps += numbers
  }

  /** After a follow. @returns what no hint has told meanwhile. */
  settle(now: number, cursor: number): Untold {
    const untold: FoundChange[] = []
    const withinMs: number[] = []
    let kept = this.#waiting.reduce((sum, { changes }) => sum + changes.length, 0)
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (now - next.at < LATE_MS && kept <= MAX_CHANGES) break
      this.#waiting.shift()
      kept -= next.changes.length
      const changes = this.#count(next)
      untold.push(...changes)
      if (changes.length > 0) withinMs.push(next.withinMs)
    }
    const below = this.#waiting[0]?.above ?? cursor
    if (this.#told.length > 0) this.#told = this.#told.filter(({ last }) => last > below)
    if (this.#own.length > 0) this.#own = this.#own.filter((number) => number > below)
    return { changes: untold, withinMs }
  }

  /** Of other epochs, nothing more will be heard. @returns what no hint has told. */
  renew(): Untold {
    const untold = this.settle(Number.POSITIVE_INFINITY, 0)
    this.#told = []
    this.#own = []
    return untold
  }

  #isWaiting({ first, last }: Range): boolean {
    return this.#waiting.some(({ above, upTo }) => first <= upTo && last > above)
  }

  #count({ above, upTo, changes }: Found): readonly FoundChange[] {
    const told = this.#told.filter(({ first, last }) => first <= upTo && last > above)
    const covered = told.reduce((sum, { first, last }) => {
      return sum + Math.min(last, upTo) - Math.max(first - 1, above)
    }, 0)
    this.#gaps += Math.max(0, upTo - above - covered)
    const own = new Set(this.#own)
    return changes.filter(({ number }) => {
      return !own.has(number) && !told.some(({ first, last }) => first <= number && number <= last)
    })
  }
}
