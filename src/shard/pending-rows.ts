/**
 * Writes that wait for the source, as `ShardEngine` keeps them: beside the rows of entries, so that no
 * bound of those removes one. Part of `ShardRows`.
 *
 * Times are the server's wall clock, since they outlive a start of the machine.
 */

import type { Backlog, QueuePage, WriteKind } from '../contracts/pending-steps.ts'

export interface PendingRow {
  readonly id: string
  readonly collection: string
  readonly kind: WriteKind
  readonly epoch: string
  readonly version: number
  /** Version of the first write that this one stands for: those between were replaced. */
  readonly first: number
  readonly storedAt: number
  readonly dueAt: number
  readonly ttlMs: number
  readonly graceMs: number
  readonly tags: readonly string[]
  readonly removes: readonly string[]
  readonly attempts: number
  /** Somebody is writing it: what comes later waits its own time. */
  readonly taken: boolean
  /** Removed meanwhile: nothing stands in its place when the source has it. */
  readonly marked: boolean
  readonly envelope: Uint8Array
}

export interface DeadRow extends PendingRow {
  readonly error: string
  readonly diedAt: number
}

export interface QueueOwner {
  readonly owner: string
  /** On the host's clock. */
  readonly until: number
}

export interface PendingRows {
  /** The latest write of each of those ids that has one. */
  find(ids: readonly string[]): ReadonlyMap<string, PendingRow>
  /** One write of a key, the latest or one before it. */
  at(id: string, version: number): PendingRow | undefined
  put(row: PendingRow): void
  /** `row` in the place of an earlier write of its key, which is there. */
  replace(earlier: PendingRow, row: PendingRow): void
  /** Somebody is writing these, which are there. */
  take(rows: readonly PendingRow[]): void
  /** Whatever has changed in a row that is there, but for its envelope, kind, tags and collection. */
  revise(row: PendingRow): void
  remove(id: string, version: number): void
  /** Of each key its earliest write, by `dueAt`, those of another epoch first. */
  due(query: {
    readonly collection: string
    readonly epoch: string
    readonly now: number
    readonly limit: number
  }): readonly PendingRow[]
  /** When the earliest is due; `undefined`: none waits. */
  nextDue(collection: string): number | undefined
  /** The earliest `storedAt`; `undefined`: none waits. */
  oldest(collection: string): number | undefined
  /** Whether one waits that stands for a write at or before this version. */
  hasUpTo(collection: string, version: number, id: string | undefined): boolean
  backlog(collection: string): Backlog
  /**
   * Sooner: all of a collection, or one key of it, but for what waits for another try. `upTo`: those that
   * stand for a write at or before this version.
   */
  setDue(
    collection: string,
    which: { readonly id: string | undefined; readonly upTo: number | undefined },
    dueAt: number,
  ): void
  /** Those older than `version` that `matches` takes. */
  mark(version: number, matches: (row: Pick<PendingRow, 'id' | 'collection'>) => boolean): void
  ids(collection: string): readonly string[]
  /** All writes of one key, or of so many keys after the cursor, in the order of their ids. */
  page(
    collection: string,
    page: QueuePage,
  ): { readonly rows: readonly PendingRow[]; readonly cursor: string | undefined }
  highestVersion(): number

  owner(collection: string): QueueOwner | undefined
  putOwner(collection: string, owner: QueueOwner | undefined): void

  putDead(row: DeadRow): void
  findDead(ids: readonly string[]): ReadonlyMap<string, DeadRow>
  removeDead(ids: readonly string[]): number
  /** In the order of their ids. */
  deadPage(
    collection: string,
    page: QueuePage,
  ): { readonly rows: readonly DeadRow[]; readonly cursor: string | undefined }
  deadCount(collection: string): number

  /** Epochs that the shard has had, the latest first, at most as many as are remembered. */
  epochs(): readonly string[]
  noteEpoch(epoch: string): void
}
