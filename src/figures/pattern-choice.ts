/**
 * Which patterns an exporter tells apart: the first so many that it has seen, and these for ever.
 *
 * Those that are read most would change, and a pattern that leaves `other` makes a counter fall, which
 * its reader takes for a restart, with all that stands in it as new.
 */

export class PatternChoice {
  readonly #most: number
  readonly #ofCaches = new Map<string, Set<string>>()

  /** So many of each cache and instance. */
  constructor(most: number) {
    this.#most = most
  }

  takes(cache: string, instance: string, pattern: string): boolean {
    const id = `${cache} ${instance}`
    const taken = this.#ofCaches.get(id) ?? new Set()
    if (taken.has(pattern)) return true
    if (taken.size >= this.#most) return false
    this.#ofCaches.set(id, taken.add(pattern))
    return true
  }
}
