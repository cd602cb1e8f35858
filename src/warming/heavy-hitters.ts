/**
 * Finds the keys that are read most, in bounded memory, while their reads are counted.
 *
 * The hottest keys have counts of their own, by name; all others share a sketch, and one of them
 * takes the place of the least of the named as soon as it may be hotter (an augmented sketch: Roy,
 * Khan and Alonso, 2016). Counts age: what was read one `spanMs` ago weighs 1/e, so that a key read
 * n times in each span comes to about n.
 *
 * No clock of its own: whoever owns it calls `age` now and then.
 */

import type { CacheKey } from '../contracts/source.ts'
import { hashKey } from '../keys/hash-key.ts'
import { rankedPlaces } from './ranked-places.ts'
import { ReadSketch } from './read-sketch.ts'

export interface HeavyHittersOptions {
  /** Keys with a count of their own, from 1 to a million. */
  readonly keys: number
  /** How fast counts age, in milliseconds. Absent: they do not. */
  readonly spanMs?: number
  /** Places of the sketch. @default 8 for each key */
  readonly sketchWidth?: number
}

export interface HotKey<K> {
  readonly key: K
  readonly reads: number
}

const PLACES_A_KEY = 8
/** Where weights have grown by this much, all is scaled down: Float32 has 24 bits. */
const WEIGHT_MAX = 2 ** 20
/** What a named key takes: a place in a `Map` much changed, a reference, and 20 bytes in the columns. */
const BYTES_A_KEY = 152
/** The text of a key longer than this may be kept elsewhere and not here. */
const KEY_CHARACTERS_MAX = 512

export class HeavyHitters<K extends CacheKey> {
  readonly #capacity: number
  readonly #spanMs: number
  readonly #places = new Map<K, number>()
  readonly #keys: K[] = []
  readonly #counts: Float64Array
  /** Places as a heap by `#heapCounts`, the least on top. Counts grow without it being told. */
  readonly #heap: Uint32Array
  readonly #heapCounts: Float64Array
  readonly #sketch: ReadSketch
  /** What one read weighs now: growing weights age all that was counted before, at no cost. */
  #weight = 1
  #agedAt = Number.NaN
  #total = 0

  constructor({ keys, spanMs, sketchWidth = keys * PLACES_A_KEY }: HeavyHittersOptions) {
    this.#capacity = keys
    this.#spanMs = spanMs ?? Number.POSITIVE_INFINITY
    this.#counts = new Float64Array(keys)
    this.#heap = new Uint32Array(keys)
    this.#heapCounts = new Float64Array(keys)
    this.#sketch = new ReadSketch(sketchWidth)
  }

  /** An upper bound of what is held, without the text of the keys, of which the cache has its own. */
  get sizeBytes(): number {
    return this.#capacity * BYTES_A_KEY + this.#sketch.sizeBytes
  }

  /** Keys with a count of their own. */
  get size(): number {
    return this.#keys.length
  }

  /** All reads, aged as the counts are. */
  get total(): number {
    return this.#total / this.#weight
  }

  /**
   * No key without a count of its own has been read more often. 0 as long as there is room.
   */
  get floor(): number {
    return this.#keys.length < this.#capacity ? 0 : this.#least() / this.#weight
  }

