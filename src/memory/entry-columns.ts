/**
 * The entries of the memory tier, a column for each of their properties, indexed by slot.
 *
 * Columns instead of objects: a hit reads one number and one pointer, a million entries are a few
 * arrays to the garbage collector, and a scan for expired ones walks one typed array. Slots are
 * given out and taken back by `EntryTable`; a column knows nothing of keys' spaces or of bounds.
 */

import type { Priority } from '../contracts/codec.ts'
import type { MemoryEntry } from '../contracts/memory-tier.ts'
import type { CacheKey } from '../contracts/source.ts'
import { SparseNumbers } from './sparse-numbers.ts'

const SLOTS_AT_FIRST = 64
const NO_TAGS: readonly string[] = []
const NEVER_HIT = Number.NEGATIVE_INFINITY

/** By rank, the first to leave first. */
const PRIORITIES: readonly Priority[] = ['low', 'normal', 'high', 'never-remove']
const RANKS: Readonly<Record<Priority, number>> = { low: 0, normal: 1, high: 2, 'never-remove': 3 }

const RANK_BITS = 3
const ABSENT = 4
const SLIDING = 8
const BLIND = 16

/** An entry on its way into a slot. */
export interface Arrival {
  readonly key: CacheKey
  readonly entry: MemoryEntry
  /** The value as it is kept, which may be a copy of the entry's. */
  readonly value: unknown
  readonly bytes: number
  /** Number of the space it belongs to. */
  readonly space: number
  /** By which doubts it has been judged. */
  readonly marks: DoubtMarks
  /** On the monotonic clock; `Infinity`: uses are not noted. */
  readonly usedAt: number
  /** From then on a use is to be noted. */
  readonly notedUntil: number
}

/** What an entry is marked with that has been judged by all doubts so far: odd with tags, else even. */
export interface DoubtMarks {
  readonly tagged: number
  /** Of copies of the shared tier's entries. */
  readonly copies: number
}

export class EntryColumns {
  readonly #most: number
  #capacity = 0
  readonly keys: (CacheKey | undefined)[] = []
  readonly values: unknown[] = []
  /** Made at the first hit of an entry. */
  readonly promises: (Promise<unknown> | undefined)[] = []
  /**
   * `servedUntil`, or `aheadFrom` or the moment from which a use is to be noted if one of them is
   * earlier, or minus infinity for sliding entries: the hit path then has one comparison.
   */
  hitUntil: Float64Array = new Float64Array(0)
  freshUntil: Float64Array = new Float64Array(0)
  #createdAt = new Float64Array(0)
  #ttlMs = new Float64Array(0)
  #stamps = new Float64Array(0)
  /** Rank, and whether absent and sliding, in bits. */
  #traits = new Uint8Array(0)
  /** Made when an entry has grace; before, entries are gone when they are no longer fresh. */
  #graceUntil: Float64Array | undefined
  readonly #graceMs = new SparseNumbers(0)
  /** Where it is not `hitUntil`. */
  readonly #servedUntil = new SparseNumbers(NEVER_HIT)
  /** When a use was noted last; where it is, `aheadFrom` stands beside it. */
  readonly #usedAt = new SparseNumbers(Number.POSITIVE_INFINITY)
  readonly #notedAheadFrom = new SparseNumbers(Number.POSITIVE_INFINITY)
  readonly #renewableUntil = new SparseNumbers(Number.POSITIVE_INFINITY)
  readonly #loadMs = new SparseNumbers(Number.NaN)
  readonly #sharedStamps = new SparseNumbers(0)
  readonly #sharedAsOf = new SparseNumbers(0)
  #sharedEpochs: (string | undefined)[] | undefined
  #tags: (readonly string[] | undefined)[] | undefined
  #etags: (string | undefined)[] | undefined
  readonly #sizes = new SparseNumbers(1)
  readonly #bytes = new SparseNumbers(0)
  readonly #spaces = new SparseNumbers(0)
  /** 0: the entry is no copy and has no tags, so nothing about it is ever in doubt. */
  readonly #vouched = new SparseNumbers(0)

  /** `most`: slots at most, the bound in entries. */
  constructor(most: number) {
    this.#most = most
  }

  get capacity(): number {
    return this.#capacity
  }

  /** Slots that have ever held an entry since the last `reset`. */
  get used(): number {
    return this.keys.length
  }

