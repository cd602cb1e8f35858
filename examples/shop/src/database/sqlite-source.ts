import { openSqlite, type SqliteDatabase, sqliteTable } from 'tiercel/sqlite'
import type { Source } from './source.ts'
import { SourceCalls } from './source-calls.ts'
import { SQLITE_SCHEMA } from './sqlite-schema.ts'

/**
 * `delayMs`: what each call takes longer.
 *
 * @throws SqliteError if the file cannot be opened or is damaged.
 */
export async function openSqliteSource(path: string, delayMs = 0): Promise<Source> {
  const calls = new SourceCalls(delayMs)
  const database = counting(openSqlite(path), calls)
  try {
    await database.ready()
    await check(database)
  } catch (error) {
    await database.close()
    throw error
  }
  return {
    place: { kind: 'sqlite', name: path },
    schema: SQLITE_SCHEMA,
    calls: () => calls.counted,
    all: (sql, params = []) => database.all(numbered(sql), params),
    async transaction(statements) {
      await database.transaction(
        statements.map(({ sql, params = [] }) => ({ sql: numbered(sql), params })),
      )
    },
    table: (options) => sqliteTable(database, options),
    close: () => database.close(),
  }
}

/** The same database; whoever uses it, tables too, is counted. */
function counting(database: SqliteDatabase, calls: SourceCalls): SqliteDatabase {
  return {
    ready: () => database.ready(),
    all: <Row>(sql: string, params: Parameters<SqliteDatabase['all']>[1] = []) =>
      calls.make([sql], () => database.all<Row>(sql, params)),
    run: (sql, params) => calls.make([sql], () => database.run(sql, params)),
    transaction: (statements) =>
      calls.make(
        statements.map(({ sql }) => sql),
        () => database.transaction(statements),
      ),
    close: () => database.close(),
    [Symbol.asyncDispose]: () => database.close(),
  }
}

/** SQLite spells the number of a parameter `?1`. */
function numbered(sql: string): string {
  return sql.replaceAll(/\$(\d)/g, '?$1')
}

/** A file that was cut off or overwritten opens without complaint; its pages tell. */
async function check(database: SqliteDatabase): Promise<void> {
  const [row] = await database.all<{ quick_check: string }>('PRAGMA quick_check(1)')
  if (row?.quick_check !== 'ok') throw new Error(`The file is damaged (${row?.quick_check}).`)
}
