/** The entries of one collection: a map from its keys to slots of the shared table. */

import type { RemovalCause } from '../contracts/events.ts'
import type { MemoryEntry, MemorySpace } from '../contracts/memory-tier.ts'
import type { CacheKey } from '../contracts/source.ts'
import type { CopyMode } from './copy-mode.ts'
import type { EntryColumns } from './entry-columns.ts'
import type { EntryTable, SpaceEntries } from './entry-table.ts'
import { estimateBytes } from './estimate-bytes.ts'

export interface EntrySpaceParts {
  readonly table: EntryTable
  readonly space: SpaceEntries
  readonly copy: CopyMode
  /** Called after each entry taken in: there may be something to expire now. */
  readonly stored: () => void
}

export class EntrySpace implements MemorySpace {
  readonly #table: EntryTable
  readonly #columns: EntryColumns
  readonly #space: SpaceEntries
  readonly #slots: Map<CacheKey, number>
  readonly #copy: CopyMode
  readonly #stored: () => void
  readonly #absence: Promise<undefined> = Promise.resolve(undefined)

  constructor({ table, space, copy, stored }: EntrySpaceParts) {
    this.#table = table
    this.#columns = table.columns
    this.#space = space
    this.#slots = space.slots
    this.#copy = copy
    this.#stored = stored
  }

  get entries(): number {
    return this.#slots.size
  }

  get perReader(): boolean {
    return this.#copy.perReader
  }

  hit(key: CacheKey, now: number): Promise<unknown> | undefined {
    const slot = this.#slots.get(key)
    if (slot === undefined) return undefined
    const columns = this.#columns
    // Written so that a comparison with nothing fails as well.
    if (!(now < (columns.hitUntil[slot] as number))) return undefined
    const table = this.#table
    if (!(now < table.trustedUntil)) return undefined
    const mark = columns.vouchedAt(slot)
    if (mark !== 0 && mark !== ((mark & 1) === 1 ? table.marks.tagged : table.marks.copies)) {
      return undefined
    }
    table.touch(slot)
    return columns.promises[slot] ?? this.#promise(slot)
  }

  find(key: CacheKey, now: number): MemoryEntry | undefined {
    const slot = this.#slots.get(key)
    if (slot === undefined) return undefined
    if (now < this.#columns.goneAt(slot)) return this.#columns.read(slot)
    this.#table.discard(slot, 'expired')
    return undefined
  }

  handOut(value: unknown): unknown {
    return this.#copy.handOut(value)
  }

  vouch(key: CacheKey): boolean {
    const slot = this.#slots.get(key)
    if (slot === undefined) return false
    this.#columns.vouch(slot, this.#table.marks)
    this.#table.touch(slot)
    return this.#table.noteUse(slot, this.#space)
  }

  noteUse(key: CacheKey): void {
    const slot = this.#slots.get(key)
    if (slot !== undefined) this.#table.noteUse(slot, this.#space)
  }

  removeIdle(from: number, before: number): { readonly next: number; readonly removed: number } {
    return this.#table.idleSlice(from, before, this.#space)
  }

  /** @throws DataCloneError with `copy: 'clone'`, for a value that cannot be cloned. */
  store(key: CacheKey, entry: MemoryEntry): void {
    const slot = this.#slots.get(key)
    // A renewal stores the value that `find` answered: it is the cache's own already.
    const isOurs = slot !== undefined && this.#columns.values[slot] === entry.value
    const value = isOurs ? entry.value : this.#copy.keep(entry.value)
    this.#table.place({ space: this.#space, slot, key, entry, value })
    this.#stored()
  }

  remove(key: CacheKey, cause: RemovalCause): boolean {
    const slot = this.#slots.get(key)
    if (slot === undefined) return false
    this.#table.discard(slot, cause)
    return true
  }

  clear(cause: RemovalCause): number {
    return this.#table.clearSpace(this.#space, cause)
  }

  *keys(now: number): Generator<CacheKey> {
    for (const [key, slot] of this.#slots) {
      if (now < this.#columns.goneAt(slot)) yield key
    }
  }

  sizeOf(key: CacheKey): number {
    const slot = this.#slots.get(key)
    if (slot === undefined) return 0
    const known = this.#columns.bytesOf(slot)
    return known > 0 ? known : estimateBytes(key) + estimateBytes(this.#columns.values[slot])
  }

  #promise(slot: number): Promise<unknown> {
    const columns = this.#columns
    if (columns.isAbsent(slot)) {
      columns.promises[slot] = this.#absence
      return this.#absence
    }
    const value = columns.values[slot]
    if (this.#copy.perReader) return Promise.resolve(this.#copy.handOut(value))
    const promise = Promise.resolve(value)
    columns.promises[slot] = promise
    return promise
  }
}
