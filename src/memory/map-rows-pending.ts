/** The writes of one shard that wait for the source, in this process's memory. Part of `MapRows`. */

import type { Backlog, QueuePage } from '../contracts/pending-steps.ts'
import type { DeadRow, PendingRow, PendingRows, QueueOwner } from '../shard/index.ts'
import { PendingIndex } from './pending-index.ts'

/** Epochs remembered. */
const MAX_EPOCHS = 16
/** Dead letters kept; of more, the oldest are forgotten: a failing source must not fill the memory. */
const MAX_DEAD = 10_000

export class MapPending implements PendingRows {
  /** The writes of a key, earliest first. */
  readonly #rows = new Map<string, readonly PendingRow[]>()
  readonly #indices = new Map<string, PendingIndex>()
  readonly #backlogs = new Map<string, Backlog>()
  readonly #owners = new Map<string, QueueOwner>()
  readonly #dead = new Map<string, DeadRow>()
  #epochs: readonly string[] = []

  /** Keys. */
  get size(): number {
    return this.#rows.size
  }

  get bytes(): number {
    let bytes = 0
    for (const backlog of this.#backlogs.values()) bytes += backlog.bytes
    return bytes
  }

  find(ids: readonly string[]): ReadonlyMap<string, PendingRow> {
    const found = new Map<string, PendingRow>()
    if (this.#rows.size === 0) return found
    for (const id of ids) {
      const latest = this.#rows.get(id)?.at(-1)
      if (latest !== undefined) found.set(id, copyOf(latest))
    }
    return found
  }

  at(id: string, version: number): PendingRow | undefined {
    const row = this.#rows.get(id)?.find((one) => one.version === version)
    return row && copyOf(row)
  }

  put(row: PendingRow): void {
    const known = this.#rows.get(row.id) ?? []
    const replaced = known.find(({ version }) => version === row.version)
    if (replaced !== undefined) this.#count(replaced, -1)
    const rows = [...known.filter((one) => one !== replaced), copyOf(row)]
    rows.sort((one, other) => one.version - other.version)
    this.#keep(row.id, row.collection, rows)
    this.#count(row, 1)
  }

  replace(earlier: PendingRow, row: PendingRow): void {
    this.remove(earlier.id, earlier.version)
    this.put(row)
  }

  take(rows: readonly PendingRow[]): void {
    for (const row of rows) this.put({ ...row, taken: true })
  }

  revise(row: PendingRow): void {
    this.put(row)
  }

  remove(id: string, version: number): void {
    const rows = this.#rows.get(id) ?? []
    const row = rows.find((one) => one.version === version)
    if (row === undefined) return
    const left = rows.filter((one) => one !== row)
    this.#keep(id, row.collection, left)
    this.#count(row, -1)
  }

  due({ collection, epoch, now, limit }: Parameters<PendingRows['due']>[0]): readonly PendingRow[] {
    const index = this.#indices.get(collection)
    if (index === undefined) return []
    const strangers = this.#firstsOf(index.strangers(epoch))
    strangers.sort((one, other) => one.dueAt - other.dueAt)
    if (strangers.length >= limit) return strangers.slice(0, limit).map(copyOf)
    const isSetBack = index.latestAt > now + CLOCK_SLACK_MS
    index.sawAt(now)
    const own = isSetBack
      ? this.#firstsOf(index.ids)
          .filter(({ dueAt, storedAt, attempts }) => {
            const isAhead = dueAt > now + MOST_RETRY_MS && attempts > 0
            return dueAt <= now || storedAt > now + CLOCK_SLACK_MS || isAhead
          })
          .sort((one, other) => one.dueAt - other.dueAt)
      : this.#firstsOf(index.dueUpTo(now, limit + strangers.length))
    const ofEpoch = own.filter((row) => row.epoch === epoch)
    return [...strangers, ...ofEpoch].slice(0, limit).map(copyOf)
  }

  nextDue(collection: string): number | undefined {
    return this.#indices.get(collection)?.nextDue()
  }

  /** What was written first has waited longest, but for writes that stand for earlier ones. */
  oldest(collection: string): number | undefined {
    const oldest = this.#indices.get(collection)?.oldest()
    return oldest && this.#rows.get(oldest.id)?.[0]?.storedAt
  }

  hasUpTo(collection: string, version: number, id: string | undefined): boolean {
    if (id !== undefined) return (this.#rows.get(id) ?? []).some(({ first }) => first <= version)
    const oldest = this.#indices.get(collection)?.oldest()
    return oldest !== undefined && oldest.at <= version
  }

  backlog(collection: string): Backlog {
    return this.#backlogs.get(collection) ?? { records: 0, bytes: 0 }
  }

  setDue(
    collection: string,
    { id, upTo = Number.POSITIVE_INFINITY }: Parameters<PendingRows['setDue']>[1],
    dueAt: number,
  ): void {
    for (const one of id === undefined ? this.ids(collection) : [id]) {
      const rows = this.#rows.get(one) ?? []
      const isLater = (row: PendingRow): boolean =>
        row.dueAt > dueAt && row.first <= upTo && row.attempts === 0
      if (!rows.some(isLater)) continue
      const sooner = rows.map((row) => (isLater(row) ? { ...row, dueAt } : row))
      this.#keep(one, collection, sooner)
    }
  }

  mark(version: number, matches: Parameters<PendingRows['mark']>[1]): void {
    for (const [id, rows] of this.#rows) {
      const marked = rows.map((row) =>
        row.version < version && matches(row) ? { ...row, marked: true } : row,
      )
      this.#rows.set(id, marked)
    }
  }

  ids(collection: string): readonly string[] {
    return this.#indices.get(collection)?.ids ?? []
  }

  page(collection: string, page: QueuePage): ReturnType<PendingRows['page']> {
    const { id } = page
    const known = id === undefined ? this.ids(collection) : this.#rows.has(id) ? [id] : []
    const { ids, cursor } = pageOf(known, page)
    return { rows: ids.flatMap((id) => (this.#rows.get(id) ?? []).map(copyOf)), cursor }
  }

  highestVersion(): number {
    let highest = 0
    for (const rows of this.#rows.values()) highest = Math.max(highest, rows.at(-1)?.version ?? 0)
    return highest
  }

  owner(collection: string): QueueOwner | undefined {
    return this.#owners.get(collection)
  }

  putOwner(collection: string, owner: QueueOwner | undefined): void {
    if (owner === undefined) this.#owners.delete(collection)
    else this.#owners.set(collection, owner)
  }

  putDead(row: DeadRow): void {
    this.#dead.delete(row.id)
    this.#dead.set(row.id, row)
    for (const oldest of this.#dead.keys()) {
      if (this.#dead.size <= MAX_DEAD) return
      this.#dead.delete(oldest)
    }
  }

  findDead(ids: readonly string[]): ReadonlyMap<string, DeadRow> {
    return new Map(
      ids.flatMap((id) => {
        const row = this.#dead.get(id)
        return row === undefined ? [] : [[id, row] as const]
      }),
    )
  }

  removeDead(ids: readonly string[]): number {
    return ids.filter((id) => this.#dead.delete(id)).length
  }

  deadPage(collection: string, page: QueuePage): ReturnType<PendingRows['deadPage']> {
    const dead = [...this.#dead.values()].filter((row) => row.collection === collection)
    const { ids, cursor } = pageOf(
      dead.map(({ id }) => id),
      page,
    )
    return { rows: [...this.findDead(ids).values()], cursor }
  }

  deadCount(collection: string): number {
    let count = 0
    for (const row of this.#dead.values()) if (row.collection === collection) count += 1
    return count
  }

  epochs(): readonly string[] {
    return this.#epochs
  }

  noteEpoch(epoch: string): void {
    this.#epochs = [epoch, ...this.#epochs].slice(0, MAX_EPOCHS)
  }

  #firstsOf(ids: readonly string[]): PendingRow[] {
    return ids.flatMap((id) => this.#rows.get(id)?.[0] ?? [])
  }

  /** `rows`: all of the key, earliest first. */
  #keep(id: string, collection: string, rows: readonly PendingRow[]): void {
    if (rows.length === 0) this.#rows.delete(id)
    else this.#rows.set(id, rows)
    let index = this.#indices.get(collection)
    if (index === undefined) {
      index = new PendingIndex()
      this.#indices.set(collection, index)
    }
    index.set(id, rows[0])
  }

  #count({ collection, envelope }: PendingRow, by: 1 | -1): void {
    const { records, bytes } = this.backlog(collection)
    const next = { records: records + by, bytes: bytes + by * envelope.byteLength }
    if (next.records === 0) this.#backlogs.delete(collection)
    else this.#backlogs.set(collection, next)
  }
}

function pageOf(
  ids: readonly string[],
  { id: only, cursor: after, limit }: QueuePage,
): { readonly ids: readonly string[]; readonly cursor: string | undefined } {
  if (only !== undefined) return { ids: ids.filter((id) => id === only), cursor: undefined }
  const left = ids.filter((id) => after === undefined || id > after).sort()
  return { ids: left.slice(0, limit), cursor: left.length > limit ? left[limit - 1] : undefined }
}

/** A write from the future was taken before the clock was set back. */
const CLOCK_SLACK_MS = 1_000
/** No write is put off for longer than that when it is tried again. */
const MOST_RETRY_MS = 30_000

function copyOf(row: PendingRow): PendingRow {
  return { ...row, envelope: new Uint8Array(row.envelope) }
}
