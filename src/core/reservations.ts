/**
 * The values of one collection that are on their way into this process: being loaded, or being
 * written by it.
 *
 * Whoever changes a key kills the reservations for it; a dead one hands its value to those who wait
 * and keeps nothing. Without that, a load that read the source before a delete would be kept after
 * it and served as fresh for a whole life.
 */

import type { Position } from '../contracts/coherence.ts'
import type { SharedKey } from '../contracts/shared-tier.ts'
import type { CacheKey } from '../contracts/source.ts'
import { ClearedMap } from './cleared-map.ts'
import { RecentChanges } from './recent-changes.ts'

export interface Reservation {
  readonly key: CacheKey
  /** Where the shared tier stood, as far as it was followed; `undefined`: there is none. */
  readonly shared: { readonly key: SharedKey; readonly position: Position } | undefined
  /** See `LocalOrder`: judges the value's tags when it arrives. */
  readonly stamp: number
  readonly kind: 'load' | 'set' | 'write'
  readonly alive: boolean
  /** Of `set` and `write`: the highest number of another change of the key that has ended meanwhile. */
  readonly outrunBy: number
  /** Of `write`: another write of this process overlapped, and nobody here knows which came last. */
  readonly contested: boolean
}

interface Held extends Reservation {
  alive: boolean
  outrunBy: number
  contested: boolean
  /** Others of the same key: the one that came before it, and the one that came after. */
  older: Held | undefined
  newer: Held | undefined
}

export class Reservations {
  /** The newest of each key; there are seldom more. */
  readonly #byKey = new ClearedMap<CacheKey, Held>()
  /** The same changes, for those who hold no reservation. */
  readonly changes: RecentChanges = new RecentChanges()

  get size(): number {
    return this.#byKey.size
  }

  /** Must be released, whatever becomes of the value. */
  reserve(what: Pick<Reservation, 'key' | 'stamp' | 'kind' | 'shared'>): Reservation {
    const older = this.#byKey.get(what.key)
    const held: Held = {
      ...what,
      alive: true,
      outrunBy: 0,
      contested: false,
      older,
      newer: undefined,
    }
    if (older !== undefined) older.newer = held
    if (what.kind === 'write') contest(held)
    this.#byKey.set(what.key, held)
    return held
  }

  release(reservation: Reservation): void {
    const held = reservation as Held
    const { key, older, newer } = held
    if (older !== undefined) older.newer = newer
    if (newer !== undefined) newer.older = older
    else if (this.#byKey.get(key) !== held) return
    else if (older === undefined) this.#byKey.delete(key)
    else this.#byKey.set(key, older)
    held.older = undefined
    held.newer = undefined
  }

  kill(key: CacheKey): void {
    this.changes.add(key)
    this.#kill(key)
  }

  /**
   * A change of the key with this number has ended. Loads are cut off; of two values that are being
   * set, the one with the higher number stays, whichever answer comes first.
   */
  outrun(key: CacheKey, number: number): void {
    this.changes.add(key)
    for (let one = this.#byKey.get(key); one !== undefined; one = one.older) {
      if (one.kind === 'load') one.alive = false
      else one.outrunBy = Math.max(one.outrunBy, number)
    }
  }

  killAll(): void {
    this.changes.add(undefined)
    for (const key of this.#byKey.keys()) this.#kill(key)
  }

  killMatching(matches: (key: CacheKey) => boolean): void {
    this.changes.add(undefined)
    for (const key of this.#byKey.keys()) if (matches(key)) this.#kill(key)
  }

  #kill(key: CacheKey): void {
    for (let one = this.#byKey.get(key); one !== undefined; one = one.older) one.alive = false
  }
}

function contest(held: Held): void {
  for (let other = held.older; other !== undefined; other = other.older) {
    if (other.kind !== 'write') continue
    held.contested = true
    other.contested = true
  }
}
