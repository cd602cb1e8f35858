/**
 * Queues of slots for replacement policies, newest first, in typed arrays.
 *
 * A slot stands in one queue at a time, so all queues of a policy share one pair of link columns.
 */

const NONE = -1

/** The columns in which slots point at their neighbours. Grown by the policy that owns them. */
export interface SlotLinks {
  newer: Int32Array
  older: Int32Array
}

/** A first-in-first-out queue from whose middle a slot can leave, each step in constant time. */
export class SlotQueue {
  readonly #links: SlotLinks
  #newest = NONE
  #oldest = NONE
  #size = 0

  constructor(links: SlotLinks) {
    this.#links = links
  }

  get size(): number {
    return this.#size
  }

  /** The slot that has waited longest; -1 if there is none. */
  get oldest(): number {
    return this.#oldest
  }

  push(slot: number): void {
    const { newer, older } = this.#links
    const before = this.#newest
    older[slot] = before
    newer[slot] = NONE
    if (before === NONE) this.#oldest = slot
    else newer[before] = slot
    this.#newest = slot
    this.#size += 1
  }

  remove(slot: number): void {
    const { newer, older } = this.#links
    const after = newer[slot] ?? NONE
    const before = older[slot] ?? NONE
    if (after === NONE) this.#newest = before
    else older[after] = before
    if (before === NONE) this.#oldest = after
    else newer[before] = after
    this.#size -= 1
  }

  clear(): void {
    this.#newest = NONE
    this.#oldest = NONE
    this.#size = 0
  }
}
