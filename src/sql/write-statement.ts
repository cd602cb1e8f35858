/**
 * One statement for many writes: rows travel as JSON, which PostgreSQL turns into columns of their types.
 *
 * With versions, a row is written only if its version could be claimed, in the same statement. Rows are
 * taken in the order of their keys, so that two such statements never wait for each other.
 */

import type { StoreWrite } from '../contracts/source.ts'
import { quoteName, quoteTable } from './quote-name.ts'
import type { TableColumn } from './table-columns.ts'

export interface WrittenTable {
  /** As the user names it, and as versions are kept under. */
  readonly name: string
  readonly key: TableColumn
  /** Of the versions; `undefined`: none are kept. */
  readonly versions: string | undefined
  /** Rows are told apart by the transaction that wrote them last, which PostgreSQL keeps with each. */
  readonly isRevised: boolean
}

type WriteKind = StoreWrite<never, never>['kind']

/** Columns beside those of the table. */
export const META = {
  at: 'tiercel:at',
  version: 'tiercel:version',
  epoch: 'tiercel:epoch',
  base: 'tiercel:base',
  isBased: 'tiercel:based',
} as const

/** Asked before the first row goes on, it needs all that stand. */
const ALL_LOCKED = '(SELECT count(*) FROM standing) >= 0'

/**
 * Nothing is locked before the rows are there, and nobody is waited for longer than this, for as long as the
 * statement lasts: one row that somebody else has locked would keep all that it has locked itself from
 * everybody, also when the writer has long given up. A lower setting stays.
 */
const MOST_LOCK_MS = 2_000
const BOUND = `set_config('lock_timeout', CASE
      WHEN current_setting('lock_timeout')::interval BETWEEN '1 ms' AND '${MOST_LOCK_MS} ms' THEN current_setting('lock_timeout')
      ELSE '${MOST_LOCK_MS}' END, true)`

/** What a write builds upon that says of no row that it was read. */
const NO_ROW = '-'

/** Of the transaction that wrote the row last, as it is read; `undefined`: of no row. */
export function baseText(revision: unknown): string {
  return revision === undefined || revision === null ? NO_ROW : `=${revision}`
}

const meta = (name: keyof typeof META): string => quoteName(META[name], 'columns')

/**
 * `columns`: those that are written, with the key. `$1`: the rows as JSON, of one kind and of keys that
 * differ; `$2`: the table's name, where it keeps versions. Answers `at` of the rows that need a second look.
 */
export function writeStatement(
  table: WrittenTable,
  kind: WriteKind,
  columns: readonly TableColumn[],
): string {
  return table.versions === undefined
    ? bareStatement(table, kind, columns)
    : guarded(table, kind, columns)
}

/** Answers the rows that were not created: of two spellings of one key, all but the first. */
function bareStatement(
  table: WrittenTable,
  kind: WriteKind,
  columns: readonly TableColumn[],
): string {
  const key = keyOf(table)
  if (kind === 'remove') {
    return `WITH ${askedOf(columns, table)} DELETE FROM ${quoteTable(table.name, 'table')} AS t USING asked AS a
      WHERE t.${key} = a.${key}`
  }
  const insert = insertion(table, columns, 'asked AS a')
  if (kind === 'put')
    return `WITH ${askedOf(columns, table)} ${insert} ${onConflict(table, columns)}`
  return `WITH ${askedOf(columns, table)}, created AS (${insert} ON CONFLICT DO NOTHING RETURNING t.${key})
    SELECT ${meta('at')} AS at FROM asked WHERE ${meta('at')} NOT IN (
      SELECT min(a.${meta('at')}) FROM created AS c JOIN asked AS a ON a.${key} = c.${key} GROUP BY c.${key})`
}

/**
 * Takes the rows of removals whose versions stand, and answers nothing.
 *
 * A removal that waited for an older put of its key, in another connection, has claimed its version
 * then, but sees the table as it was before: the row that this put has made is not among those it
 * removes. The version is locked, so that a newer put keeps its row.
 */
