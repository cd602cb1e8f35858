/** The door `tiercel/sqlite`: the shared tier and a source on an SQLite file. */

export type { SqliteResult, SqliteStatement, SqliteValue } from './database-call.ts'
export { examineSqlite, type SqliteCacheLine, type SqliteExamination } from './examine-sqlite.ts'
export {
  openSqlite,
  type SqliteDatabase,
  type SqliteDatabaseOptions,
} from './sqlite-database.ts'
export { SqliteError } from './sqlite-error.ts'
export { type SqliteRow, type SqliteTableOptions, sqliteTable } from './sqlite-table.ts'
export { type SqliteTierOptions, sqliteTier } from './sqlite-tier.ts'
