/** The cache that a replay compares the memory tier with: the least recently used leaves. */

/** Keys only, in a `Map` whose order is the order of use. */
export class LruShadow {
  readonly #keys = new Map<string, true>()
  /**
   * Stands before the oldest key, since what it has passed was deleted. A new iterator would step
   * over all that was deleted since the map last grew.
   */
  readonly #oldest: Iterator<string> = this.#keys.keys()
  readonly #entries: number
  #hits = 0

  constructor(entries: number) {
    this.#entries = entries
  }

  get hits(): number {
    return this.#hits
  }

  request(key: string): void {
    if (this.#keys.delete(key)) this.#hits += 1
    else if (this.#keys.size >= this.#entries) this.#keys.delete(this.#oldest.next().value)
    this.#keys.set(key, true)
  }
}