  /** Counts `reads` reads of `key`. Keys of more than 512 characters are not counted. */
  count(key: K, reads = 1): void {
    const amount = reads * this.#weight
    const place = this.#places.get(key)
    if (place !== undefined) {
      this.#total += amount
      this.#counts[place] = (this.#counts[place] as number) + amount
      return
    }
    if (typeof key === 'string' && key.length > KEY_CHARACTERS_MAX) return
    this.#total += amount
    if (this.#keys.length < this.#capacity) this.#append(key, amount)
    else this.#countUnnamed(key, amount)
  }

  /** Whether `key` has a count of its own. */
  has(key: K): boolean {
    return this.#places.has(key)
  }

  /** Never too low; for keys that are not hot, too high by chance. */
  reads(key: K): number {
    const place = this.#places.get(key)
    if (place !== undefined) return (this.#counts[place] as number) / this.#weight
    if (this.#keys.length < this.#capacity) return 0
    return this.#sketch.count(hashKey(key, 0)) / this.#weight
  }

  /** The hottest keys, the hottest first; `limit` of them at most. Compared to seven digits. */
  hottest(limit: number = this.#capacity): HotKey<K>[] {
    const counts = Float32Array.from(this.#counts.subarray(0, this.#keys.length))
    return Array.from(rankedPlaces(counts, limit), (place) => ({
      key: this.#keys[place] as K,
      reads: (this.#counts[place] as number) / this.#weight,
    }))
  }

  /** Every key with a count of its own, in no order, without making a list. */
  forEach(visit: (key: K, reads: number) => void): void {
    for (const [place, key] of this.#keys.entries()) {
      visit(key, (this.#counts[place] as number) / this.#weight)
    }
  }

  /** Ages all counts up to `nowMs`, of any clock that does not go back. Free to be called often. */
  age(nowMs: number): void {
    const elapsedMs = nowMs - this.#agedAt
    if (!(elapsedMs <= 0)) this.#agedAt = nowMs
    if (!(elapsedMs > 0) || this.#spanMs === Number.POSITIVE_INFINITY) return
    const spans = elapsedMs / this.#spanMs
    // After so long nothing is left that a Float32 could tell from nothing.
    if (spans > 60) this.clear()
    else this.#weight *= Math.exp(spans)
    if (this.#weight > WEIGHT_MAX) this.#rescale()
  }

  /** Forgets all counts and keys. */
  clear(): void {
    this.#places.clear()
    this.#keys.length = 0
    this.#sketch.clear()
    this.#weight = 1
    this.#total = 0
  }

  #append(key: K, amount: number): void {
    const place = this.#keys.length
    this.#keys.push(key)
    this.#places.set(key, place)
    this.#counts[place] = amount
    let at = place
    while (at > 0) {
      const above = (at - 1) >>> 1
      if ((this.#heapCounts[above] as number) <= amount) break
      this.#moveTo(at, above)
      at = above
    }
    this.#heap[at] = place
    this.#heapCounts[at] = amount
  }

  #countUnnamed(key: K, amount: number): void {
    const hash = hashKey(key, 0)
    const count = this.#sketch.add(hash, amount)
    // The top of the heap is never above the least count, so most keys are done with here.
    if (count <= (this.#heapCounts[0] as number) || count <= this.#least()) return
    const place = this.#heap[0] as number
    const leaving = this.#keys[place] as K
    this.#sketch.raise(hashKey(leaving, 0), this.#counts[place] as number)
    this.#places.delete(leaving)
    this.#keys[place] = key
    this.#places.set(key, place)
    this.#counts[place] = count
    this.#sink(place, count)
  }

  /** The least count, brought to the top of the heap: those above it may have grown meanwhile. */
  #least(): number {
    for (;;) {
      const place = this.#heap[0] as number
      const count = this.#counts[place] as number
      if (count === this.#heapCounts[0]) return count
      this.#sink(place, count)
    }
  }

  /** Puts `place` from the top of the heap where it belongs with `count`. */
  #sink(place: number, count: number): void {
    const counts = this.#heapCounts
    const { length } = this.#keys
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= length) break
      if (below + 1 < length && (counts[below + 1] as number) < (counts[below] as number))
        below += 1
      if ((counts[below] as number) >= count) break
      this.#moveTo(at, below)
      at = below
    }
    this.#heap[at] = place
    counts[at] = count
  }

  #moveTo(at: number, from: number): void {
    this.#heap[at] = this.#heap[from] as number
    this.#heapCounts[at] = this.#heapCounts[from] as number
  }

  #rescale(): void {
    const factor = 1 / this.#weight
    this.#sketch.scale(factor)
    for (let place = 0; place < this.#keys.length; place += 1) {
      this.#counts[place] = (this.#counts[place] as number) * factor
      this.#heapCounts[place] = (this.#heapCounts[place] as number) * factor
    }
    this.#total *= factor
    this.#weight = 1
  }
}
