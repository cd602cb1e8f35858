/** Of the keys that wait in one queue: which is due next, which has waited longest, and of which epoch. */

import type { PendingRow } from '../shard/index.ts'
import { OrderedIds } from './ordered-ids.ts'

export class PendingIndex {
  readonly #due = new OrderedIds()
  /** By what the key's earliest write stands for first. */
  readonly #order = new OrderedIds()
  readonly #epochOf = new Map<string, string>()
  readonly #idsOf = new Map<string, Set<string>>()
  /** When something of it was due, or stored, last, since it was empty: a clock below it was set back. */
  #latestAt = Number.NEGATIVE_INFINITY

  get latestAt(): number {
    return this.#latestAt
  }

  sawAt(now: number): void {
    if (this.#epochOf.size > 0) this.#latestAt = Math.max(this.#latestAt, now)
  }

  get ids(): readonly string[] {
    return [...this.#epochOf.keys()]
  }

  /** `first`: the earliest write of the key; `undefined`: none waits any more. */
  set(id: string, first: PendingRow | undefined): void {
    this.#setEpoch(id, first?.epoch)
    if (first === undefined) {
      this.#due.delete(id)
      this.#order.delete(id)
      if (this.#epochOf.size === 0) this.#latestAt = Number.NEGATIVE_INFINITY
      return
    }
    this.#due.set(id, first.dueAt)
    this.#order.set(id, first.first)
    this.#latestAt = Math.max(this.#latestAt, first.storedAt)
  }

  dueUpTo(at: number, limit: number): readonly string[] {
    return this.#due.upTo(at, limit)
  }

  nextDue(): number | undefined {
    return this.#due.first()?.at
  }

  /** The key that has waited longest, and what it stands for first. */
  oldest(): { readonly id: string; readonly at: number } | undefined {
    return this.#order.first()
  }

  /** Those whose earliest write is of another epoch. */
  strangers(epoch: string): readonly string[] {
    if (this.#idsOf.size <= (this.#idsOf.has(epoch) ? 1 : 0)) return []
    return [...this.#idsOf].flatMap(([other, ids]) => (other === epoch ? [] : [...ids]))
  }

  #setEpoch(id: string, epoch: string | undefined): void {
    const known = this.#epochOf.get(id)
    if (known === epoch) return
    const ids = known === undefined ? undefined : this.#idsOf.get(known)
    ids?.delete(id)
    if (known !== undefined && ids?.size === 0) this.#idsOf.delete(known)
    if (epoch === undefined) {
      this.#epochOf.delete(id)
      return
    }
    this.#epochOf.set(id, epoch)
    const others = this.#idsOf.get(epoch)
    if (others === undefined) this.#idsOf.set(epoch, new Set([id]))
    else others.add(id)
  }
}