  /** Opens a slot that was never used. Grows the columns by doubling; answers whether they grew. */
  open(): boolean {
    this.keys.push(undefined)
    this.values.push(undefined)
    this.promises.push(undefined)
    if (this.keys.length <= this.#capacity) return false
    this.#grow(Math.min(this.#most, Math.max(SLOTS_AT_FIRST, this.#capacity * 2)))
    return true
  }

  write(slot: number, arrival: Arrival): void {
    const { key, entry, value, marks, notedUntil } = arrival
    const sliding = entry.renewal === 'sliding'
    const capacity = this.#capacity
    this.keys[slot] = key
    this.values[slot] = value
    this.promises[slot] = undefined
    const { servedUntil, aheadFrom } = entry
    const hitUntil = sliding ? NEVER_HIT : Math.min(servedUntil, aheadFrom, notedUntil)
    this.hitUntil[slot] = hitUntil
    this.freshUntil[slot] = entry.freshUntil
    this.#createdAt[slot] = entry.createdAt
    this.#ttlMs[slot] = entry.ttlMs
    this.#stamps[slot] = entry.stamp
    this.#traits[slot] =
      RANKS[entry.priority] |
      (entry.absent ? ABSENT : 0) |
      (sliding ? SLIDING : 0) |
      (entry.shared?.blind === true ? BLIND : 0)
    this.#writeGrace(slot, entry)
    this.#servedUntil.set(slot, servedUntil === hitUntil ? NEVER_HIT : servedUntil, capacity)
    const isNoted = arrival.usedAt !== Number.POSITIVE_INFINITY
    this.#usedAt.set(slot, arrival.usedAt, capacity)
    this.#notedAheadFrom.set(slot, isNoted ? aheadFrom : Number.POSITIVE_INFINITY, capacity)
    this.#renewableUntil.set(slot, entry.renewableUntil, capacity)
    this.#loadMs.set(slot, entry.loadMs ?? Number.NaN, capacity)
    this.#writeShared(slot, entry.shared)
    this.#writeTags(slot, entry.tags)
    if (entry.etag !== undefined) this.#etags ??= []
    if (this.#etags !== undefined) this.#etags[slot] = entry.etag
    this.#sizes.set(slot, entry.size, capacity)
    this.#bytes.set(slot, arrival.bytes, capacity)
    this.#spaces.set(slot, arrival.space, capacity)
    const unmarked = entry.shared === undefined ? 0 : marks.copies
    this.#vouched.set(slot, entry.tags.length > 0 ? marks.tagged : unmarked, capacity)
  }

  read(slot: number): MemoryEntry {
    const traits = this.#traits[slot] ?? 0
    const sliding = (traits & SLIDING) !== 0
    const loadMs = this.#loadMs.at(slot)
    const epoch = this.#sharedEpochs?.[slot]
    return {
      value: this.values[slot],
      absent: (traits & ABSENT) !== 0,
      servedUntil: this.#servedAt(slot),
      freshUntil: numberAt(this.freshUntil, slot),
      aheadFrom: this.#aheadFrom(slot, sliding),
      graceUntil: this.goneAt(slot),
      createdAt: numberAt(this.#createdAt, slot),
      ttlMs: numberAt(this.#ttlMs, slot),
      renewal: sliding ? 'sliding' : 'fixed',
      graceMs: this.#graceMs.at(slot),
      renewableUntil: this.#renewableUntil.at(slot),
      stamp: numberAt(this.#stamps, slot),
      shared:
        epoch === undefined
          ? undefined
          : {
              epoch,
              stamp: this.#sharedStamps.at(slot),
              asOf: this.#sharedAsOf.at(slot),
              blind: (traits & BLIND) !== 0,
            },
      tags: this.#tags?.[slot] ?? NO_TAGS,
      size: this.#sizes.at(slot),
      priority: PRIORITIES[traits & RANK_BITS] ?? 'normal',
      loadMs: Number.isNaN(loadMs) ? undefined : loadMs,
      etag: this.#etags?.[slot],
    }
  }

  /** Lets go of what the slot points at. Its numbers stay, and mean nothing, until it is written. */
  erase(slot: number): void {
    this.keys[slot] = undefined
    this.values[slot] = undefined
    this.promises[slot] = undefined
    this.hitUntil[slot] = NEVER_HIT
    this.#usedAt.set(slot, Number.POSITIVE_INFINITY, this.#capacity)
    // A scan for what has expired passes by, whether there is a column for grace or not.
    this.freshUntil[slot] = Number.POSITIVE_INFINITY
    if (this.#graceUntil !== undefined) this.#graceUntil[slot] = Number.POSITIVE_INFINITY
    if (this.#tags !== undefined) this.#tags[slot] = undefined
    if (this.#etags !== undefined) this.#etags[slot] = undefined
    if (this.#sharedEpochs !== undefined) this.#sharedEpochs[slot] = undefined
  }

  /** Closes all slots. The numbers' room is kept. */
  reset(): void {
    this.keys.length = 0
    this.values.length = 0
    this.promises.length = 0
    this.#tags = undefined
    this.#etags = undefined
    this.#sharedEpochs = undefined
  }

  goneAt(slot: number): number {
    return numberAt(this.#graceUntil ?? this.freshUntil, slot)
  }

  /** The first slot from `from` up to `until`, without it, whose entry is gone at `now`; else -1. */
  firstGone(from: number, until: number, now: number): number {
    const column = this.#graceUntil ?? this.freshUntil
    for (let slot = from; slot < until; slot += 1) {
      if (now >= (column[slot] ?? Number.POSITIVE_INFINITY)) return slot
    }
    return -1
  }

  rankOf(slot: number): number {
    return (this.#traits[slot] ?? 0) & RANK_BITS
  }

  rankFor(priority: Priority): number {
    return RANKS[priority]
  }

  isAbsent(slot: number): boolean {
    return ((this.#traits[slot] ?? 0) & ABSENT) !== 0
  }

  sizeOf(slot: number): number {
    return this.#sizes.at(slot)
  }

  bytesOf(slot: number): number {
    return this.#bytes.at(slot)
  }

  spaceOf(slot: number): number {
    return this.#spaces.at(slot)
  }

  vouchedAt(slot: number): number {
    return this.#vouched.at(slot)
  }

  /** Nothing for an entry that is never in doubt. */
  vouch(slot: number, marks: DoubtMarks): void {
    const marked = this.#vouched.at(slot)
    if (marked === 0) return
    this.#vouched.set(slot, (marked & 1) === 1 ? marks.tagged : marks.copies, this.#capacity)
  }

  usedAt(slot: number): number {
    return this.#usedAt.at(slot)
  }

  /** `false`: one was noted within `everyMs`. */
  noteUse(slot: number, now: number, everyMs: number): boolean {
    if (now < this.#usedAt.at(slot) + everyMs) return false
    this.#usedAt.set(slot, now, this.#capacity)
    if (((this.#traits[slot] ?? 0) & SLIDING) !== 0) return true
    const servedUntil = this.#servedAt(slot)
    const hitUntil = Math.min(servedUntil, this.#notedAheadFrom.at(slot), now + everyMs)
    this.hitUntil[slot] = hitUntil
    const isApart = servedUntil !== hitUntil
    this.#servedUntil.set(slot, isApart ? servedUntil : NEVER_HIT, this.#capacity)
    return true
  }

  #aheadFrom(slot: number, sliding: boolean): number {
    if (sliding) return Number.POSITIVE_INFINITY
    if (this.#usedAt.at(slot) !== Number.POSITIVE_INFINITY) return this.#notedAheadFrom.at(slot)
    const isApart = this.#servedUntil.at(slot) !== NEVER_HIT
    return isApart ? numberAt(this.hitUntil, slot) : Number.POSITIVE_INFINITY
  }

  #servedAt(slot: number): number {
    const apart = this.#servedUntil.at(slot)
    return apart === NEVER_HIT ? numberAt(this.hitUntil, slot) : apart
  }

  #writeGrace(slot: number, entry: MemoryEntry): void {
    this.#graceMs.set(slot, entry.graceMs, this.#capacity)
    if (this.#graceUntil === undefined) {
      if (entry.graceUntil === entry.freshUntil) return
      this.#graceUntil = this.freshUntil.slice()
    }
    this.#graceUntil[slot] = entry.graceUntil
  }

  #writeShared(slot: number, shared: MemoryEntry['shared']): void {
    if (this.#sharedEpochs === undefined) {
      if (shared === undefined) return
      this.#sharedEpochs = []
    }
    setSparse(this.#sharedEpochs, slot, shared?.epoch)
    this.#sharedStamps.set(slot, shared?.stamp ?? 0, this.#capacity)
    this.#sharedAsOf.set(slot, shared?.asOf ?? 0, this.#capacity)
  }

  #writeTags(slot: number, tags: readonly string[]): void {
    if (this.#tags === undefined) {
      if (tags.length === 0) return
      this.#tags = []
    }
    setSparse(this.#tags, slot, tags.length === 0 ? undefined : tags)
  }

  #grow(capacity: number): void {
    this.#capacity = capacity
    this.hitUntil = grown(this.hitUntil, capacity)
    this.freshUntil = grown(this.freshUntil, capacity)
    this.#createdAt = grown(this.#createdAt, capacity)
    this.#ttlMs = grown(this.#ttlMs, capacity)
    this.#stamps = grown(this.#stamps, capacity)
    const traits = new Uint8Array(capacity)
    traits.set(this.#traits)
    this.#traits = traits
    if (this.#graceUntil !== undefined) this.#graceUntil = grown(this.#graceUntil, capacity)
    for (const column of this.#sparse()) column.grow(capacity)
  }

  #sparse(): SparseNumbers[] {
    return [
      this.#graceMs,
      this.#servedUntil,
      this.#usedAt,
      this.#notedAheadFrom,
      this.#renewableUntil,
      this.#loadMs,
      this.#sharedStamps,
      this.#sharedAsOf,
      this.#sizes,
      this.#bytes,
      this.#spaces,
      this.#vouched,
    ]
  }
}

function numberAt(column: Float64Array, slot: number): number {
  return column[slot] ?? Number.NaN
}

function grown(old: Float64Array, capacity: number): Float64Array<ArrayBuffer> {
  const fresh = new Float64Array(capacity)
  fresh.set(old)
  return fresh
}

/** Fills the gap up to `slot`, so that the array keeps its elements in one run. */
function setSparse<T>(column: (T | undefined)[], slot: number, value: T | undefined): void {
  while (column.length < slot) column.push(undefined)
  column[slot] = value
}
