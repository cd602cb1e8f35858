/**
 * Compares what the database holds, and ever held, with what was acknowledged. Knows the ledger and the
 * database, and asks the cache nothing.
 *
 * What was asked for and not acknowledged may stand in the database or not. It may only stand above
 * what was acknowledged.
 */

import type { Ledger, LedgerWrite, Version } from './read-ledger.ts'

export interface StoredRow {
  /** With its collection, as in the ledger. */
  readonly key: string
  /** Which write has put it there. */
  readonly written: string
}

/** In the order in which the database took them. */
export interface VersionChange extends Version {
  readonly key: string
}

export interface RowChange {
  readonly key: string
  /** `undefined`: it was removed. */
  readonly written: string | undefined
}

export interface DatabaseState {
  readonly rows: readonly StoredRow[]
  /** Empty where the store keeps no versions. */
  readonly versions: readonly VersionChange[]
  readonly changes: readonly RowChange[]
}

export interface Verdict {
  readonly acknowledged: number
  readonly inDoubt: number
  readonly keys: number
  /** Acknowledged, and neither it nor anything newer reached the database. */
  lost: number
  /** The database holds something older than it has held, or than what was acknowledged last. */
  rolledBack: number
  outOfOrder: number
  /** It holds what nobody wrote, or wrote to another key. */
  unknown: number
  readonly findings: string[]
}

export interface JudgeOptions {
  /** Of an acknowledged write, at the judge's time: whether its level allowed to lose it. */
  readonly mayBeLost?: (at: number) => boolean
}

/** Of each kind of finding, what is told. */
const MAX_FINDINGS = 30

export function judge(
  ledger: Ledger,
  database: DatabaseState,
  { mayBeLost = () => false }: JudgeOptions = {},
): Verdict {
  const writes = new Map<string, LedgerWrite>()
  for (const write of ledger.writes) {
    const { acknowledged } = write
    const counts = acknowledged !== undefined && !mayBeLost(acknowledged.at)
    writes.set(write.name, counts ? write : { ...write, acknowledged: undefined })
  }
  const acknowledged = [...writes.values()].filter((write) => write.acknowledged !== undefined)
  const verdict: Verdict = {
    acknowledged: acknowledged.length,
    inDoubt: writes.size - acknowledged.length,
    keys: 0,
    lost: 0,
    rolledBack: 0,
    outOfOrder: 0,
    unknown: 0,
    findings: [],
  }
  const found: Found = (kind, text) => {
    verdict[kind] += 1
    if (verdict.findings.length < MAX_FINDINGS) verdict.findings.push(`${kind}: ${text}`)
  }
  const order = new Map(ledger.epochs.map((epoch, at) => [epoch, at]))
  const byKey = new Map<string, KeyCase>()
  const caseOf = (key: string): KeyCase => {
    const known = byKey.get(key)
    if (known !== undefined) return known
    const fresh: KeyCase = { key, order, writes: [], row: undefined, versions: [], changes: [] }
    byKey.set(key, fresh)
    return fresh
  }
  for (const write of writes.values()) caseOf(write.key).writes.push(write)
  for (const { key, written } of database.rows) caseOf(key).row = written
  for (const version of database.versions) caseOf(version.key).versions.push(version)
  for (const { key, written } of database.changes) caseOf(key).changes.push(written)
  for (const one of byKey.values()) judgeKey(one, writes, found)
  return Object.assign(verdict, { keys: byKey.size })
}

type Found = (kind: 'lost' | 'rolledBack' | 'outOfOrder' | 'unknown', text: string) => void

/** All that is known of one key. */
interface KeyCase {
  readonly key: string
  /** Of epochs. */
  readonly order: ReadonlyMap<string, number>
  readonly writes: LedgerWrite[]
  row: string | undefined
  readonly versions: Version[]
  readonly changes: (string | undefined)[]
}

type Writes = ReadonlyMap<string, LedgerWrite>

