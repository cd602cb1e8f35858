/**
 * The number of the last change of each name, for as many names as a bound allows.
 *
 * Used for tags, expired tags and collections of one shard. What is forgotten is remembered together:
 * whatever is older than `forgotten` must be taken as changed.
 */
export class NewestNumbers {
  readonly #limit: number
  /** Ordered by number, since a name that is raised again moves to the end. */
  readonly #numbers = new Map<string, number>()
  #forgotten = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#numbers.size
  }

  /** The highest number that is no longer known by its name; 0 if all are. */
  get forgotten(): number {
    return this.#forgotten
  }

  of(name: string): number {
    return this.#numbers.get(name) ?? 0
  }

  /** @returns whether this was news. */
  raise(name: string, number: number): boolean {
    if (number <= this.of(name)) return false
    this.#numbers.delete(name)
    this.#numbers.set(name, number)
    if (this.#numbers.size > this.#limit) this.#forgetOldest()
    return true
  }

  /** Drops, from the oldest on, what a floor says as well. */
  dropThrough(floor: number): void {
    for (const [name, number] of this.#numbers) {
      if (number > floor) return
      this.#numbers.delete(name)
    }
  }

  #forgetOldest(): void {
    for (const [name, number] of this.#numbers) {
      this.#numbers.delete(name)
      this.#forgotten = Math.max(this.#forgotten, number)
      return
    }
  }
}
