/**
 * What `ShardEngine` stands on: the rows of one shard of one cache, read and written at once.
 *
 * Implemented over maps (`memory/`) and over SQLite (`sqlite/`). All of it is synchronous, and the
 * caller wraps a batch of steps in one transaction. Reads of many ids are one call, since SQLite
 * answers them by one statement. An implementation over a file drops rows that it finds broken,
 * reports them, and answers as if they were not there: it never throws for what stands in a row.
 */

import type { RemovalCause } from '../contracts/events.ts'
import type { ScanPage, SharedEntry } from '../contracts/shared-tier.ts'

/** The shard's one control record. Lost only as a whole, and then drawn anew. */
export interface ShardControl {
  readonly epoch: string
  readonly sequence: number
  /** Entries with an older stamp are gone. */
  readonly floor: number
  /** Leases granted earlier store nothing. */
  readonly leaseFloor: number
  /** Entries with tags and an older stamp are gone: their tags' numbers may have been forgotten. */
  readonly taggedFloor: number
}

export interface ShardRow extends SharedEntry {
  readonly id: string
  readonly collection: string
  readonly tags: readonly string[]
}

export interface ShardLease {
  readonly token: string
  readonly grant: number
  /** The server's clock, epoch milliseconds. */
  readonly expiresAt: number
}

export interface ShardIntent {
  readonly token: string
  /** The server's clock, epoch milliseconds. */
  readonly deadline: number
  readonly tags: readonly string[]
}

/** A row without its envelope, for sweeping. */
export type ShardRowHead = Omit<ShardRow, 'envelope' | 'storedAt'>

export interface SweepPage {
  readonly heads: readonly ShardRowHead[]
  readonly cursor: string | undefined
}

export interface ShardRows {
  /** `undefined`: there is none, or it makes no sense. */
  control(): ShardControl | undefined
  saveControl(control: ShardControl): void

  /** Numbers of tags (`t:<tag>`) and collections (`c:<name>`); those never removed are missing. */
  numbersOf(members: readonly string[]): ReadonlyMap<string, number>
  setNumbers(members: readonly string[], number: number): void
  /** Forgets the tags with the lowest numbers beyond `keep`; the highest forgotten, or 0. */
  forgetTags(keep: number): number

  /** Rows of those ids that have one. */
  entriesOf(ids: readonly string[]): ReadonlyMap<string, ShardRow>
  /** Notes that rows were read, without a write for each. */
  noteRead(ids: readonly string[]): void
  put(row: ShardRow): void
  /** Changes the times of a row that is there. */
  setTimes(id: string, times: Pick<ShardRow, 'freshUntil' | 'graceUntil'>): void
  /** Removes rows that may be there, and tells how many by pattern and cause. */
  remove(ids: readonly string[], cause: RemovalCause): void

  leasesOf(ids: readonly string[]): ReadonlyMap<string, ShardLease>
  putLease(id: string, lease: ShardLease): void
  removeLeases(ids: readonly string[]): void
  /** Removes leases that ended before `now`, at most `limit`; answers how many. */
  sweepLeases(now: number, limit: number): number

  intentsOf(ids: readonly string[]): ReadonlyMap<string, readonly ShardIntent[]>
  putIntent(id: string, intent: ShardIntent): void
  removeIntent(id: string, token: string): void
  /** Ids that have an intent whose deadline has passed, at most `limit`. */
  overdueIntents(now: number, limit: number): readonly string[]

  /** Ids of a collection, page by page, in an order of its own; may hold unservable ones. */
  scan(collection: string, cursor: string | undefined, limit: number): ScanPage
  /** All rows, page by page, for sweeping. */
  sweepPage(cursor: string | undefined, limit: number): SweepPage
  usage(): { readonly entries: number; readonly bytes: number }
}