function judgeKey(one: KeyCase, writes: Writes, found: Found): void {
  judgeOrder(one, writes, found)
  const newest = newestOf(one)
  judgeRow(one, writes, { newest, found })
  if (!one.key.startsWith('kept_every/')) return
  // Here nothing takes the place of another: each version must have been there.
  const stored = new Set(one.versions.map(({ number }) => number))
  for (const { name, acknowledged } of one.writes) {
    if (acknowledged === undefined || stored.has(acknowledged.version.number)) continue
    found('lost', `${one.key}: ${name}, version ${acknowledged.version.number}, never arrived`)
  }
}

function judgeOrder(
  { key, versions, changes, writes: own, order }: KeyCase,
  writes: Writes,
  found: Found,
): void {
  const numbers = versions.map(({ number }) => number)
  for (const [at, number] of numbers.entries()) {
    const before = numbers[at - 1] ?? 0
    if (number <= before)
      found('outOfOrder', `${key}: version ${number} was stored after ${before}`)
  }
  let last: LedgerWrite | undefined
  for (const written of changes) {
    const write = written === undefined ? undefined : writes.get(written)
    if (write?.acknowledged === undefined) continue
    if (last !== undefined && isAbove(order, last, write)) {
      found('outOfOrder', `${key}: ${write.name} was stored after ${last.name}, which is newer`)
    }
    last = write
  }
  const seen = new Map<string, string>()
  for (const { name, acknowledged, after } of own) {
    if (acknowledged === undefined) continue
    const { version } = acknowledged
    const text = `${version.epoch} ${version.number}`
    const other = seen.get(text)
    if (other !== undefined) found('outOfOrder', `${key}: ${name} and ${other} are both ${text}`)
    seen.set(text, name)
    if (after !== undefined && compare(order, after, version) >= 0) {
      found('outOfOrder', `${key}: ${name} is ${version.number}, below ${after.number} before it`)
    }
  }
}

function judgeRow(
  { key, row, writes: own, versions }: KeyCase,
  writes: Writes,
  { newest, found }: { readonly newest: LedgerWrite | undefined; readonly found: Found },
): void {
  const write = row === undefined ? undefined : writes.get(row)
  const told =
    newest && `${newest.name}, version ${newest.acknowledged?.version.number}, a ${newest.kind}`
  const stands = versions.at(-1)
  const standing = `${row ?? 'nothing'} stands there, version ${stands?.number ?? 'none'}`
  if (row !== undefined && (write === undefined || write.key !== key || write.kind !== 'put')) {
    found('unknown', `${key}: nobody wrote ${row}`)
    return
  }
  if (newest?.acknowledged === undefined) return
  const { number } = newest.acknowledged.version
  if (write === newest) return
  if (stands === undefined ? row === undefined : stands.number < number) {
    if (stands === undefined && newest.kind === 'remove') return
    const held = stands !== undefined && versions.some((one) => one.number >= number)
    found(held ? 'rolledBack' : 'lost', `${key}: ${told}; ${standing}`)
    return
  }
  if (write?.acknowledged !== undefined) {
    found('rolledBack', `${key}: ${told}; ${standing}, which is older`)
    return
  }
  if (row === undefined && newest.kind === 'remove') return
  // Neither is what was acknowledged last: only something in doubt can have come after it.
  const isInDoubt = own.some((one) =>
    row === undefined ? one.kind === 'remove' && one.acknowledged === undefined : one === write,
  )
  if (isInDoubt && (stands === undefined || stands.number > number)) return
  found('rolledBack', `${key}: ${told}; ${standing}`)
}

function newestOf({ writes, order }: KeyCase): LedgerWrite | undefined {
  let newest: LedgerWrite | undefined
  for (const write of writes) {
    if (write.acknowledged === undefined) continue
    if (newest === undefined || isAbove(order, write, newest)) newest = write
  }
  return newest
}

function isAbove(
  order: ReadonlyMap<string, number>,
  one: LedgerWrite,
  other: LedgerWrite,
): boolean {
  const [version, before] = [one.acknowledged?.version, other.acknowledged?.version]
  return version !== undefined && before !== undefined && compare(order, version, before) > 0
}

/** Numbers of two epochs are ordered by the epochs. */
function compare(order: ReadonlyMap<string, number>, one: Version, other: Version): number {
  const epochs = (order.get(one.epoch) ?? 0) - (order.get(other.epoch) ?? 0)
  return epochs === 0 ? one.number - other.number : epochs
}
