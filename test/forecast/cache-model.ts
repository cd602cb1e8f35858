/**
 * A cache reduced to what warming is about: which keys are here, and until when. Times are in hours.
 *
 * Of `entries` keys the least recently used one leaves; an entry lives `life` from its load on.
 */
export class CacheModel {
  readonly #entries: number
  readonly #life: number
  readonly #freshUntil = new Map<number, number>()
  loads = 0

  constructor(options: { readonly entries: number; readonly life: number }) {
    this.#entries = options.entries
    this.#life = options.life
  }

  /** Answers whether the key was here; if not, it is now. */
  read(key: number, now: number): boolean {
    const until = this.#freshUntil.get(key)
    if (until === undefined || until <= now) {
      this.load(key, now)
      return false
    }
    this.#freshUntil.delete(key)
    this.#freshUntil.set(key, until)
    return true
  }

  freshUntil(key: number): number {
    return this.#freshUntil.get(key) ?? Number.NEGATIVE_INFINITY
  }

  load(key: number, now: number): void {
    this.loads += 1
    this.#freshUntil.delete(key)
    this.#freshUntil.set(key, now + this.#life)
    if (this.#freshUntil.size <= this.#entries) return
    for (const oldest of this.#freshUntil.keys()) {
      this.#freshUntil.delete(oldest)
      return
    }
  }
}
