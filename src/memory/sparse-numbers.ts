/**
 * A column of numbers that most entries have no need of: made when the first entry differs from
 * `usual`. Owned by `EntryColumns`.
 */
export class SparseNumbers {
  readonly #usual: number
  #values: Float64Array | undefined

  constructor(usual: number) {
    this.#usual = usual
  }

  at(slot: number): number {
    return this.#values === undefined ? this.#usual : (this.#values[slot] ?? this.#usual)
  }

  /** `capacity`: slots that the other columns have room for. */
  set(slot: number, value: number, capacity: number): void {
    if (this.#values === undefined) {
      if (Object.is(value, this.#usual)) return
      this.#values = new Float64Array(capacity).fill(this.#usual)
    }
    this.#values[slot] = value
  }

  grow(capacity: number): void {
    const old = this.#values
    if (old === undefined) return
    // New places need no filling: a slot is written before it is read.
    this.#values = new Float64Array(capacity)
    this.#values.set(old)
  }
}
