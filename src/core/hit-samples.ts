/**
 * Hits that were sampled and are yet to be told of. Room for them is made once: to take one in allocates
 * nothing, as it happens on the hit path.
 */

import type { CacheKey } from '../contracts/source.ts'

const ROOM = 2_048

export class HitSamples {
  readonly #keys = new Array<CacheKey | undefined>(ROOM).fill(undefined)
  readonly #durationsMs = new Float64Array(ROOM)
  /** How many hits each stands for. */
  readonly #counts = new Float64Array(ROOM)
  #size = 0

  get size(): number {
    return this.#size
  }

  get isFull(): boolean {
    return this.#size === ROOM
  }

  add(key: CacheKey, durationMs: number, count: number): void {
    const at = this.#size
    this.#keys[at] = key
    this.#durationsMs[at] = durationMs
    this.#counts[at] = count
    this.#size = at + 1
  }

  /** Hands out all of them, in order, and forgets their keys. */
  drain(take: (key: CacheKey, durationMs: number, count: number) => void): void {
    const size = this.#size
    this.#size = 0
    for (let at = 0; at < size; at += 1) {
      const key = this.#keys[at] as CacheKey
      this.#keys[at] = undefined
      take(key, this.#durationsMs[at] as number, this.#counts[at] as number)
    }
  }
}
