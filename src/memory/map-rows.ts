/**
 * The rows of one shard in this process's memory: what `ShardEngine` stands on in `memoryTier`.
 *
 * A `Map` keeps its order of insertion, so a row that is read or written moves to the end, and the
 * first is the one that was used longest ago: that is the whole of the replacement.
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
import { MapNumbers } from './map-rows-numbers.ts'
import { MapPending } from './map-rows-pending.ts'

/** Hears of rows that left: once for each collection and cause of a call. */
export type Removed = (collection: string, cause: RemovalCause, count: number) => void

/** What a row takes beside its envelope and id, roughly. */
const ROW_OVERHEAD_BYTES = 200

export class MapRows implements ShardRows {
  readonly pending: MapPending = new MapPending()
  readonly #maxBytes: number
  readonly #removed: Removed
  #control: ShardControl | undefined
  readonly #numbers = new MapNumbers()
  readonly #rows = new Map<string, ShardRow>()
  /** When each was read last, or stored. */
  readonly #readAt = new Map<string, number>()
  readonly #leases = new Map<string, ShardLease>()
  readonly #intents = new Map<string, ShardIntent[]>()
  readonly #operations = new Map<string, { readonly operation: number; readonly at: number }>()
  readonly #standings = new Map<string, ShardStanding>()
  #bytes = 0

  constructor(maxBytes: number, removed: Removed) {
    this.#maxBytes = maxBytes
    this.#removed = removed
  }

  get empty(): boolean {
    return this.#rows.size + this.#leases.size + this.#intents.size + this.pending.size === 0
  }

  control(): ShardControl | undefined {
    return this.#control
  }

  saveControl(control: ShardControl): void {
    this.#control = control
  }

  numbersOf(members: readonly string[]): ReadonlyMap<string, number> {
    return this.#numbers.of(members)
  }

  numbersOfKind(kind: string): ReadonlyMap<string, number> {
    return this.#numbers.ofKind(kind)
  }

  numbersAbove(number: number, limit: number): readonly MemberNumber[] {
    return this.#numbers.above(number, limit)
  }

  setNumbers(numbers: ReadonlyMap<string, number>): void {
    this.#numbers.set(numbers)
  }

  removeNumbers(members: readonly string[]): void {
    this.#numbers.remove(members)
  }

  forgetTags(keep: number): number {
    return this.#numbers.forgetTags(keep)
  }

  clearNumbers(): void {
    this.#numbers.clear()
  }

