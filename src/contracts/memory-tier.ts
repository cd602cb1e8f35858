/**
 * The tier in this process: values as they are, bounded, without a single `await`.
 *
 * Only `core/` calls it. Implemented in `memory/`. Times are of the process's monotonic clock, in
 * milliseconds: no wall clock can make an entry live longer or shorter.
 */

import type { Priority } from './codec.ts'
import type { Copied } from './coherence.ts'
import type { RemovalCause } from './events.ts'
import type { CacheKey } from './source.ts'

/** A value with all that decides whether it may be served. */
export interface MemoryEntry {
  readonly value: unknown
  /** `true`: the source said "not found"; `value` is `undefined`. */
  readonly absent: boolean
  /** Until when `hit` answers it. At most `graceUntil`. */
  readonly servedUntil: number
  readonly freshUntil: number
  /** From then on `hit` leaves it to the caller: it may be time to load it anew. `Infinity`: never. */
  readonly aheadFrom: number
  /** When it is gone. `Infinity`: never. */
  readonly graceUntil: number
  /** When the value was loaded or set; may lie before this process began. */
  readonly createdAt: number
  /** Life as granted, for renewal on reads. */
  readonly ttlMs: number
  readonly renewal: 'fixed' | 'sliding'
  /** How long past freshness it stays in grace, for renewal. */
  readonly graceMs: number
  /** Where sliding renewal ends, whatever is read. `Infinity`: nowhere. */
  readonly renewableUntil: number
  /** The local sequence at which its load began: older than a tag's removal means gone. */
  readonly stamp: number
  /** Its place in the order of changes of the shared tier; `undefined`: there is no such tier. */
  readonly shared: Copied | undefined
  readonly tags: readonly string[]
  readonly size: number
  readonly priority: Priority
  readonly loadMs: number | undefined
  /** What the source knows the value by. */
  readonly etag?: string | undefined
}

/** The entries of one collection. Keys of different types are different keys, as in a `Map`. */
export interface MemorySpace {
  /**
   * The hit path: a promise of the value if the entry may be served as it is, else `undefined`.
   *
   * The promise is kept with the entry and handed out again. Sliding entries, and those whose tags
   * must be judged again, are never answered here.
   */
  hit(key: CacheKey, now: number): Promise<unknown> | undefined
  /** The whole entry, also past freshness, unless it is gone. Not a use of it. */
  find(key: CacheKey, now: number): MemoryEntry | undefined
  /** The value as it is handed out: shared, cloned or frozen, as declared. */
  handOut(value: unknown): unknown
  /** Whether each reader is given a copy of its own. */
  readonly perReader: boolean
  /**
   * Marks a use that `hit` could not answer, of an entry that the caller has judged: until the next
   * `doubt`, `hit` answers it again.
   *
   * Where uses are noted, `hit` answers nothing either once the last note is `noteEveryMs` old: `true`
   * says that this use was noted just now.
   */
  vouch(key: CacheKey): boolean
  /** Notes a use without one, where uses are noted. */
  noteUse(key: CacheKey): void
  /**
   * Removes entries whose last use was noted before this moment, in one slice. Where uses are not noted,
   * none. `next`: where the next slice begins; -1 after the last.
   */
  removeIdle(from: number, before: number): { readonly next: number; readonly removed: number }
  /** Takes an entry in, replacing one of the same key. It may be evicted at once if nothing fits. */
  store(key: CacheKey, entry: MemoryEntry): void
  remove(key: CacheKey, cause: RemovalCause): boolean
  clear(cause: RemovalCause): number
  keys(now: number): Iterable<CacheKey>
  readonly entries: number
  /** Bytes that the entry of `key` is estimated at. */
  sizeOf(key: CacheKey): number
}

export interface MemoryTier {
  /**
   * The same object for the same name. `noteEveryMs`: uses are noted, each entry's at most once in this
   * time; absent: they are not.
   */
  space(name: string, options?: { readonly noteEveryMs?: number | undefined }): MemorySpace
  /**
   * Something changed: `hit` answers no entry with tags, or none that is a copy of the shared tier's,
   * until the caller has vouched for it again. Constant time, whatever the number of entries.
   */
  doubt(which: 'tagged' | 'all'): void
  /** On the monotonic clock: from then on `hit` answers nothing, and the caller judges each entry. */
  trustUntil(moment: number): void
  clear(cause: RemovalCause): number
  /** Removes what is past its grace, then the least valuable, until `share` of the entries are gone. */
  compact(share: number): number
  readonly entries: number
  readonly bytes: number
  readonly weight: number
  close(): void
}
