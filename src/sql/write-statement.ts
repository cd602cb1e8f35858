/**
 * One statement for many writes: rows travel as JSON, which PostgreSQL turns into columns of their types.
 *
 * With versions, a row is written only if its version could be claimed, in the same statement. Rows are
 * taken in the order of their keys, so that two such statements never wait for each other.
 */

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
  /** Whether one of the writes is a `create`. */
  readonly creates: boolean
}

/** Columns beside those of the table. */
export const META = {
  at: 'tiercel:at',
  kind: 'tiercel:kind',
  version: 'tiercel:version',
  epoch: 'tiercel:epoch',
  base: 'tiercel:base',
  isBased: 'tiercel:based',
} as const

/** Asked before the first row goes on, it needs all that stand. */
const ALL_LOCKED = '(SELECT count(*) FROM standing) >= 0'

/** What a write builds upon that says of no row that it was read. */
const NO_ROW = '-'

/** Of the transaction that wrote the row last, as it is read; `undefined`: of no row. */
export function baseText(revision: unknown): string {
  return revision === undefined || revision === null ? NO_ROW : `=${revision}`
}

const meta = (name: keyof typeof META): string => quoteName(META[name], 'columns')

/** `columns`: those that are written, with the key. `$1`: the rows as JSON; `$2`: the table's name. */
export function writeStatement(table: WrittenTable, columns: readonly TableColumn[]): string {
  return table.versions === undefined ? bareStatement(table, columns) : guarded(table, columns)
}

/** Answers `at` of each row that was created, put or removed. */
function bareStatement(table: WrittenTable, columns: readonly TableColumn[]): string {
  return `WITH ${askedOf(columns)},
    removed AS (${deletion(table, 'all')}),
    created AS (${insertion(table, columns, `asked AS a WHERE a.${meta('kind')} = 'create'`)}
      ON CONFLICT DO NOTHING RETURNING ${keyOf(table)}),
    put AS (${insertion(table, columns, `asked AS a WHERE a.${meta('kind')} = 'put'`)} ${onConflict(table, columns)})
    SELECT a.${meta('at')} AS at FROM asked AS a LEFT JOIN created AS c ON c.${keyOf(table)} = a.${keyOf(table)}
      WHERE a.${meta('kind')} <> 'create' OR c.${keyOf(table)} IS NOT NULL`
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
  return `WITH ${askedOf([table.key])}, ${rows}
    newest AS (
      SELECT v.key FROM asked AS a JOIN ${quoteTable(table.versions ?? '', 'versions')} AS v
        ON v."of" = $2 AND v.key = a.${key}::text AND v.version = a.${meta('version')} AND v.epoch = a.${meta('epoch')}
        WHERE ${isLocked} ORDER BY v.key FOR UPDATE OF v)
    DELETE FROM ${quoteTable(table.name, 'table')} AS t USING asked AS a, newest AS n
      WHERE t.${key} = a.${key} AND n.key = a.${key}::text`
}

/**
 * Answers each row with whether its version was claimed, and with whether it has removed one. What stood
 * there is asked for apart where it was not: a join would read the versions of all keys, for every batch.
 *
 * What is to be new is inserted without `ON CONFLICT`: a row that another connection has made meanwhile,
 * and that this statement cannot see, is an error of the whole of it, which takes the claims back too.
 */
function guarded(table: WrittenTable, columns: readonly TableColumn[]): string {
  const key = keyOf(table)
  const claimed = `asked AS a JOIN claimed AS c ON c.key = a.${key}::text`
  const written = `${claimed} ${table.isRevised ? `LEFT JOIN standing AS s ON s.key = a.${key}` : ''}
      WHERE a.${meta('kind')} <> 'remove'`
  const isNew = newness(table)
  const created = isNew && `created AS (${insertion(table, columns, `${written} AND ${isNew}`)}),`
  const others = isNew ? `${written} AND NOT ${isNew}` : written
  return `WITH ${askedOf(columns)}, ${table.isRevised ? `${standingRows(table)},` : ''}
    claimed AS (${table.isRevised ? revisedClaim(table) : claim(table)} RETURNING v.key),
    removed AS (${deletion(table, 'claimed')} RETURNING t.${key}),
    ${created}
    put AS (${insertion(table, columns, others)} ${onConflict(table, columns)})
    SELECT a.${meta('at')} AS at, c.key IS NOT NULL AS claimed, r.${key} IS NOT NULL AS removed
      FROM asked AS a LEFT JOIN claimed AS c ON c.key = a.${key}::text
      LEFT JOIN removed AS r ON r.${key} = a.${key}`
}

