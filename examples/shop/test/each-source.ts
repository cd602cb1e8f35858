/** The databases that a shop can have, with a way past the shop to what they hold. */

import { join } from 'node:path'
import pg from 'pg'
import { openSqlite, type SqliteDatabase } from 'tiercel/sqlite'
import { onTestFinished } from 'vitest'
import { startPostgres } from '../../../test/servers/start-postgres.ts'
import { newFolder } from './new-folder.ts'

export interface TestSource {
  /** For `openShop`. */
  readonly options: { readonly dataDir: string; readonly databaseUrl?: string }
  /** Once a shop has made the tables. Names with capitals are quoted. */
  sql<Row>(text: string): Promise<readonly Row[]>
}

export async function onSqlite(): Promise<TestSource> {
  const dataDir = await newFolder()
  let database: SqliteDatabase | undefined
  onTestFinished(() => database?.close())
  return {
    options: { dataDir },
    sql: (text) => {
      database ??= openSqlite(join(dataDir, 'source.db'))
      return database.all(text)
    },
  }
}

/** With `begin`, statements that hold locks until `COMMIT`. */
export async function onPostgres(): Promise<TestSource & { begin(): Promise<pg.PoolClient> }> {
  const server = await startPostgres()
  onTestFinished(() => server[Symbol.asyncDispose]())
  const pool = new pg.Pool({ connectionString: server.url })
  onTestFinished(() => pool.end())
  return {
    options: { dataDir: await newFolder(), databaseUrl: server.url },
    sql: async (text) => (await pool.query(text)).rows,
    async begin() {
      const client = await pool.connect()
      onTestFinished(() => client.release(true))
      await client.query('BEGIN')
      return client
    },
  }
}

export const EACH_SOURCE = [
  ['SQLite', onSqlite],
  ['PostgreSQL', onPostgres],
] as const
