/**
 * What `ShardEngine` stands on: the rows of one shard of one cache, read and written at once.
 *
 * Implemented over maps (`memory/`) and over SQLite (`sqlite/`). All of it is synchronous, and the
 * caller wraps a batch of steps in one transaction. Reads of many ids are one call, since SQLite
 * answers them by one statement. An implementation over a file drops rows that it finds broken,
 * reports them, and answers as if they were not there: it never throws for what stands in a row.
 *
 * Deadlines are on the *host's clock*: milliseconds that never go back and that all who use the rows
 * have in common, where there is such a clock; the server's wall clock otherwise.
 */

import type { RemovalCause } from '../contracts/events.ts'
import type { ScanPage, SharedEntry } from '../contracts/shared-tier.ts'
import type { PendingRows } from './pending-rows.ts'

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
  /** On the host's clock. */
  readonly expiresAt: number
  /** Of its key: removing all of it ends the lease. */
  readonly collection: string
  /** Somebody was told to wait for it, and is to hear of its end. */
  readonly awaited: boolean
}

export interface ShardIntent {
  readonly token: string
  /** On the host's clock. */
  readonly deadline: number
  readonly tags: readonly string[]
  /** Of the begin. */
  readonly epoch: string
  readonly number: number
}

/** How far a session has followed. */
export interface ShardStanding {
  readonly session: string
  readonly instance: string
  readonly epoch: string
  /** `LEFT_CURSOR`: the session has ended. */
  readonly cursor: number
  /** On the host's clock. */
  readonly at: number
}

/** A member of the change numbers, as `change-members.ts` spells it. */
export interface MemberNumber {
  readonly member: string
  readonly number: number
}

/** A row without its envelope, for sweeping. */
export type ShardRowHead = Omit<ShardRow, 'envelope' | 'storedAt'>

export interface SweptHead extends ShardRowHead {
  /** When it was read last, or stored, as far as the rows know; not before it was. */
  readonly readAt: number
  readonly bytes: number
}

export interface SweepPage {
  readonly heads: readonly SweptHead[]
  readonly cursor: string | undefined
}

export interface ShardRows {
  readonly pending: PendingRows

  /** `undefined`: there is none, or it makes no sense. */
  control(): ShardControl | undefined
  saveControl(control: ShardControl): void

  /** Numbers of members; those that never changed are missing. */
  numbersOf(members: readonly string[]): ReadonlyMap<string, number>
  /** All members of one kind, which is their first character. Asked of kinds with few only. */
  numbersOfKind(kind: string): ReadonlyMap<string, number>
  /** Members with a higher number, lowest first, at most `limit`. */
  numbersAbove(number: number, limit: number): readonly MemberNumber[]
  setNumbers(numbers: ReadonlyMap<string, number>): void
  removeNumbers(members: readonly string[]): void
  /** Forgets the tags with the lowest numbers beyond `keep`; the highest forgotten, or 0. */
  forgetTags(keep: number): number
  /** Forgets all of them: the numbers of the shard begin anew, above `highestNumber`. */
  clearNumbers(): void
  /** The highest number that can still be seen, also of a control record that was lost; or 0. */
  highestNumber(): number

  /** Rows of those ids that have one. */
  entriesOf(ids: readonly string[]): ReadonlyMap<string, ShardRow>
  /** Notes that rows were read, by the server's wall clock, without a write for each. */
  noteRead(ids: readonly string[], now: number): void
  put(row: ShardRow): void
  /** Changes the times of a row that is there. */
  setTimes(id: string, times: Pick<ShardRow, 'freshUntil' | 'graceUntil'>): void
  /** Removes rows that may be there, and tells how many by pattern and cause. */
  remove(ids: readonly string[], cause: RemovalCause): void

  leasesOf(ids: readonly string[]): ReadonlyMap<string, ShardLease>
  /** Leases that somebody waits for, at most `limit`; none where nobody could be told. */
  awaitedLeases(limit: number): ReadonlyMap<string, ShardLease>
  putLease(id: string, lease: ShardLease): void
  removeLeases(ids: readonly string[]): void
  /** Removes leases that ended before `tick`, at most `limit`; answers how many. */
  sweepLeases(tick: number, limit: number): number

  intentsOf(ids: readonly string[]): ReadonlyMap<string, readonly ShardIntent[]>
  putIntent(id: string, intent: ShardIntent): void
  removeIntent(id: string, token: string): void
  /** Ids that have an intent whose deadline has passed, at most `limit`. */
  overdueIntents(tick: number, limit: number): readonly string[]

  /** The highest operation seen of a session; `undefined`: none, or not for long. */
  operationOf(session: string): number | undefined
  /** `at`: on the host's clock. */
  putOperation(session: string, operation: number, at: number): void
  /** Forgets sessions that have sent nothing since. */
  forgetOperations(before: number): void

  putStanding(standing: ShardStanding): void
  /** Those noted since. */
  standings(since: number): readonly ShardStanding[]
  forgetStandings(before: number): void

  /** Ids of a collection, page by page, in an order of its own; may hold unservable ones. */
  scan(collection: string, cursor: string | undefined, limit: number): ScanPage
  /** All rows, page by page, for sweeping. */
  sweepPage(cursor: string | undefined, limit: number): SweepPage

  usage(): { readonly entries: number; readonly bytes: number }
}
