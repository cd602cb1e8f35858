/** The writes of one shard that wait for the source, in this process's memory. Part of `MapRows`. */

import type { Backlog, QueuePage } from '../contracts/pending-steps.ts'
import type { DeadRow, PendingRow, PendingRows, QueueOwner } from '../shard/index.ts'

/** Epochs remembered. */
const MAX_EPOCHS = 16
/** Dead letters kept; of more, the oldest are forgotten: a failing source must not fill the memory. */
const MAX_DEAD = 10_000

export class MapPending implements PendingRows {
  /** The writes of a key, earliest first. */
  readonly #rows = new Map<string, readonly PendingRow[]>()
  readonly #backlogs = new Map<string, Backlog>()
  readonly #owners = new Map<string, QueueOwner>()
  readonly #dead = new Map<string, DeadRow>()
  #epochs: readonly string[] = []

  get size(): number {
    return this.#rows.size
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
    this.remove(row.id, row.version)
    const others = this.#rows.get(row.id) ?? []
    const rows = [...others, copyOf(row)].sort((one, other) => one.version - other.version)
    this.#rows.set(row.id, rows)
    this.#count(row, 1)
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
    if (left.length === 0) this.#rows.delete(id)
    else this.#rows.set(id, left)
    this.#count(row, -1)
  }

  due({ collection, epoch, now, limit }: Parameters<PendingRows['due']>[0]): readonly PendingRow[] {
    const due = this.#firsts(collection).filter(
      (row) => row.epoch !== epoch || row.dueAt <= now || row.storedAt > now + CLOCK_SLACK_MS,
    )
    const isForeign = (row: PendingRow): number => (row.epoch === epoch ? 1 : 0)
    due.sort((one, other) => isForeign(one) - isForeign(other) || one.dueAt - other.dueAt)
    return due.slice(0, limit).map(copyOf)
  }

  nextDue(collection: string): number | undefined {
    return least(this.#firsts(collection).map(({ dueAt }) => dueAt))
  }

  oldest(collection: string): number | undefined {
    return least(this.#firsts(collection).map(({ storedAt }) => storedAt))
  }

  hasUpTo(collection: string, version: number, id: string | undefined): boolean {
    const rows = id === undefined ? this.#firsts(collection) : (this.#rows.get(id) ?? [])
    return rows.some(({ first }) => first <= version)
  }

  backlog(collection: string): Backlog {
    return this.#backlogs.get(collection) ?? { records: 0, bytes: 0 }
  }

  setDue(collection: string, id: string | undefined, dueAt: number): void {
    for (const [key, rows] of this.#rows) {
      if (id !== undefined && key !== id) continue
      const sooner = rows.map((row) =>
        row.collection === collection && row.attempts === 0
          ? { ...row, dueAt: Math.min(row.dueAt, dueAt) }
          : row,
      )
      this.#rows.set(key, sooner)
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
    return this.#firsts(collection).map(({ id }) => id)
  }

  page(collection: string, page: QueuePage): ReturnType<PendingRows['page']> {
    const { ids, cursor } = pageOf(this.#firsts(collection), page)
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
    const { ids, cursor } = pageOf(dead, page)
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

  #firsts(collection: string): PendingRow[] {
    const firsts: PendingRow[] = []
    for (const [first] of this.#rows.values()) {
      if (first?.collection === collection) firsts.push(first)
    }
    return firsts
  }

  #count({ collection, envelope }: PendingRow, by: 1 | -1): void {
    const { records, bytes } = this.backlog(collection)
    const next = { records: records + by, bytes: bytes + by * envelope.byteLength }
    if (next.records === 0) this.#backlogs.delete(collection)
    else this.#backlogs.set(collection, next)
  }
}

function pageOf(
  rows: readonly Pick<PendingRow, 'id'>[],
  { id: only, cursor: after, limit }: QueuePage,
): { readonly ids: readonly string[]; readonly cursor: string | undefined } {
  const ids = rows.map(({ id }) => id)
  if (only !== undefined) return { ids: ids.filter((id) => id === only), cursor: undefined }
  const left = ids.filter((id) => after === undefined || id > after).sort()
  return { ids: left.slice(0, limit), cursor: left.length > limit ? left[limit - 1] : undefined }
}

/** A write from the future was taken before the clock was set back. */
const CLOCK_SLACK_MS = 1_000

function copyOf(row: PendingRow): PendingRow {
  return { ...row, envelope: new Uint8Array(row.envelope) }
}

function least(numbers: readonly number[]): number | undefined {
  return numbers.length === 0 ? undefined : numbers.reduce((one, other) => Math.min(one, other))
}
