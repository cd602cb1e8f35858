/** The door `tiercel/sql`: tables of PostgreSQL as stores. */

export type { PostgresLike, PostgresRow } from './postgres-like.ts'
export { type PostgresTableOptions, postgresTable } from './postgres-table.ts'
