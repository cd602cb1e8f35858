/**
 * Removals of entries that carry all of several tags: the number of the last one of each set.
 *
 * Used by `TagNumbers`. A set is found by the first of its tags, so that judging an entry costs a
 * look for each of its tags and not one for each set.
 */

/** As many as a shard keeps. */
const MAX_SETS = 1000

interface TagSet {
  readonly id: string
  readonly tags: readonly string[]
  number: number
}

export class TagSets {
  /** Ordered by number, since a set that is raised again moves to the end. */
  readonly #sets = new Map<string, TagSet>()
  readonly #byFirst = new Map<string, Set<TagSet>>()

  get size(): number {
    return this.#sets.size
  }

  numberOf(tags: readonly string[]): number {
    return this.#sets.get(idOf(tags))?.number ?? 0
  }

  /** @returns the set that had to go for it: the caller keeps it as a removal of its first tag. */
  raise(
    tags: readonly string[],
    number: number,
  ): { readonly tag: string; readonly number: number } | undefined {
    const id = idOf(tags)
    const known = this.#sets.get(id)
    if (known !== undefined) this.#drop(known)
    const set: TagSet = { id, tags: known?.tags ?? tags, number }
    const first = firstOf(set)
    this.#sets.set(id, set)
    const others = this.#byFirst.get(first)
    if (others === undefined) this.#byFirst.set(first, new Set([set]))
    else others.add(set)
    return this.#sets.size > MAX_SETS ? this.#dropOldest() : undefined
  }

  /** Whether a set that was removed after `stamp` is contained in `tags`. */
  removedSince(stamp: number, tags: readonly string[]): boolean {
    for (const tag of tags) {
      const sets = this.#byFirst.get(tag)
      if (sets === undefined) continue
      for (const set of sets) {
        if (set.number > stamp && set.tags.every((one) => tags.includes(one))) return true
      }
    }
    return false
  }

  #dropOldest(): { readonly tag: string; readonly number: number } | undefined {
    for (const set of this.#sets.values()) {
      this.#drop(set)
      return { tag: firstOf(set), number: set.number }
    }
    return undefined
  }

  #drop(set: TagSet): void {
    this.#sets.delete(set.id)
    const first = firstOf(set)
    const others = this.#byFirst.get(first)
    others?.delete(set)
    if (others?.size === 0) this.#byFirst.delete(first)
  }
}

function firstOf({ tags }: TagSet): string {
  return tags[0] ?? ''
}

/** The same for the same tags in another order. */
function idOf(tags: readonly string[]): string {
  return JSON.stringify([...tags].sort())
}
