/** Loads the hot keys of one collection anew before they expire: which of them, and how long before. */

import type { Clock } from '../contracts/clock.ts'
import type { Random } from '../contracts/random.ts'
import type { CacheKey } from '../contracts/source.ts'
import type { HotPlan, WarmItem, WarmTarget } from '../contracts/warm-target.ts'
import { asItems, itemBatches, keyOf } from './item-batches.ts'
import { orAborted } from './or-aborted.ts'
import { pause } from './pause.ts'
import { repeat } from './repeated-work.ts'

/** What expires before the next look, and a half of that for a look that is late, is renewed now. */
const AHEAD_OF_LOOKS = 1.5
/** A look that takes longer than so many intervals is none to go by. */
const MOST_LATE = 2
/** Reads in an hour below which a key is not worth to be kept alive by itself. */
const LEAST_HOT_READS = 10
/** Counts are of so long, and less where the instance is younger. */
const COUNTED_MS = 3_600_000
/** Three, of which the first fade already: fewer, in however short a time, are no habit. */
const LEAST_SEEN = 2.5
/** Which keys are hot changes slowly: looks of that time share one list. */
const RANKED_MS = 1_000
/** Keys that are looked at together, in one turn of the event loop. */
const KEYS_A_LOOK = 200

export interface HotRenewalParts {
  readonly clock: Clock
  readonly random: Random
  readonly target: WarmTarget
  readonly plan: HotPlan
  readonly signal: AbortSignal
  /** Owns what is under way. */
  readonly own: (work: Promise<void>) => void
  /** Within the budget; tells what comes of it, and what went wrong. Never rejects. */
  readonly run: (look: (carryOut: CarryOut) => Promise<void>) => Promise<void>
}

/** Renews the keys of `items` that live no longer than `withinMs`. */
export type CarryOut = (items: AsyncIterable<WarmItem>, withinMs: number) => Promise<unknown>

export class HotRenewal {
  readonly #parts: HotRenewalParts
  readonly #beganAt: number
  #rankedAt = Number.NEGATIVE_INFINITY
  #ranked: readonly CacheKey[] = []
  /** How long the look before took, most of which is loads. */
  #tookMs = 0

  constructor(parts: HotRenewalParts) {
    this.#parts = parts
    const { clock, random, plan, signal, own, run } = parts
    this.#beganAt = clock.monotonic()
    const work = (): Promise<void> => run((carryOut) => this.#look(carryOut))
    repeat({ clock, random, everyMs: plan.everyMs, signal, own, work })
  }

  async #look(carryOut: CarryOut): Promise<void> {
    const { clock, plan, signal } = this.#parts
    const beganAt = clock.monotonic()
    const { from } = plan
    const asked = from === 'reads' ? this.#mostRead() : from({ signal })
    const items = await orAborted<unknown>(signal, asked)
    const withinMs = this.#withinMs
    await carryOut(this.#ending(asItems(items), withinMs), withinMs)
    this.#tookMs = clock.monotonic() - beganAt
  }

  /** The next look comes when this one has ended; a source that is slow for once changes little. */
  get #withinMs(): number {
    const { everyMs } = this.#parts.plan
    const untilNextMs = Math.max(everyMs, Math.min(this.#tookMs, everyMs * MOST_LATE))
    return untilNextMs * AHEAD_OF_LOOKS
  }

  #mostRead(): readonly CacheKey[] {
    const { clock, target, plan } = this.#parts
    const now = clock.monotonic()
    if (now - this.#rankedAt < RANKED_MS) return this.#ranked
    const rows = target.hotKeys?.top(plan.keys) ?? []
    // An instance that was started a minute ago has counted a minute's part of an hour's reads.
    const counted = 1 - Math.exp((this.#beganAt - now) / COUNTED_MS)
    const least = Math.max(LEAST_SEEN, LEAST_HOT_READS * counted)
    this.#rankedAt = now
    this.#ranked = rows.filter(({ reads }) => reads >= least).map(({ key }) => key)
    return this.#ranked
  }

  /**
   * Only what needs a load takes a turn of the budget: one that is loaded holds up the rest of its batch,
   * and what is alive must not be among them.
   */
  async *#ending(
    items: Iterable<WarmItem> | AsyncIterable<WarmItem>,
    withinMs: number,
  ): AsyncGenerator<WarmItem> {
    const { clock, random, target, plan, signal } = this.#parts
    // What is read here is served from here; what a query names may be more than fits.
    const look = { withinMs, copies: plan.from === 'reads' }
    let looked = 0
    const parts = Array.isArray(items)
      ? slices(items as readonly WarmItem[], plan.keys)
      : itemBatches(first(items, plan.keys), KEYS_A_LOOK, signal)
    for await (const some of parts) {
      if (looked > 0) await pause(clock, 0, signal)
      if (signal.aborted) return
      looked += some.length
      const ending = await target.ending(some.map(keyOf), look)
      // Instances that look at once would otherwise ask for the same leases, one after the other.
      const begin = Math.floor(random.next() * ending.length)
      yield* ending.slice(begin)
      yield* ending.slice(0, begin)
    }
  }
}

/** A list at hand is cut and not handed on key by key, which would take most of the time of a look. */
function* slices(items: readonly WarmItem[], limit: number): Generator<readonly WarmItem[]> {
  for (let at = 0; at < Math.min(items.length, limit); at += KEYS_A_LOOK) {
    yield items.slice(at, Math.min(at + KEYS_A_LOOK, limit))
  }
}

/** A query may answer more than was asked for. */
async function* first(
  items: Iterable<WarmItem> | AsyncIterable<WarmItem>,
  limit: number,
): AsyncGenerator<WarmItem> {
  let left = limit
  for await (const item of items) {
    yield item
    left -= 1
    if (left <= 0) return
  }
}
