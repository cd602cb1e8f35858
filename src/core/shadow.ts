/**
 * Comparing a share of hits with the source (H7): what a team looks at before it trusts a cache.
 *
 * The source is asked beside its readers, never in their way; what it answers is compared and dropped.
 * A difference counts once nothing explains it: no change of the key or of its tags was heard of since
 * before the source was asked, nor within the time in which one may still be on its way.
 */

import type { ShadowEvent } from '../contracts/events.ts'
import type { MemorySpace } from '../contracts/memory-tier.ts'
import type { CacheKey } from '../contracts/source.ts'
import type { Breaker } from './breaker.ts'
import { mayPublish } from './commit.ts'
import type { Engine } from './engine.ts'
import { locate } from './lifetimes.ts'
import type { Load } from './loads.ts'
import type { Reservation } from './reservations.ts'
import { reserve } from './reserve.ts'
import { sameValue } from './same-value.ts'
import { ShadowedMemory } from './shadowed-memory.ts'
import { ShareSampler } from './share-sampler.ts'
import type { SourceGauge } from './source-gauge.ts'
import type { HitShadow, Space } from './space.ts'
import { within } from './within.ts'

/** At once, of one collection; of a source that allows few calls, a quarter of those. */
const MOST_UNDER_WAY = 4
const PLACE_SHARE = 0.25
/** Of the places of a source, those that readers may take before it is left alone. */
const YIELD_AT = 0.5
/** A change may be told so much later than the source has it. */
const SETTLE_MS = 1_000

export interface ShadowParts {
  readonly engine: Engine
  readonly space: Space
  /** Counts for nobody: neither for its breaker nor for the pace of warming. */
  readonly load: Load
  readonly gauge: SourceGauge
  readonly breaker: Breaker | undefined
  /** `undefined`: by all that they hold. */
  readonly same: ((cached: unknown, loaded: unknown) => unknown) | undefined
}

interface Hit {
  readonly key: CacheKey
  /** `undefined`: that the source has nothing. */
  readonly value: unknown
  readonly tags: readonly string[]
  readonly tier: 'memory' | 'shared'
}

export class Shadow implements HitShadow {
  readonly #parts: ShadowParts
  #share = 0
  #sampler: ShareSampler | undefined
  #underWay = 0

  constructor(parts: ShadowParts) {
    this.#parts = parts
  }

  get share(): number {
    return this.#share
  }

  set(share: number): void {
    this.#share = share
    this.#sampler = share > 0 ? new ShareSampler(share, this.#parts.engine.random) : undefined
  }

  over(memory: MemorySpace): MemorySpace {
    return new ShadowedMemory(memory, (key) => this.copyHit(key))
  }

  copyHit(key: CacheKey): void {
    if (!this.#draws()) return
    const { engine, space } = this.#parts
    const entry = space.memory?.find(key, engine.clock.monotonic())
    if (entry === undefined) return
    const { value, tags } = entry
    this.#begin({ key, value, tags, tier: 'memory' })
  }

  sharedHit(key: CacheKey, value: unknown): void {
    // Its tags are judged by the tier, which is looked at again before it counts.
    if (this.#draws()) this.#begin({ key, value, tags: [], tier: 'shared' })
  }

  #draws(): boolean {
    return this.#sampler?.draws() === true
  }

  /** Unless readers need the source, or it is given a rest. */
  #begin(hit: Hit): void {
    const { engine, space, gauge, breaker } = this.#parts
    const most = Math.max(1, Math.min(MOST_UNDER_WAY, gauge.limit * PLACE_SHARE))
    if (this.#underWay >= Math.floor(most) || engine.closing.aborted) return
    if (gauge.waiting > 0 || gauge.foreground > gauge.limit * YIELD_AT) return
    if (breaker !== undefined && breaker.state !== 'closed') return
    this.#underWay += 1
    const reservation = reserve(engine, space, hit.key)
    const over = this.#compare(hit, reservation).finally(() => {
      space.reservations.release(reservation)
      this.#underWay -= 1
    })
    engine.background.run('shadow', over)
  }

  async #compare(hit: Hit, reservation: Reservation): Promise<void> {
    const { engine } = this.#parts
    let outcome: ShadowEvent['outcome']
    try {
      const loaded = await this.#load(hit.key)
      outcome = this.#same(hit.value, loaded) ? 'same' : 'different'
      if (!this.#unchanged(hit, reservation)) return
      if (outcome === 'different' && !(await this.#stands(hit, reservation))) return
    } catch {
      outcome = 'failed'
    }
    if (!engine.closing.aborted) this.#tell(outcome)
  }

  /** @throws whatever the source throws */
  async #load(key: CacheKey): Promise<unknown> {
    const { engine, space, load } = this.#parts
    const giveUp = new AbortController()
    const takeBack = engine.onClose(() => giveUp.abort(engine.closing.reason))
    const { hardMs } = space.timeouts
    const late = (): Error => {
      const error = new Error(`The source took longer than ${hardMs} ms.`)
      giveUp.abort(error)
      return error
    }
    try {
      const request = { key, signal: giveUp.signal, previous: undefined, base: space.options }
      const loading = load(request)
      // One that goes on after it was given up is nobody's any more, and keeps its place in the source.
      return (await within(engine.clock, hardMs, loading, late)).value
    } finally {
      takeBack()
    }
  }

  /** As far as it was heard of here: no change of the key or its tags, nothing else in its place. */
  #unchanged({ key, value, tags, tier }: Hit, reservation: Reservation): boolean {
    const { engine, space } = this.#parts
    if (!mayPublish(engine, reservation, tags)) return false
    if (tier === 'shared') return true
    const held = space.memory?.find(key, engine.clock.monotonic())
    // One that has ended since was served all the same.
    return held === undefined || held.value === value
  }

  /** Whether it is still so when every change has been heard of that could explain it. */
  async #stands(hit: Hit, reservation: Reservation): Promise<boolean> {
    const { engine, space } = this.#parts
    await new Promise<void>((resolve) => {
      const cancel = engine.clock.schedule(SETTLE_MS, end, 'upkeep')
      const takeBack = engine.onClose(() => {
        cancel()
        end()
      })
      function end(): void {
        takeBack()
        resolve()
      }
    })
    if (engine.closing.aborted) return false
    const { shared } = reservation
    if (shared !== undefined && engine.shared !== undefined) {
      const { coherence } = engine.shared
      if (!(await coherence.catchUp(shared.position.shard))) return false
      const { epoch, cursor } = shared.position
      const then = { epoch, stamp: cursor, asOf: cursor, blind: false }
      if (coherence.judgeCopy(shared.key, then, hit.tags) !== 'stands') return false
    }
    if (hit.tier === 'shared') {
      const located = await locate(engine, space, hit.key)
      if (located === undefined || !this.#same(hit.value, located.entry.value)) return false
    }
    return this.#unchanged(hit, reservation)
  }

  #same(one: unknown, other: unknown): boolean {
    const { same } = this.#parts
    if (one === undefined || other === undefined) return one === other
    // What a codec cannot keep it refuses: a value is the same on either side of it.
    return same === undefined ? sameValue(one, other) : same(one, other) === true
  }

  #tell(outcome: ShadowEvent['outcome']): void {
    const { engine, space } = this.#parts
    engine.report({ type: 'shadow', pattern: space.pattern, outcome, count: 1 })
  }
}
