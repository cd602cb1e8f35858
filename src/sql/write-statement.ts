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
}

/** Columns beside those of the table. */
export const META = {
  at: 'tiercel:at',
  kind: 'tiercel:kind',
  version: 'tiercel:version',
  epoch: 'tiercel:epoch',
} as const

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
  return `WITH ${askedOf([table.key])},
    standing AS (
      SELECT v.key FROM asked AS a JOIN ${quoteTable(table.versions ?? '', 'versions')} AS v
        ON v."of" = $2 AND v.key = a.${key}::text AND v.version = a.${meta('version')} AND v.epoch = a.${meta('epoch')}
        ORDER BY v.key FOR UPDATE OF v)
    DELETE FROM ${quoteTable(table.name, 'table')} AS t USING asked AS a, standing AS s
      WHERE t.${key} = a.${key} AND s.key = a.${key}::text`
}

/**
 * Answers each row with whether its version was claimed, and with whether it has removed one. What stood
 * there is asked for apart where it was not: a join would read the versions of all keys, for every batch.
 */
function guarded(table: WrittenTable, columns: readonly TableColumn[]): string {
  const name = quoteTable(table.name, 'table')
  const versions = quoteTable(table.versions ?? '', 'versions')
  const key = keyOf(table)
  const isFree = `a.${meta('kind')} <> 'create' OR NOT EXISTS (SELECT 1 FROM ${name} AS t WHERE t.${key} = a.${key})`
  const claimed = `asked AS a JOIN claimed AS c ON c.key = a.${key}::text`
  return `WITH ${askedOf(columns)},
    claimed AS (
      INSERT INTO ${versions} AS v ("of", key, version, epoch)
      SELECT $2, a.${key}::text, a.${meta('version')}, a.${meta('epoch')} FROM asked AS a
        WHERE ${isFree} ORDER BY a.${key}::text
      ON CONFLICT ("of", key) DO UPDATE SET version = excluded.version, epoch = excluded.epoch
        WHERE v.version < excluded.version
      RETURNING v.key),
    removed AS (${deletion(table, 'claimed')} RETURNING t.${key}),
    put AS (${insertion(table, columns, `${claimed} WHERE a.${meta('kind')} <> 'remove'`)} ${onConflict(table, columns)})
    SELECT a.${meta('at')} AS at, c.key IS NOT NULL AS claimed, r.${key} IS NOT NULL AS removed
      FROM asked AS a LEFT JOIN claimed AS c ON c.key = a.${key}::text
      LEFT JOIN removed AS r ON r.${key} = a.${key}`
}

function askedOf(columns: readonly TableColumn[]): string {
  const typed = columns.map(({ name, type }) => `${quoteName(name, 'columns')} ${type}`)
  return `asked AS (SELECT * FROM json_to_recordset($1::text::json) AS a(${meta('at')} int, ${meta('kind')} text,
    ${meta('version')} int8, ${meta('epoch')} text, ${typed.join(', ')}))`
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
