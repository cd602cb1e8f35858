/**
 * What is known of the removals of tags in one shard, and what it means for a value that carries some.
 *
 * Used by `ShardView`. Bounded as the shard bounds it; what had to be forgotten makes every older
 * value with tags gone, which is too much and never too little.
 */

import type { RemovalMode } from '../contracts/shared-tier.ts'
import { NewestNumbers } from './newest-numbers.ts'
import { TagSets } from './tag-sets.ts'

/** As many as a shard keeps: 10,000 names are some megabytes at most. */
const MAX_TAGS = 10_000

export class TagNumbers {
  readonly #removed = new NewestNumbers(MAX_TAGS)
  readonly #expired = new NewestNumbers(MAX_TAGS)
  readonly #sets = new TagSets()
  #floor = 0
  /** Of all that is here: most values are younger, and need no further look. */
  #newest = 0

  /** @returns whether this was news. */
  raise(tag: string, number: number, mode: RemovalMode): boolean {
    const news = (mode === 'expire' ? this.#expired : this.#removed).raise(tag, number)
    if (news) this.#raised(number)
    return news
  }

  /** Entries that carry all of `tags`. @returns whether this was news. */
  raiseSet(tags: readonly string[], number: number): boolean {
    if (number <= this.#sets.numberOf(tags)) return false
    const oldest = this.#sets.raise(tags, number)
    // Known as the removal of one of its tags, it makes more values gone than it did.
    if (oldest !== undefined) this.#removed.raise(oldest.tag, oldest.number)
    this.#raised(number)
    return true
  }

  /** Everything with tags and an older stamp is gone. @returns whether this was news. */
  raiseFloor(number: number): boolean {
    if (number <= this.#floor) return false
    this.#floor = number
    this.#newest = Math.max(this.#newest, number)
    this.#removed.dropThrough(number)
    this.#expired.dropThrough(number)
    return true
  }

  judge(stamp: number, tags: readonly string[]): 'stands' | 'expired' | 'gone' {
    if (tags.length === 0 || stamp >= this.#newest) return 'stands'
    if (stamp < this.#floor) return 'gone'
    let expired = false
    for (const tag of tags) {
      if (this.#removed.of(tag) > stamp) return 'gone'
      expired ||= this.#expired.of(tag) > stamp
    }
    if (this.#sets.size > 0 && this.#sets.removedSince(stamp, tags)) return 'gone'
    return expired ? 'expired' : 'stands'
  }

  #raised(number: number): void {
    this.#newest = Math.max(this.#newest, number)
    this.raiseFloor(Math.max(this.#removed.forgotten, this.#expired.forgotten))
  }
}
