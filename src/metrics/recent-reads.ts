/** Hits and misses of the last five minutes, in half minutes: what alerts on hit rates go by. */

const PART_MS = 30_000
const PARTS = 10

export class RecentReads {
  readonly #hits = new Float64Array(PARTS)
  readonly #misses = new Float64Array(PARTS)
  #part = Number.NEGATIVE_INFINITY

  add(nowMs: number, hits: number, misses: number): void {
    this.#turn(nowMs)
    const at = this.#part % PARTS
    this.#hits[at] = (this.#hits[at] as number) + hits
    this.#misses[at] = (this.#misses[at] as number) + misses
  }

  of(nowMs: number): { readonly hits: number; readonly misses: number } {
    this.#turn(nowMs)
    let [hits, misses] = [0, 0]
    for (let at = 0; at < PARTS; at += 1) {
      hits += this.#hits[at] as number
      misses += this.#misses[at] as number
    }
    return { hits, misses }
  }

  /** Forgets the parts that have passed. */
  #turn(nowMs: number): void {
    const part = Math.max(0, Math.floor(nowMs / PART_MS))
    const passed = Math.min(PARTS, part - this.#part)
    for (let back = 0; back < passed; back += 1) {
      const at = (part - back) % PARTS
      this.#hits[at] = 0
      this.#misses[at] = 0
    }
    if (part > this.#part) this.#part = part
  }
}
