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
}

type WriteKind = StoreWrite<never, never>['kind']

/** Columns beside those of the table. */
export const META = {
  at: 'tiercel:at',
  version: 'tiercel:version',
  epoch: 'tiercel:epoch',
} as const

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
    return `WITH ${askedOf(columns)} DELETE FROM ${quoteTable(table.name, 'table')} AS t USING asked AS a
      WHERE t.${key} = a.${key}`
  }
  const insert = insertion(table, columns, 'asked AS a')
  if (kind === 'put') return `WITH ${askedOf(columns)} ${insert} ${onConflict(table, columns)}`
  return `WITH ${askedOf(columns)}, created AS (${insert} ON CONFLICT DO NOTHING RETURNING t.${key})
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
  return `WITH ${askedOf([table.key])}, standing AS (
      SELECT v.key FROM asked AS a JOIN ${quoteTable(table.versions ?? '', 'versions')} AS v
        ON v."of" = $2 AND v.key = a.${key}::text AND v.version = a.${meta('version')} AND v.epoch = a.${meta('epoch')}
        ORDER BY v.key FOR UPDATE OF v)
    DELETE FROM ${quoteTable(table.name, 'table')} AS t USING asked AS a, standing AS s
      WHERE t.${key} = a.${key} AND s.key = a.${key}::text`
}

/**
 * Answers the rows whose version was not claimed, and the removals that have removed nothing; `claimed`
 * tells which. What stands there is asked for apart: a join would read the versions of all keys, for
 * every batch.
 */
function guarded(table: WrittenTable, kind: WriteKind, columns: readonly TableColumn[]): string {
  const versions = quoteTable(table.versions ?? '', 'versions')
  const key = keyOf(table)
  const name = quoteTable(table.name, 'table')
  const isFree = `WHERE NOT EXISTS (SELECT 1 FROM ${name} AS t WHERE t.${key} = a.${key})`
  const claim = `INSERT INTO ${versions} AS v ("of", key, version, epoch)
      SELECT $2, a.${key}::text, a.${meta('version')}, a.${meta('epoch')} FROM asked AS a
        ${kind === 'create' ? isFree : ''} ORDER BY a.${key}::text COLLATE "C"
      ON CONFLICT ("of", key) DO UPDATE SET version = excluded.version, epoch = excluded.epoch
        WHERE v.version < excluded.version
      RETURNING v.key`
  const unclaimed = `SELECT a.${meta('at')} AS at, c.key IS NOT NULL AS claimed FROM asked AS a
      LEFT JOIN claimed AS c ON c.key = a.${key}::text`
  if (kind === 'remove') {
    return `WITH ${askedOf(columns)}, claimed AS (${claim}),
    removed AS (DELETE FROM ${name} AS t USING asked AS a, claimed AS c
      WHERE t.${key} = a.${key} AND c.key = a.${key}::text RETURNING t.${key})
    ${unclaimed} LEFT JOIN removed AS r ON r.${key} = a.${key} WHERE c.key IS NULL OR r.${key} IS NULL`
  }
  const insert = insertion(table, columns, `asked AS a JOIN claimed AS c ON c.key = a.${key}::text`)
  return `WITH ${askedOf(columns)}, claimed AS (${claim}),
    written AS (${insert} ${onConflict(table, columns)})
    ${unclaimed} WHERE c.key IS NULL`
}

function askedOf(columns: readonly TableColumn[]): string {
  const typed = columns.map(({ name, type }) => `${quoteName(name, 'columns')} ${type}`)
  return `asked AS (SELECT * FROM json_to_recordset($1::text::json) AS a(${meta('at')} int,
    ${meta('version')} int8, ${meta('epoch')} text, ${typed.join(', ')}))`
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