export function sweepStatement(table: WrittenTable): string {
  const key = keyOf(table)
  const [rows, isLocked] = table.isRevised ? [`${standingRows(table)},`, ALL_LOCKED] : ['', 'TRUE']
  return `WITH ${askedOf([table.key], table)}, ${rows}
    newest AS (
      SELECT v.key FROM asked AS a JOIN ${quoteTable(table.versions ?? '', 'versions')} AS v
        ON v."of" = $2 AND v.key = a.${key}::text AND v.version = a.${meta('version')} AND v.epoch = a.${meta('epoch')}
        WHERE ${isLocked} ORDER BY v.key COLLATE "C" FOR UPDATE OF v)
    DELETE FROM ${quoteTable(table.name, 'table')} AS t USING asked AS a, newest AS n
      WHERE t.${key} = a.${key} AND n.key = a.${key}::text`
}

/**
 * Answers the rows whose version was not claimed, and the removals that have removed nothing; `claimed`
 * tells which. What stands there is asked for apart: a join would read the versions of all keys, for
 * every batch.
 *
 * What is to be new is inserted without `ON CONFLICT`: a row that another connection has made meanwhile,
 * and that this statement cannot see, is an error of the whole of it, which takes the claims back too.
 */
function guarded(table: WrittenTable, kind: WriteKind, columns: readonly TableColumn[]): string {
  const key = keyOf(table)
  const claimed = `claimed AS (${table.isRevised ? revisedClaim(table, kind) : claim(table, kind)} RETURNING v.key)`
  const before = `WITH ${askedOf(columns, table)}, ${table.isRevised ? `${standingRows(table)},` : ''} ${claimed},`
  const unclaimed = `SELECT a.${meta('at')} AS at, c.key IS NOT NULL AS claimed FROM asked AS a
      LEFT JOIN claimed AS c ON c.key = a.${key}::text`
  if (kind === 'remove') {
    return `${before}
    removed AS (DELETE FROM ${quoteTable(table.name, 'table')} AS t USING asked AS a, claimed AS c
      WHERE t.${key} = a.${key} AND c.key = a.${key}::text RETURNING t.${key})
    ${unclaimed} LEFT JOIN removed AS r ON r.${key} = a.${key} WHERE c.key IS NULL OR r.${key} IS NULL`
  }
  return `${before} ${written(table, kind, columns)} ${unclaimed} WHERE c.key IS NULL`
}

function written(
  table: WrittenTable,
  kind: 'create' | 'put',
  columns: readonly TableColumn[],
): string {
  const key = keyOf(table)
  const claimed = `asked AS a JOIN claimed AS c ON c.key = a.${key}::text`
  if (kind === 'create') return `created AS (${insertion(table, columns, claimed)})`
  const conflict = onConflict(table, columns)
  if (!table.isRevised) return `put AS (${insertion(table, columns, claimed)} ${conflict})`
  // Nor is a row waited for that could not be locked: who has it may wait for the version.
  const all = `${claimed} LEFT JOIN standing AS s ON s.key = a.${key} WHERE s.seen`
  return `created AS (${insertion(table, columns, `${all} IS NULL`)}),
    put AS (${insertion(table, columns, `${all} IS NOT NULL`)} ${conflict})`
}

function claim(table: WrittenTable, kind: WriteKind): string {
  const key = keyOf(table)
  return `
      INSERT INTO ${quoteTable(table.versions ?? '', 'versions')} AS v ("of", key, version, epoch)
      SELECT $2, a.${key}::text, a.${meta('version')}, a.${meta('epoch')} FROM asked AS a
        WHERE ${isFree(table, kind)} ORDER BY a.${key}::text COLLATE "C"
      ON CONFLICT ("of", key) DO UPDATE SET version = excluded.version, epoch = excluded.epoch
        WHERE v.version < excluded.version`
}

/**
 * And only if the row is the one that was read, or was written last together with a version on the same
 * base. Rows are locked before, all in one order: what is compared here is what is written over.
 */
