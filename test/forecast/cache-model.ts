/**
 * A cache reduced to what warming is about: which keys are fresh, and until when. Times are in hours.
 *
 * An entry lives `life` from its load on. There is room for all that is fresh at a time.
 */
export class CacheModel {
  readonly #life: number
  /** By the number of the key. */
  #freshUntil = new Float64Array(1024)
  loads = 0

  constructor(life: number) {
    this.#life = life
  }

  /** Answers whether the key was here; if not, it is now. */
  read(key: number, now: number): boolean {
    if (this.freshUntil(key) > now) return true
    this.load(key, now)
    return false
  }

  freshUntil(key: number): number {
    return this.#freshUntil[key] ?? 0
  }

  load(key: number, now: number): void {
    this.loads += 1
    if (key >= this.#freshUntil.length) {
      const grown = new Float64Array(2 * key)
      grown.set(this.#freshUntil)
      this.#freshUntil = grown
    }
    this.#freshUntil[key] = now + this.#life
  }
}