/** Which of the rows must not be there; empty: none of them. */
function newness({ isRevised, creates }: WrittenTable): string {
  const isCreate = `a.${meta('kind')} = 'create'`
  if (!isRevised) return creates ? isCreate : ''
  // Nor is a row waited for that could not be locked: who has it may wait for the version.
  return `(${isCreate} OR s.seen IS NULL)`
}

function claim(table: WrittenTable): string {
  const key = keyOf(table)
  return `
      INSERT INTO ${quoteTable(table.versions ?? '', 'versions')} AS v ("of", key, version, epoch)
      SELECT $2, a.${key}::text, a.${meta('version')}, a.${meta('epoch')} FROM asked AS a
        WHERE ${isFree(table)} ORDER BY a.${key}::text
      ON CONFLICT ("of", key) DO UPDATE SET version = excluded.version, epoch = excluded.epoch
        WHERE v.version < excluded.version`
}

/**
 * And only if the row is the one that was read, or was written last together with a version on the same
 * base. Rows are locked before, all in one order: what is compared here is what is written over.
 */
function revisedClaim(table: WrittenTable): string {
  const versions = quoteTable(table.versions ?? '', 'versions')
  const key = keyOf(table)
  // A scalar, which is looked up for each row: an `EXISTS` may be hashed, and read the versions of all keys.
  const isKnown = `(SELECT o.version FROM ${versions} AS o WHERE o."of" = $2 AND o.key = a.${key}::text) IS NOT NULL`
  return `
      INSERT INTO ${versions} AS v ("of", key, version, epoch, base, seen)
      SELECT $2, a.${key}::text, a.${meta('version')}, a.${meta('epoch')}, a.${meta('base')},
          CASE WHEN a.${meta('isBased')} THEN coalesce(s.seen, '${NO_ROW}') END
        FROM asked AS a LEFT JOIN standing AS s ON s.key = a.${key}
        WHERE ${ALL_LOCKED} AND ${isFree(table)} AND (NOT a.${meta('isBased')} OR a.${meta('base')} = coalesce(s.seen, '${NO_ROW}') OR ${isKnown})
        ORDER BY a.${key}::text
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

function isFree(table: WrittenTable): string {
  const key = keyOf(table)
  return `(a.${meta('kind')} <> 'create'
          OR NOT EXISTS (SELECT 1 FROM ${quoteTable(table.name, 'table')} AS t WHERE t.${key} = a.${key}))`
}

function askedOf(columns: readonly TableColumn[]): string {
  const typed = columns.map(({ name, type }) => `${quoteName(name, 'columns')} ${type}`)
  return `asked AS (SELECT * FROM json_to_recordset($1::text::json) AS a(${meta('at')} int, ${meta('kind')} text,
    ${meta('version')} int8, ${meta('epoch')} text, ${meta('base')} text, ${meta('isBased')} bool,
    ${typed.join(', ')}))`
}

/** `claimed`: only those of which the version was claimed. */
function deletion(table: WrittenTable, which: 'all' | 'claimed'): string {
  const key = keyOf(table)
  const using = which === 'all' ? 'asked AS a' : 'asked AS a, claimed AS c'
  const claimed = which === 'all' ? '' : `AND c.key = a.${key}::text`
  return `DELETE FROM ${quoteTable(table.name, 'table')} AS t USING ${using}
      WHERE t.${key} = a.${key} AND a.${meta('kind')} = 'remove' ${claimed}`
}

function insertion(table: WrittenTable, columns: readonly TableColumn[], from: string): string {
  const names = columns.map(({ name }) => quoteName(name, 'columns'))
  const key = keyOf(table)
  return `INSERT INTO ${quoteTable(table.name, 'table')} AS t (${names.join(', ')})
      SELECT ${names.map((name) => `a.${name}`).join(', ')} FROM ${from}
      ORDER BY a.${key}`
}

function onConflict(table: WrittenTable, columns: readonly TableColumn[]): string {
  const replaced = columns
    .filter(({ name }) => name !== table.key.name)
    .map(({ name }) => quoteName(name, 'columns'))
    .map((name) => `${name} = excluded.${name}`)
  const what = replaced.length > 0 ? `DO UPDATE SET ${replaced.join(', ')}` : 'DO NOTHING'
  return `ON CONFLICT (${keyOf(table)}) ${what}`
}

function keyOf({ key }: WrittenTable): string {
  return quoteName(key.name, 'key')
}
