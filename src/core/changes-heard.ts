/**
 * What this process does about changes that it hears of: copies go, and loads under way are not kept.
 *
 * Called by `coherence/`, which knows what was heard before and what was missed.
 */

import type { Clock } from '../contracts/clock.ts'
import type { CoherenceListener, HeardChange } from '../contracts/coherence.ts'
import type { Report } from '../contracts/events.ts'
import type { MemoryEntry, MemoryTier } from '../contracts/memory-tier.ts'
import type { RemovalMode } from '../contracts/shared-tier.ts'
import type { CacheKey } from '../contracts/source.ts'
import { decodeKey } from '../keys/key-encoding.ts'
import { expiredEntry } from './expired-entry.ts'
import type { Space } from './space.ts'
import type { WakeCalls } from './wake-calls.ts'

export interface ChangesHeardParts {
  readonly clock: Clock
  readonly spaces: ReadonlyMap<string, Space>
  readonly memory: MemoryTier | undefined
  readonly leases: WakeCalls
  readonly locks: WakeCalls
  readonly report: Report
  /** Aborts when the cache is closed. */
  readonly closing: AbortSignal
  /** Every shard has answered lately. */
  readonly answered: () => void
  /** Changes of others, for whoever counts. */
  readonly invalidated: (changes: readonly HeardChange[], origin: 'remote' | 'replayed') => void
  /** Writes under way in this shard begin again: what protected them may be lost. */
  readonly renewed: (shard: number) => void
}

export class ChangesHeard implements CoherenceListener {
  readonly #parts: ChangesHeardParts
  #trustedUntil = Number.NEGATIVE_INFINITY
  #followed = false
  #cancelWatch: (() => void) | undefined

  constructor(parts: ChangesHeardParts) {
    this.#parts = parts
    parts.closing.addEventListener('abort', () => this.#cancelWatch?.(), { once: true })
  }

  changed(
    ids: readonly string[],
    { number, mode }: { readonly number: number; readonly mode: RemovalMode },
  ): void {
    for (const id of ids) {
      const collection = id.slice(0, Math.max(0, id.indexOf(':')))
      const space = this.#parts.spaces.get(collection)
      const key = space === undefined ? undefined : decodeKey(collection, id)
      if (space !== undefined && key !== undefined) this.#change(space, key, number, mode)
    }
  }

  doubt(which: 'tagged' | 'all'): void {
    this.#parts.memory?.doubt(which)
  }

  trustUntil(moment: number): void {
    this.#watchTrust(moment)
    if (moment > this.#trustedUntil) this.#parts.answered()
    this.#trustedUntil = moment
    this.#parts.memory?.trustUntil(moment)
  }

  renewed(shard: number): void {
    this.#parts.renewed(shard)
  }

  invalidated(changes: readonly HeardChange[], origin: 'remote' | 'replayed'): void {
    this.#parts.invalidated(changes, origin)
  }

  released(ids: readonly string[]): void {
    this.#parts.leases.call(ids)
  }

  unlocked(names: readonly string[]): void {
    this.#parts.locks.call(names)
  }

  /** Tells when changes of others begin to reach this process, and when they have not for too long. */
  #watchTrust(moment: number): void {
    const { clock, closing } = this.#parts
    if (closing.aborted) return
    const leftMs = moment - clock.monotonic()
    if (leftMs <= 0) {
      if (this.#followed) this.#tell('blind', 'the shared tier has not been followed for too long')
    } else if (!this.#followed) {
      this.#tell('followed', 'every shard has answered')
    }
    const watches = this.#followed && leftMs < Number.POSITIVE_INFINITY
    if (!watches || this.#cancelWatch !== undefined) return
    const look = (): void => {
      this.#cancelWatch = undefined
      this.#watchTrust(this.#trustedUntil)
    }
    this.#cancelWatch = clock.schedule(leftMs, look, 'upkeep')
  }

  #tell(state: 'followed' | 'blind', reason: string): void {
    this.#followed = state === 'followed'
    this.#parts.report({ type: 'connection', tier: 'shared', pattern: '*', state, reason })
  }

  #change(space: Space, key: CacheKey, number: number, mode: RemovalMode): void {
    space.reservations.outrun(key, number)
    // What was expired is as bad as it was: a source that fails is still left alone.
    if (mode === 'delete') space.resting.end(key)
    const now = this.#parts.clock.monotonic()
    const entry = space.memory?.find(key, now)
    if (entry === undefined || knows(entry, number)) return
    if (mode === 'delete') space.memory?.remove(key, 'invalidated')
    else space.memory?.store(key, expiredEntry(entry, now))
  }
}

/** An own write that the change is, or that came after it. */
function knows({ shared }: MemoryEntry, number: number): boolean {
  return shared !== undefined && shared.asOf >= number
}
