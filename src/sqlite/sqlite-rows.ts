/**
 * The rows of one cache in the file, as `ShardEngine` asks for them. Each table is a file of its own;
 * here they are put together.
 */

import type { RemovalCause } from '../contracts/events.ts'
import type { ScanPage } from '../contracts/shared-tier.ts'
import type {
  MemberNumber,
  ShardControl,
  ShardIntent,
  ShardLease,
  ShardRow,
  ShardRows,
  ShardStanding,
  SweepPage,
} from '../shard/index.ts'
import { BucketRows, isBucket } from './bucket-rows.ts'
import { ControlRow } from './control-row.ts'
import { type CacheScope, EntryRows } from './entry-rows.ts'
import { IntentRows } from './intent-rows.ts'
import { LeaseRows } from './lease-rows.ts'
import { NumberRows } from './number-rows.ts'
import { SqlitePending } from './pending-rows.ts'
import { SessionRows } from './session-rows.ts'
import { SizeLimit } from './size-limit.ts'

export class SqliteRows implements ShardRows {
  readonly entries: EntryRows
  readonly pending: SqlitePending
  readonly size: SizeLimit
  readonly #control: ControlRow
  readonly #numbers: NumberRows
  readonly #buckets: BucketRows
  readonly #leases: LeaseRows
  readonly #intents: IntentRows
  readonly #sessions: SessionRows

  constructor(scope: CacheScope, maxBytes: number) {
    const { db, cache } = scope
    this.entries = new EntryRows(scope)
    this.pending = new SqlitePending(scope)
    this.size = new SizeLimit(scope, maxBytes)
    this.#control = new ControlRow(db, cache)
    this.#numbers = new NumberRows(db, cache)
    this.#buckets = new BucketRows(db, cache)
    this.#leases = new LeaseRows(db, cache)
    this.#intents = new IntentRows(db, cache)
    this.#sessions = new SessionRows(db, cache)
  }

  control(): ShardControl | undefined {
    return this.#control.find()
  }

  saveControl(control: ShardControl): void {
    this.#control.save(control)
  }

  numbersOf(members: readonly string[]): ReadonlyMap<string, number> {
    return this.#numbers.find(members)
  }

  numbersOfKind(kind: string): ReadonlyMap<string, number> {
    return this.#numbers.ofKind(kind)
  }

  numbersAbove(number: number, limit: number): readonly MemberNumber[] {
    const buckets = this.#buckets.above(number)
    const others = this.#numbers.above(number, limit)
    if (buckets.length === 0) return others
    return [...buckets, ...others].sort((a, b) => a.number - b.number).slice(0, limit)
  }

  setNumbers(numbers: ReadonlyMap<string, number>): void {
    const buckets = new Map<string, number>()
    const others = new Map<string, number>()
    for (const [member, number] of numbers) {
      if (isBucket(member)) buckets.set(member, number)
      else others.set(member, number)
    }
    if (buckets.size > 0) this.#buckets.set(buckets)
    if (others.size > 0) this.#numbers.set(others)
  }

  removeNumbers(members: readonly string[]): void {
    this.#numbers.remove(members)
  }

  forgetTags(keep: number): number {
    return this.#numbers.forgetTags(keep)
  }

  clearNumbers(): void {
    this.#numbers.clear()
    this.#buckets.clear()
  }

  highestNumber(): number {
    return Math.max(this.#control.sequence, this.#numbers.highest, this.#buckets.highest)
  }

  entriesOf(ids: readonly string[]): ReadonlyMap<string, ShardRow> {
    return this.entries.find(ids)
  }

  noteRead(ids: readonly string[]): void {
    this.entries.noteRead(ids)
  }

  put(row: ShardRow): void {
    // What stood there is outdated all the same.
    if (this.size.admits(row.envelope)) this.entries.put(row)
    else this.entries.remove([row.id], 'evicted')
  }

  setTimes(id: string, times: Pick<ShardRow, 'freshUntil' | 'graceUntil'>): void {
    this.entries.setTimes(id, times)
  }

  remove(ids: readonly string[], cause: RemovalCause): void {
    this.entries.remove(ids, cause)
  }

  leasesOf(ids: readonly string[]): ReadonlyMap<string, ShardLease> {
    return this.#leases.find(ids)
  }

  awaitedLeases(): ReadonlyMap<string, ShardLease> {
    return new Map()
  }

  putLease(id: string, lease: ShardLease): void {
    this.#leases.put(id, lease)
  }

  removeLeases(ids: readonly string[]): void {
    this.#leases.remove(ids)
  }

  sweepLeases(tick: number, limit: number): number {
    this.#intents.dropBroken()
    return this.#leases.sweep(tick, limit)
  }

  intentsOf(ids: readonly string[]): ReadonlyMap<string, readonly ShardIntent[]> {
    return this.#intents.find(ids)
  }

  putIntent(id: string, intent: ShardIntent): void {
    this.#intents.put(id, intent)
  }

  removeIntent(id: string, token: string): void {
    this.#intents.remove(id, token)
  }

  overdueIntents(tick: number, limit: number): readonly string[] {
    return this.#intents.overdue(tick, limit)
  }

  operationOf(session: string): number | undefined {
    return this.#sessions.operation(session)
  }

  putOperation(session: string, operation: number, at: number): void {
    this.#sessions.putOperation(session, operation, at)
  }

  forgetOperations(before: number): void {
    this.#sessions.forgetOperations(before)
  }

  putStanding(standing: ShardStanding): void {
    this.#sessions.putStanding(standing)
  }

  standings(since: number): readonly ShardStanding[] {
    return this.#sessions.standings(since)
  }

  forgetStandings(before: number): void {
    this.#sessions.forgetStandings(before)
  }

  scan(collection: string, cursor: string | undefined, limit: number): ScanPage {
    return this.entries.scan(collection, cursor, limit)
  }

  sweepPage(cursor: string | undefined, limit: number): SweepPage {
    return this.entries.sweepPage(cursor, limit)
  }

  usage(): { readonly entries: number; readonly bytes: number } {
    return this.size.usage()
  }
}
