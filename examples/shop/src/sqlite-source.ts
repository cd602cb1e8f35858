import { openSqlite, type SqliteDatabase, sqliteTable } from 'tiercel/sqlite'
import type { Source } from './source.ts'
import { SQLITE_SCHEMA } from './sqlite-schema.ts'

/** @throws SqliteError if the file cannot be opened or is damaged. */
export async function openSqliteSource(path: string): Promise<Source> {
  const database = openSqlite(path)
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

/** SQLite spells the number of a parameter `?1`. */
function numbered(sql: string): string {
  return sql.replaceAll(/\$(\d)/g, '?$1')
}

/** A file that was cut off or overwritten opens without complaint; its pages tell. */
async function check(database: SqliteDatabase): Promise<void> {
  const [row] = await database.all<{ quick_check: string }>('PRAGMA quick_check(1)')
  if (row?.quick_check !== 'ok') throw new Error(`The file is damaged (${row?.quick_check}).`)
}
