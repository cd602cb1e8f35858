/**
 * Stands beside the hit path and hands on one read of several, so that counting costs a hit next to
 * nothing however many there are: a decrement and a comparison.
 *
 * Distances between samples are drawn by chance; traffic with a rhythm of its own would otherwise
 * show the same keys every time. Each sample stands for as many reads as lie between two on average,
 * so that counts are right on average.
 */

import type { Random } from '../contracts/random.ts'

export interface ReadSamplerOptions<K> {
  readonly random: Random
  /** Is called on the hit path with a key and the number of reads it stands for. */
  readonly take: (key: K, reads: number) => void
  /** How many samples a second are wanted at most. @default 10,000, about 1 ms of counting */
  readonly samplesASecond?: number
}

const SAMPLES_A_SECOND = 10_000
/** Beyond this, counts would be worth little. */
const DISTANCE_MAX = 1024

export class ReadSampler<K> {
  readonly #random: Random
  readonly #take: (key: K, reads: number) => void
  readonly #samplesASecond: number
  #left = 1
  #distance = 1
  #samples = 0
  #adaptedAt = Number.NaN

  constructor({ random, take, samplesASecond = SAMPLES_A_SECOND }: ReadSamplerOptions<K>) {
    this.#random = random
    this.#take = take
    this.#samplesASecond = samplesASecond
  }

  /** Reads to one sample, on average. 1: every read is counted. */
  get distance(): number {
    return this.#distance
  }

  note(key: K): void {
    this.#left -= 1
    if (this.#left <= 0) this.#sample(key)
  }

  /**
   * Sets the distance by the reads since the last call. To be called about once a second, with a
   * clock that does not go back; too much is sampled for that long where traffic sets in.
   */
  adapt(nowMs: number): void {
    const elapsedMs = nowMs - this.#adaptedAt
    if (elapsedMs > 0) {
      const readsASecond = (this.#samples * this.#distance * 1000) / elapsedMs
      const wanted = Math.ceil(readsASecond / this.#samplesASecond)
      this.#distance = Math.min(DISTANCE_MAX, Math.max(1, wanted))
      this.#left = Math.min(this.#left, this.#distance)
    }
    if (elapsedMs === 0) return
    this.#samples = 0
    this.#adaptedAt = nowMs
  }

  #sample(key: K): void {
    this.#samples += 1
    const distance = this.#distance
    // From 1 to 2 · distance - 1, each alike.
    this.#left = distance === 1 ? 1 : 1 + Math.floor(this.#random.next() * (2 * distance - 1))
    this.#take(key, distance)
  }
}