function revisedClaim(table: WrittenTable, kind: WriteKind): string {
  const versions = quoteTable(table.versions ?? '', 'versions')
  const key = keyOf(table)
  // A scalar, which is looked up for each row: an `EXISTS` may be hashed, and read the versions of all keys.
  const isKnown = `(SELECT o.version FROM ${versions} AS o WHERE o."of" = $2 AND o.key = a.${key}::text) IS NOT NULL`
  return `
      INSERT INTO ${versions} AS v ("of", key, version, epoch, base, seen)
      SELECT $2, a.${key}::text, a.${meta('version')}, a.${meta('epoch')}, a.${meta('base')},
          CASE WHEN a.${meta('isBased')} THEN coalesce(s.seen, '${NO_ROW}') END
        FROM asked AS a LEFT JOIN standing AS s ON s.key = a.${key}
        WHERE ${ALL_LOCKED} AND ${isFree(table, kind)} AND (a.${meta('isBased')} IS NOT TRUE OR a.${meta('base')} = coalesce(s.seen, '${NO_ROW}') OR ${isKnown})
        ORDER BY a.${key}::text COLLATE "C"
      ON CONFLICT ("of", key) DO UPDATE SET version = excluded.version, epoch = excluded.epoch,
          base = excluded.base, seen = excluded.seen
        WHERE v.version < excluded.version AND (excluded.seen IS NULL OR excluded.base = excluded.seen
          OR v.base = excluded.base AND '=' || v.xmin::text = excluded.seen)`
}

/**
 * Rows as they stand when they are locked: the latest, whoever has just changed them. All of them, in one
 * order, before any version is, so that two statements never wait for each other.
 */
function standingRows(table: WrittenTable): string {
  const key = keyOf(table)
  return `standing AS (SELECT t.${key} AS key, '=' || t.xmin::text AS seen
      FROM asked AS a JOIN ${quoteTable(table.name, 'table')} AS t ON t.${key} = a.${key}
      ORDER BY t.${key} FOR UPDATE OF t)`
}

function isFree(table: WrittenTable, kind: WriteKind): string {
  if (kind !== 'create') return 'TRUE'
  const key = keyOf(table)
  return `NOT EXISTS (SELECT 1 FROM ${quoteTable(table.name, 'table')} AS t WHERE t.${key} = a.${key})`
}

function askedOf(columns: readonly TableColumn[], { isRevised }: WrittenTable): string {
  const typed = columns.map(({ name, type }) => `${quoteName(name, 'columns')} ${type}`)
  const ofBase = isRevised ? `${meta('base')} text, ${meta('isBased')} bool,` : ''
  return `asked AS (SELECT a.* FROM ${BOUND} AS bound, json_to_recordset($1::text::json) AS a(${meta('at')} int,
    ${meta('version')} int8, ${meta('epoch')} text, ${ofBase} ${typed.join(', ')}) WHERE bound IS NOT NULL)`
}

function insertion(table: WrittenTable, columns: readonly TableColumn[], from: string): string {
  const names = columns.map(({ name }) => quoteName(name, 'columns'))
  const overriding = columns.some(({ isFilled }) => isFilled) ? 'OVERRIDING SYSTEM VALUE' : ''
  return `INSERT INTO ${quoteTable(table.name, 'table')} AS t (${names.join(', ')}) ${overriding}
      SELECT ${names.map((name) => `a.${name}`).join(', ')} FROM ${from}
      ORDER BY a.${keyOf(table)}, a.${meta('at')}`
}

function onConflict(table: WrittenTable, columns: readonly TableColumn[]): string {
  const replaced = columns
    .filter(({ name, isFilled }) => name !== table.key.name && !isFilled)
    .map(({ name }) => quoteName(name, 'columns'))
    .map((name) => `${name} = excluded.${name}`)
  const what = replaced.length > 0 ? `DO UPDATE SET ${replaced.join(', ')}` : 'DO NOTHING'
  return `ON CONFLICT (${keyOf(table)}) ${what}`
}

function keyOf({ key }: WrittenTable): string {
  return quoteName(key.name, 'key')
}
