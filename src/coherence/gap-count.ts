/**
 * How many numbers of one shard no hint has told: found by a follow, or left out and let be.
 *
 * A follow often overtakes hints that are on their way. So what it found counts only when the next
 * follow finds something, without the hints that came late.
 */
export class GapCount {
  #total = 0
  #above = 0
  #upTo = 0
  #late = 0

  /** Settled gaps, in numbers. Only grows. */
  get total(): number {
    return this.#total
  }

  /** A follow told of the numbers above `above` up to `upTo`, before any hint did. */
  found(above: number, upTo: number): void {
    this.#settle()
    this.#above = above
    this.#upTo = upTo
  }

  /** A hint told of numbers that were known already. A doubled one counts twice, which hides a gap. */
  late(first: number, last: number): void {
    this.#late += Math.max(0, Math.min(last, this.#upTo) - Math.max(first - 1, this.#above))
  }

  /** Numbers were left out, and nobody asks for them. */
  skipped(numbers: number): void {
    this.#total += numbers
  }

  /** Of other epochs, nothing can be said. */
  renew(): void {
    this.#settle()
    this.#above = 0
    this.#upTo = 0
  }

  #settle(): void {
    this.#total += Math.max(0, this.#upTo - this.#above - this.#late)
    this.#late = 0
  }
}
