/**
 * All entries of a memory tier, whatever their space, and the bounds that hold over them.
 *
 * Everything that enters or leaves goes through here, so that slots, sums, policies and the maps of
 * the spaces never disagree. Called by `EntrySpace` and by the tier itself.
 */

import type { Clock } from '../contracts/clock.ts'
import type { RemovalCause } from '../contracts/events.ts'
import type { MemoryEntry } from '../contracts/memory-tier.ts'
import type { CacheKey } from '../contracts/source.ts'
import { hashKey } from '../keys/hash-key.ts'
import { EntryColumns } from './entry-columns.ts'
import { estimateBytes } from './estimate-bytes.ts'
import type { MemoryBounds } from './memory-bounds.ts'
import type { PriorityLanes } from './priority-lanes.ts'
import type { PendingRemovals, RemovalTally } from './removal-tally.ts'

const HIGHEST_RANK = 3
/** Slots that one slice of a scan looks at, and entries that it removes, at most: under 5 ms together. */
const SLOTS_A_SLICE = 65_536
const REMOVALS_A_SLICE = 1_000
/** Slots that are searched for an expired entry before a newcomer is turned away. */
const SLOTS_A_SEARCH = 1_024

/** What the table knows of a space. */
export interface SpaceEntries extends PendingRemovals {
  readonly number: number
  readonly slots: Map<CacheKey, number>
  /** `Infinity`: uses are not noted. */
  readonly noteEveryMs: number
}

/** An entry to take in, with its value as it is to be kept. */
export interface Placement {
  readonly space: SpaceEntries
  /** Where the space holds the key already. */
  readonly slot: number | undefined
  readonly key: CacheKey
  readonly entry: MemoryEntry
  readonly value: unknown
}

export interface EntryTableParts {
  readonly bounds: MemoryBounds
  readonly clock: Clock
  readonly lanes: PriorityLanes
  readonly tally: RemovalTally
}

export class EntryTable {
  readonly columns: EntryColumns
  /** An entry with another mark is in doubt until it is vouched for. */
  readonly marks = { tagged: 1, copies: 2 }
  /** On the monotonic clock: from then on every entry is in doubt. */
  trustedUntil: number = Number.POSITIVE_INFINITY
  readonly #bounds: MemoryBounds
  readonly #clock: Clock
  readonly #lanes: PriorityLanes
  readonly #tally: RemovalTally
  readonly #countsBytes: boolean
  readonly #spaces: SpaceEntries[] = []
  /** Slots that were used and are free again. */
  readonly #free: number[] = []
  #entries = 0
  #bytes = 0
  #weight = 0
  /** Where the next look for an expired entry begins, when a newcomer finds no room. */
  #searchFrom = 0
  #closed = false

  constructor(parts: EntryTableParts) {
    this.#bounds = parts.bounds
    this.#clock = parts.clock
    this.#lanes = parts.lanes
    this.#tally = parts.tally
    this.#countsBytes = Number.isFinite(parts.bounds.bytes)
    this.columns = new EntryColumns(parts.bounds.entries)
  }

  get entries(): number {
    return this.#entries
  }

  /** 0 while no bound in bytes is set: nothing is estimated then. */
  get bytes(): number {
    return this.#bytes
  }

  get weight(): number {
    return this.#weight
  }

  addSpace(pattern: string, noteEveryMs: number = Number.POSITIVE_INFINITY): SpaceEntries {
    const counts = { deleted: 0, replaced: 0, expired: 0, evicted: 0, invalidated: 0 }
    const number = this.#spaces.length
    const space = { number, pattern, counts, slots: new Map(), noteEveryMs }
    this.#spaces.push(space)
    return space
  }