  highestNumber(): number {
    return Math.max(this.#control?.sequence ?? 0, this.#numbers.highest)
  }

  /** Copies, as is what `put` keeps: nobody who writes into bytes of his own changes an entry. */
  entriesOf(ids: readonly string[]): ReadonlyMap<string, ShardRow> {
    const rows = new Map<string, ShardRow>()
    for (const [id, row] of pick(this.#rows, ids)) rows.set(id, copyOf(row))
    return rows
  }

  noteRead(ids: readonly string[], now: number): void {
    for (const id of ids) {
      const row = this.#rows.get(id)
      if (row === undefined) continue
      this.#rows.delete(id)
      this.#rows.set(id, row)
      this.#readAt.set(id, now)
    }
  }

  put(row: ShardRow): void {
    const readAt = this.#readAt.get(row.id) ?? row.storedAt
    this.#drop(row.id)
    this.#rows.set(row.id, copyOf(row))
    // One that is renewed was stored long ago, and may have been read since.
    this.#readAt.set(row.id, Math.max(readAt, row.storedAt))
    this.#bytes += bytesOf(row)
    while (this.#bytes > this.#maxBytes) {
      const oldest = this.#rows.values().next().value
      if (oldest === undefined) return
      this.#drop(oldest.id)
      this.#removed(oldest.collection, 'evicted', 1)
    }
  }

  setTimes(id: string, times: Pick<ShardRow, 'freshUntil' | 'graceUntil'>): void {
    const row = this.#rows.get(id)
    if (row !== undefined) this.#rows.set(id, { ...row, ...times })
  }

  remove(ids: readonly string[], cause: RemovalCause): void {
    for (const id of ids) {
      const row = this.#drop(id)
      if (row !== undefined) this.#removed(row.collection, cause, 1)
    }
  }

  leasesOf(ids: readonly string[]): ReadonlyMap<string, ShardLease> {
    return pick(this.#leases, ids)
  }

  awaitedLeases(limit: number): ReadonlyMap<string, ShardLease> {
    const awaited = [...this.#leases].filter(([, lease]) => lease.awaited)
    return new Map(awaited.slice(0, limit))
  }

  putLease(id: string, lease: ShardLease): void {
    this.#leases.set(id, lease)
  }

  removeLeases(ids: readonly string[]): void {
    for (const id of ids) this.#leases.delete(id)
  }

  sweepLeases(tick: number, limit: number): number {
    let swept = 0
    for (const [id, { expiresAt }] of this.#leases) {
      if (swept === limit) break
      if (expiresAt > tick) continue
      this.#leases.delete(id)
      swept += 1
    }
    return swept
  }

  intentsOf(ids: readonly string[]): ReadonlyMap<string, readonly ShardIntent[]> {
    return pick(this.#intents, ids)
  }

  putIntent(id: string, intent: ShardIntent): void {
    const others = (this.#intents.get(id) ?? []).filter(({ token }) => token !== intent.token)
    this.#intents.set(id, [...others, intent])
  }

  removeIntent(id: string, token: string): void {
    const left = (this.#intents.get(id) ?? []).filter((intent) => intent.token !== token)
    if (left.length === 0) this.#intents.delete(id)
    else this.#intents.set(id, left)
  }

  overdueIntents(tick: number, limit: number): readonly string[] {
    const overdue: string[] = []
    for (const [id, intents] of this.#intents) {
      if (overdue.length === limit) break
      if (intents.some(({ deadline }) => deadline <= tick)) overdue.push(id)
    }
    return overdue
  }

  operationOf(session: string): number | undefined {
    return this.#operations.get(session)?.operation
  }

  putOperation(session: string, operation: number, at: number): void {
    this.#operations.set(session, { operation, at })
  }

  forgetOperations(before: number): void {
    for (const [session, { at }] of this.#operations) {
      if (at < before) this.#operations.delete(session)
    }
  }

  putStanding(standing: ShardStanding): void {
    this.#standings.set(standing.session, standing)
  }

  standings(since: number): readonly ShardStanding[] {
    return [...this.#standings.values()].filter(({ at }) => at >= since)
  }

  forgetStandings(before: number): void {
    for (const [session, { at }] of this.#standings) {
      if (at < before) this.#standings.delete(session)
    }
  }

  scan(collection: string, cursor: string | undefined, limit: number): ScanPage {
    const page = this.#page(cursor, limit)
    const keys = page.rows.filter((row) => row.collection === collection).map(({ id }) => id)
    return { keys, cursor: page.cursor }
  }

  sweepPage(cursor: string | undefined, limit: number): SweepPage {
    const { rows, cursor: next } = this.#page(cursor, limit)
    const heads = rows.map((row) => {
      return { ...row, readAt: this.#readAt.get(row.id) ?? row.storedAt, bytes: bytesOf(row) }
    })
    return { heads, cursor: next }
  }

  usage(): { readonly entries: number; readonly bytes: number } {
    const { size, bytes } = this.pending
    return { entries: this.#rows.size + size, bytes: this.#bytes + bytes }
  }

  /** In the order of ids, so that rows that come and go meanwhile move nothing. */
  #page(
    cursor: string | undefined,
    limit: number,
  ): { readonly rows: readonly ShardRow[]; readonly cursor: string | undefined } {
    const ids = [...this.#rows.keys()].filter((id) => cursor === undefined || id > cursor).sort()
    const rows = ids.slice(0, limit).flatMap((id) => this.#rows.get(id) ?? [])
    return { rows, cursor: ids.length > limit ? ids[limit - 1] : undefined }
  }

  #drop(id: string): ShardRow | undefined {
    const row = this.#rows.get(id)
    if (row === undefined) return undefined
    this.#rows.delete(id)
    this.#readAt.delete(id)
    this.#bytes -= bytesOf(row)
    return row
  }
}

/** `slice` would not do: a `Buffer` answers it with the same bytes. */
function copyOf(row: ShardRow): ShardRow {
  return { ...row, envelope: new Uint8Array(row.envelope) }
}

function bytesOf({ id, envelope, tags }: ShardRow): number {
  const text = tags.reduce((sum, tag) => sum + tag.length, id.length)
  return envelope.byteLength + text + ROW_OVERHEAD_BYTES
}

function pick<V>(map: ReadonlyMap<string, V>, keys: readonly string[]): ReadonlyMap<string, V> {
  const picked = new Map<string, V>()
  for (const key of keys) {
    const value = map.get(key)
    if (value !== undefined) picked.set(key, value)
  }
  return picked
}
