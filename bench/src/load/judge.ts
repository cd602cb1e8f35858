/**
 * Judges reads by what had been acknowledged before they began. It knows nothing of caches: only who was
 * told what, and when.
 */

import { LatencyHistogram } from '../replay/latency-histogram.ts'
import type { Observation } from './observations.ts'

export interface Judgement {
  readonly reads: number
  readonly writes: number
  /** Reads that showed less than what had been acknowledged before they began. */
  readonly stale: number
  /** Reads staler than what connected instances promise, and than what any does. */
  readonly beyondBound: number
  readonly beyondBlindness: number
  /** Of all reads, fresh ones counting as 0: since when what they did not show was acknowledged. */
  readonly staleMs: { readonly p50: number; readonly p99: number; readonly max: number }
}

/** What no read may be staler than, milliseconds. */
export interface Bounds {
  /** Of instances that are connected. */
  readonly boundMs: number
  /** Of one that the shared tier does not answer. */
  readonly blindMs: number
}

/** Changes of one product in the order of their serials, which is that of their acknowledgements. */
interface Acknowledged {
  readonly serials: number[]
  readonly at: number[]
}

export class Judge {
  readonly #bounds: Bounds
  /** One a product; of those before the current pass, the last change alone. */
  readonly #acknowledged = new Map<number, Acknowledged>()
  readonly #staleMs = new LatencyHistogram()
  #reads = 0
  #writes = 0
  #stale = 0
  #beyondBound = 0
  #beyondBlindness = 0

  constructor(bounds: Bounds) {
    this.#bounds = bounds
  }

  /** A change that was acknowledged at `at`, with a higher serial than those of the product before. */
  acknowledge(product: number, serial: number, at: number): void {
    this.#writes += 1
    const known = this.#acknowledged.get(product)
    if (known === undefined) {
      this.#acknowledged.set(product, { serials: [serial], at: [at] })
      return
    }
    // Two writers tell of their changes one after the other.
    const place = firstAbove(known.serials, serial)
    known.serials.splice(place, 0, serial)
    known.at.splice(place, 0, at)
  }

  /** All changes that were acknowledged before it began must have been told. */
  judge({ product, serial, beganAt }: Pick<Observation, 'product' | 'serial' | 'beganAt'>): void {
    this.#reads += 1
    const known = this.#acknowledged.get(product)
    if (known === undefined) return
    const missed = known.at[firstAbove(known.serials, serial)]
    if (missed === undefined || missed >= beganAt) return
    const staleMs = beganAt - missed
    this.#stale += 1
    this.#staleMs.record(staleMs)
    if (staleMs > this.#bounds.boundMs) this.#beyondBound += 1
    if (staleMs > this.#bounds.blindMs) this.#beyondBlindness += 1
  }

  /** Forgets what no later read can be judged by. To be called between two passes. */
  forgetOvertaken(): void {
    for (const { serials, at } of this.#acknowledged.values()) {
      serials.splice(0, serials.length - 1)
      at.splice(0, at.length - 1)
    }
  }

  /** The last change of each product. */
  *lastAcknowledged(): Generator<readonly [product: number, serial: number]> {
    for (const [product, { serials }] of this.#acknowledged) yield [product, serials.at(-1) ?? 0]
  }

  get judgement(): Judgement {
    return {
      reads: this.#reads,
      writes: this.#writes,
      stale: this.#stale,
      beyondBound: this.#beyondBound,
      beyondBlindness: this.#beyondBlindness,
      staleMs: { p50: this.#quantile(0.5), p99: this.#quantile(0.99), max: this.#staleMs.maxMs },
    }
  }

  /** Of all reads: those that were fresh come first. */
  #quantile(share: number): number {
    const fresh = this.#reads - this.#stale
    const sought = this.#reads * share - fresh
    return sought <= 0 ? 0 : this.#staleMs.quantile(sought / this.#stale)
  }
}

function firstAbove(ascending: readonly number[], sought: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ascending[middle] ?? 0) > sought) high = middle
    else low = middle + 1
  }
  return low
}
