/**
 * The order of changes as this process has applied them: one sequence, and for each tag the number
 * of its last removal.
 *
 * A reservation takes the sequence as its stamp before it asks anybody for a value. When the value
 * is there, it may be kept if no change with a higher number concerns it: a value that was read
 * before a change can then never be kept after it (CO-3). These numbers are this process's own and
 * are never compared with those of the shared tier.
 */

import type { Verdict } from '../contracts/coherence.ts'
import type { RemovalMode } from '../contracts/shared-tier.ts'

/** Tags whose removal is remembered one by one; older ones are remembered together. */
const MAX_TAGS = 10_000
/** Removals of entries that carry several tags at once. */
const MAX_SETS = 1_000

interface SetRemoval {
  readonly tags: readonly string[]
  readonly number: number
}

export class LocalOrder {
  #sequence = 0
  /** Ordered by number, since a tag that is removed again moves to the end. */
  readonly #removals = new Map<string, number>()
  readonly #expiries = new Map<string, number>()
  #sets: readonly SetRemoval[] = []
  /** Entries with tags and an older stamp are gone, whatever their tags. */
  #taggedFloor = 0
  #lastRemoval = 0

  /** What a reservation made now is stamped with. */
  get stamp(): number {
    return this.#sequence
  }

  /** The number of a change that only this process makes: there is no shared tier to number it. */
  next(): number {
    this.#sequence += 1
    return this.#sequence
  }

  /** Every value with one of `tags`, or with all of them, and an older stamp is gone or expired. */
  removeTags(
    tags: readonly string[],
    { match, mode }: { readonly match: 'any' | 'all'; readonly mode: RemovalMode },
  ): void {
    this.#sequence += 1
    this.#lastRemoval = this.#sequence
    if (match === 'all' && tags.length > 1) this.#addSet(tags)
    else this.#note(mode === 'expire' ? this.#expiries : this.#removals, tags)
  }

  /** Whether no tag at all was removed since: for a value whose tags nobody knows yet. */
  untouched(stamp: number): boolean {
    return stamp >= this.#lastRemoval
  }

  /** Whether a value with these tags, reserved at `stamp`, has outlived every removal since. */
  stands(stamp: number, tags: readonly string[]): boolean {
    return this.judge(stamp, tags) === 'stands'
  }

  judge(stamp: number, tags: readonly string[]): Exclude<Verdict, 'unsure'> {
    if (tags.length === 0 || stamp >= this.#lastRemoval) return 'stands'
    if (stamp < this.#taggedFloor) return 'gone'
    if (tags.some((tag) => stamp < (this.#removals.get(tag) ?? 0))) return 'gone'
    const inSet = (set: SetRemoval): boolean =>
      stamp < set.number && set.tags.every((tag) => tags.includes(tag))
    if (this.#sets.some(inSet)) return 'gone'
    return tags.some((tag) => stamp < (this.#expiries.get(tag) ?? 0)) ? 'expired' : 'stands'
  }

  #addSet(tags: readonly string[]): void {
    const [oldest] = this.#sets
    if (oldest !== undefined && this.#sets.length === MAX_SETS) {
      this.#sets = this.#sets.slice(1)
      // More than was asked for goes, and nothing less.
      this.#note(this.#removals, oldest.tags.slice(0, 1))
    }
    this.#sets = [...this.#sets, { tags, number: this.#sequence }]
  }

  #note(numbers: Map<string, number>, tags: readonly string[]): void {
    for (const tag of tags) {
      numbers.delete(tag)
      numbers.set(tag, this.#sequence)
    }
    for (const [oldest, number] of numbers) {
      if (numbers.size <= MAX_TAGS) break
      numbers.delete(oldest)
      this.#taggedFloor = Math.max(this.#taggedFloor, number)
    }
  }
}
