/**
 * Counts of any number of keys in a fixed number of bytes: never too low, sometimes too high.
 *
 * A count-min sketch with conservative update (Cormode and Muthukrishnan, "An improved data stream
 * summary: the count-min sketch and its applications", 2005; Estan and Varghese, 2002). It knows
 * hashes only; `heavy-hitters.ts` keeps the keys that matter by name.
 */

const ROWS = 4
const BYTES_A_CELL = 4

/**
 * Four cells for each of `width` places. A count is too high by more than 2.72 · total / width with
 * a chance of 2 % at most, where `total` is what was added in all.
 */
export class ReadSketch {
  readonly #cells: Float32Array
  readonly #mask: number
  readonly #width: number

  /** `width` is rounded up to a power of two. */
  constructor(width: number) {
    this.#width = 2 ** Math.ceil(Math.log2(Math.max(1, width)))
    this.#mask = this.#width - 1
    this.#cells = new Float32Array(this.#width * ROWS)
  }

  get width(): number {
    return this.#width
  }

  get sizeBytes(): number {
    return this.#cells.length * BYTES_A_CELL
  }

  /** Adds to the count of `hash` and answers the new one. */
  add(hash: number, amount: number): number {
    const cells = this.#cells
    const mask = this.#mask
    const step = stepOf(hash)
    const width = this.#width
    const first = hash & mask
    const second = width + ((hash + step) & mask)
    const third = 2 * width + ((hash + 2 * step) & mask)
    const fourth = 3 * width + ((hash + 3 * step) & mask)
    const a = cells[first] as number
    const b = cells[second] as number
    const c = cells[third] as number
    const d = cells[fourth] as number
    const count = Math.min(a, b, c, d) + amount
    // Only cells that would otherwise be too low: the others belong to hotter keys.
    if (a < count) cells[first] = count
    if (b < count) cells[second] = count
    if (c < count) cells[third] = count
    if (d < count) cells[fourth] = count
    return count
  }

  /** Sees to it that the count of `hash` is at least `count`. */
  raise(hash: number, count: number): void {
    const missing = count - this.count(hash)
    if (missing > 0) this.add(hash, missing)
  }

  count(hash: number): number {
    const step = stepOf(hash)
    let least = Number.POSITIVE_INFINITY
    for (let row = 0; row < ROWS; row += 1) {
      const cell = this.#cells[row * this.#width + ((hash + row * step) & this.#mask)] ?? 0
      if (cell < least) least = cell
    }
    return least
  }

  /** Multiplies every count. */
  scale(factor: number): void {
    const cells = this.#cells
    for (let at = 0; at < cells.length; at += 1) cells[at] = (cells[at] as number) * factor
  }

  clear(): void {
    this.#cells.fill(0)
  }
}

/** How far apart the cells of a key are in the rows: other bits than those of the first place. */
function stepOf(hash: number): number {
  return (Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) >>> 8) | 1
}