  /** Takes an entry in and makes room for it. When this returns, every bound holds. */
  place(placement: Placement): void {
    if (this.#closed) return
    const { space, slot, key, entry, value } = placement
    const bytes = this.#countsBytes ? estimateBytes(key) + estimateBytes(value) : 0
    if (!this.#couldFit(bytes, entry.size)) {
      if (slot !== undefined) this.discard(slot, 'replaced')
      this.#tally.note(space, 'evicted', 1)
      return
    }
    if (slot === undefined) this.#insert(placement, bytes)
    else this.#overwrite(slot, placement, bytes)
  }

  doubt(which: 'tagged' | 'all'): void {
    this.marks.tagged += 2
    if (which === 'all') this.marks.copies += 2
  }

  touch(slot: number): void {
    const { sole } = this.#lanes
    if (sole !== undefined) sole.touch(slot)
    else this.#lanes.touch(this.columns.rankOf(slot), slot)
  }

  discard(slot: number, cause: RemovalCause): void {
    this.#lanes.remove(this.columns.rankOf(slot), slot)
    this.#release(slot, cause)
  }

  /** `false`: it is noted already, or uses are not. */
  noteUse(slot: number, { noteEveryMs }: SpaceEntries): boolean {
    if (noteEveryMs === Number.POSITIVE_INFINITY) return false
    return this.columns.noteUse(slot, this.#clock.monotonic(), noteEveryMs)
  }

  /** Removes what has not been used since, in one slice of the slots. */
  idleSlice(
    from: number,
    before: number,
    space: SpaceEntries,
  ): { readonly next: number; readonly removed: number } {
    const until = Math.min(this.columns.used, from + SLOTS_A_SLICE)
    let removed = 0
    for (let slot = from; slot < until; slot += 1) {
      if (!(this.columns.usedAt(slot) < before) || this.columns.spaceOf(slot) !== space.number)
        continue
      this.discard(slot, 'expired')
      removed += 1
      if (removed === REMOVALS_A_SLICE) return { next: slot + 1, removed }
    }
    return { next: until >= this.columns.used ? -1 : until, removed }
  }

  clearSpace(space: SpaceEntries, cause: RemovalCause): number {
    const count = space.slots.size
    if (count === this.#entries) return this.clear(cause)
    for (const slot of space.slots.values()) this.discard(slot, cause)
    return count
  }

  clear(cause: RemovalCause): number {
    const count = this.#entries
    for (const space of this.#spaces) {
      this.#tally.note(space, cause, space.slots.size)
      space.slots.clear()
    }
    this.#lanes.clear()
    this.columns.reset()
    this.#free.length = 0
    this.#entries = 0
    this.#bytes = 0
    this.#weight = 0
    return count
  }

  /** Lets go of all entries; what comes later is not kept. */
  close(): void {
    this.#closed = true
    this.#tally.close()
    this.clear('deleted')
  }

  /** Removes what is gone in one slice of the slots. Answers where the next begins; -1 after the last. */
  expireSlice(from: number, now: number, slots: number = SLOTS_A_SLICE): number {
    const until = Math.min(this.columns.used, from + slots)
    let next = from
    for (let removed = 0; removed < REMOVALS_A_SLICE; removed += 1) {
      const slot = this.columns.firstGone(next, until, now)
      if (slot === -1) return until >= this.columns.used ? -1 : until
      this.discard(slot, 'expired')
      next = slot + 1
    }
    return next
  }

  /** Removes what is gone, then the least valuable, until `count` have left or none is there. */
  shrink(count: number, now: number): number {
    const before = this.#entries
    for (let from = 0; from !== -1; ) from = this.expireSlice(from, now)
    while (before - this.#entries < count) {
      const slot = this.#lanes.evict(HIGHEST_RANK)
      if (slot === -1) break
      this.#release(slot, 'evicted')
    }
    return before - this.#entries
  }

  #couldFit(bytes: number, size: number): boolean {
    const { entries, bytes: mostBytes, weight } = this.#bounds
    return entries >= 1 && bytes <= mostBytes && size <= weight
  }

  #insert(placement: Placement, bytes: number): void {
    const { space, key, entry } = placement
    const rank = this.columns.rankFor(entry.priority)
    while (this.#isOver(1, bytes, entry.size)) {
      const victim = this.#lanes.evict(rank)
      if (victim !== -1) {
        this.#release(victim, 'evicted')
      } else if (!this.#searchExpired()) {
        // Entries of a higher priority do not give way to one of a lower, so the newcomer leaves.
        this.#tally.note(space, 'evicted', 1)
        return
      }
    }
    const slot = this.#takeSlot()
    space.slots.set(key, slot)
    this.#entries += 1
    this.#write(slot, placement, bytes)
    this.#lanes.admit(rank, slot, hashKey(key, space.number))
  }

  #overwrite(slot: number, placement: Placement, bytes: number): void {
    const { space, key, entry } = placement
    const { columns } = this
    this.#tally.note(space, 'replaced', 1)
    const before = columns.rankOf(slot)
    const rank = columns.rankFor(entry.priority)
    this.#bytes -= columns.bytesOf(slot)
    this.#weight -= columns.sizeOf(slot)
    this.#write(slot, placement, bytes)
    if (rank === before) {
      this.#lanes.touch(rank, slot)
    } else {
      this.#lanes.remove(before, slot)
      this.#lanes.admit(rank, slot, hashKey(key, space.number))
    }
    while (this.#isOver(0, 0, 0)) {
      const victim = this.#lanes.evict(HIGHEST_RANK)
      if (victim === -1) break
      this.#release(victim, 'evicted')
    }
  }

  #write(slot: number, { space, key, entry, value }: Placement, bytes: number): void {
    this.#bytes += bytes
    this.#weight += entry.size
    const { marks } = this
    const { number, noteEveryMs } = space
    const notes = noteEveryMs !== Number.POSITIVE_INFINITY
    const usedAt = notes ? this.#clock.monotonic() : Number.POSITIVE_INFINITY
    const use = { usedAt, notedUntil: usedAt + noteEveryMs }
    this.columns.write(slot, { key, entry, value, bytes, space: number, marks, ...use })
  }

  #isOver(entries: number, bytes: number, size: number): boolean {
    const bounds = this.#bounds
    return (
      this.#entries + entries > bounds.entries ||
      this.#bytes + bytes > bounds.bytes ||
      this.#weight + size > bounds.weight
    )
  }

  /** Looks for expired entries of whatever priority in a few slots, others each time. */
  #searchExpired(): boolean {
    const before = this.#entries
    const next = this.expireSlice(this.#searchFrom, this.#clock.monotonic(), SLOTS_A_SEARCH)
    this.#searchFrom = Math.max(0, next)
    return this.#entries < before
  }

  #takeSlot(): number {
    const free = this.#free.pop()
    if (free !== undefined) return free
    if (this.columns.open()) this.#lanes.resize(this.columns.capacity)
    return this.columns.used - 1
  }

  #release(slot: number, cause: RemovalCause): void {
    const { columns } = this
    const space = this.#spaces[columns.spaceOf(slot)]
    const key = columns.keys[slot]
    if (space === undefined || key === undefined) return
    space.slots.delete(key)
    this.#tally.note(space, cause, 1)
    this.#entries -= 1
    this.#bytes -= columns.bytesOf(slot)
    // Sizes may be fractions, whose sum drifts; an empty table is where it can be set right.
    this.#weight = this.#entries === 0 ? 0 : this.#weight - columns.sizeOf(slot)
    columns.erase(slot)
    this.#free.push(slot)
  }
}
