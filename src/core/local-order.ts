/**
 * The order of changes as this process has applied them: one sequence, and for each tag the number
 * of its last removal.
 *
 * A reservation takes the sequence as its stamp before it asks anybody for a value. When the value
 * is there, it may be kept if no change with a higher number concerns it: a value that was read
 * before a change can then never be kept after it (CO-3). These numbers are this process's own and
 * are never compared with those of the shared tier.
 */

/** Tags whose removal is remembered one by one; older ones are remembered together. */
const MAX_TAGS = 10_000

export class LocalOrder {
  #sequence = 0
  /** Ordered by number, since a tag that is removed again moves to the end. */
  readonly #removals = new Map<string, number>()
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

  /** Makes every value with one of `tags` and an older stamp unservable. */
  removeTags(tags: readonly string[]): void {
    this.#sequence += 1
    this.#lastRemoval = this.#sequence
    for (const tag of tags) {
      this.#removals.delete(tag)
      this.#removals.set(tag, this.#sequence)
    }
    for (const [oldest, number] of this.#removals) {
      if (this.#removals.size <= MAX_TAGS) break
      this.#removals.delete(oldest)
      this.#taggedFloor = number
    }
  }

  /** Whether no tag at all was removed since: for a value whose tags nobody knows yet. */
  untouched(stamp: number): boolean {
    return stamp >= this.#lastRemoval
  }

  /** Whether a value with these tags, reserved at `stamp`, has outlived every removal since. */
  stands(stamp: number, tags: readonly string[]): boolean {
    if (tags.length === 0) return true
    if (stamp < this.#taggedFloor) return false
    return tags.every((tag) => stamp >= (this.#removals.get(tag) ?? 0))
  }
}
