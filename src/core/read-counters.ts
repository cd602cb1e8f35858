/**
 * Reads of one collection, counted exactly and told as aggregates.
 *
 * A hit adds one to a field and compares it with another; `tell` turns the fields into events, about once
 * a second. Of plain keys the patterns are counted apart: what is beyond the hit path exactly, and hits by
 * a sample, each of which stands for those since the one before.
 */

import type { Report } from '../contracts/events.ts'
import type { MissCause } from '../contracts/key-watch.ts'
import type { CacheKey } from '../contracts/source.ts'
import { AlikeTimes } from './alike-times.ts'
import { HitSamples } from './hit-samples.ts'

/** After each telling so many hits are sampled all; then ever fewer, down to one in `timeEvery`. */
const ALL_SAMPLED = 128
const SAMPLED_ALIKE = 64

export class ReadCounters {
  readonly #pattern: string
  readonly #patternOf: ((key: CacheKey) => string) | undefined
  /** Of plain keys, by pattern: as many as are told apart, and `other`. */
  readonly #parts = new Map<string, ReadCounters>()
  /** Of the hit path alone; never set back, so that it tells which hit is sampled. */
  hits = 0
  /** The hit that is sampled next; `Infinity`: none is. */
  sampledAt: number = Number.POSITIVE_INFINITY
  memoryHits = 0
  memoryMisses = 0
  sharedHits = 0
  sharedMisses = 0
  sharedErrors = 0
  /** Callers beyond the hit path that a tier has answered. */
  answered = 0
  /** Callers that no tier has answered. */
  unmet = 0
  #causes = { first: 0, unkept: 0, expired: 0, gone: 0 }
  #toldHits = 0
  #sampleEvery: number = Number.POSITIVE_INFINITY
  #samples: HitSamples | undefined
  /** Of callers whom the shared tier has answered. */
  #sharedTimes: AlikeTimes | undefined
  #sampled = 0
  #gap = 1
  #seed = 1
  /** Hits up to this one are in a sample, or were given to a part. */
  #givenHits = 0
  #lastSampled: ReadCounters = this
  #lastKey: CacheKey | undefined
  #lastPart: ReadCounters = this

  /** `patternOf`: where keys of several patterns are counted. */
  constructor(pattern: string, patternOf?: (key: CacheKey) => string) {
    this.#pattern = pattern
    this.#patternOf = patternOf
  }

  /** One hit in so many is sampled at least, from now on. */
  sampleEvery(hits: number): void {
    this.#sampleEvery = hits
    this.sampledAt = this.hits + 1
  }

  /** Whether anybody wants to know how long reads take. */
  get isTimed(): boolean {
    return this.#sampleEvery !== Number.POSITIVE_INFINITY
  }

  /** Where reads of `key` are counted. */
  of(key: CacheKey): ReadCounters {
    if (this.#patternOf === undefined) return this
    if (this.#lastKey === key) return this.#lastPart
    const pattern = this.#patternOf(key)
    let part = this.#parts.get(pattern)
    if (part === undefined) {
      part = new ReadCounters(pattern)
      part.#sampleEvery = this.#sampleEvery
      this.#parts.set(pattern, part)
    }
    this.#lastKey = key
    this.#lastPart = part
    return part
  }

  get pattern(): string {
    return this.#pattern
  }

  /** Why the key of a miss was missed. */
  caused(cause: MissCause | undefined): void {
    if (cause !== undefined) this.#causes[cause] += 1
  }

  /** So many callers have waited so long for the shared tier. */
  took(durationMs: number, callers: number): void {
    this.#sharedTimes ??= new AlikeTimes()
    this.#sharedTimes.add(durationMs, callers)
  }

  /** A sampled hit has taken so long. The first after a telling is told at once: whoever rests wakes up. */
  sample(report: Report, key: CacheKey, durationMs: number): void {
    this.#samples ??= new HitSamples()
    this.#samples.add(key, durationMs, this.hits - this.#givenHits)
    this.#givenHits = this.hits
    this.#sampled += 1
    if (this.#sampled > ALL_SAMPLED && this.#sampled % SAMPLED_ALIKE === 0) {
      this.#gap = Math.min(this.#sampleEvery, this.#gap * 2)
    }
    this.sampledAt = this.hits + this.#jitteredGap()
    if (this.#sampled === 1 || this.#samples.isFull) this.#tellSamples(report)
  }

  /** Reports what was counted since the last time, and starts again from zero. */
  tell(report: Report): void {
    if (this.#sampled > 0) {
      this.#tellSamples(report)
      // Hits since the last sample are taken to be of the same pattern.
      this.#giveHits(this.#lastSampled, this.hits - this.#givenHits)
      this.#givenHits = this.hits
      this.#sampled = 0
      this.#gap = 1
      this.sampledAt = this.hits + 1
    }
    if (this.#parts.size > 0) this.#toldHits = this.hits
    for (const part of this.#parts.values()) part.tell(report)
    this.#tellOwn(report)
  }

  #tellSamples(report: Report): void {
    const byPart = new Map<ReadCounters, AlikeTimes>()
    this.#samples?.drain((key, durationMs, count) => {
      const part = this.of(key)
      this.#lastSampled = part
      this.#giveHits(part, count)
      const times = byPart.get(part) ?? new AlikeTimes()
      byPart.set(part, times)
      times.add(durationMs, count)
    })
    for (const [{ pattern }, times] of byPart) {
      for (const time of times) {
        report({ type: 'latency', operation: 'get', tier: 'memory', pattern, ...time })
      }
    }
  }

  #giveHits(part: ReadCounters, count: number): void {
    if (part !== this) part.hits += count
  }

  /** On average the gap; a pattern in what is read must not be met by one in what is sampled. */
  #jitteredGap(): number {
    if (this.#gap === 1) return 1
    this.#seed = Math.imul(this.#seed, 1_103_515_245) + 12_345
    return 1 + ((this.#seed >>> 8) % (2 * this.#gap - 1))
  }

  #tellOwn(report: Report): void {
    const pattern = this.#pattern
    const { memoryMisses, sharedHits, sharedMisses, sharedErrors, answered, unmet } = this
    const causes = this.#causes
    const hits = this.hits - this.#toldHits
    const memoryHits = hits + this.memoryHits
    this.#toldHits = this.hits
    this.memoryHits = 0
    this.memoryMisses = 0
    this.sharedHits = 0
    this.sharedMisses = 0
    this.sharedErrors = 0
    this.answered = 0
    this.unmet = 0
    if (memoryHits + memoryMisses > 0) {
      const counts = { hits: memoryHits, misses: memoryMisses, errors: 0 }
      report({ type: 'reads', tier: 'memory', pattern, ...counts })
    }
    if (sharedHits + sharedMisses + sharedErrors > 0) {
      const counts = { hits: sharedHits, misses: sharedMisses, errors: sharedErrors }
      report({ type: 'reads', tier: 'shared', pattern, ...counts })
    }
    const times = this.#sharedTimes ?? []
    this.#sharedTimes = undefined
    for (const time of times) {
      report({ type: 'latency', operation: 'get', tier: 'shared', pattern, ...time })
    }
    if (hits + answered + unmet > 0) {
      this.#causes = { first: 0, unkept: 0, expired: 0, gone: 0 }
      report({ type: 'answers', pattern, hits: hits + answered, misses: unmet, causes })
    }
  }
}
