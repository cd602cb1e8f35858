/** The drivers that `postgresTable` is tested with, each as its users pass it. */

import pg from 'pg'
import postgres from 'postgres'
import type { PostgresLike, PostgresListen } from '../../src/sql/index.ts'

export interface PostgresDriver {
  readonly driver: string
  open(url: string): {
    readonly client: PostgresLike
    readonly listen: PostgresListen
    end(): Promise<void>
  }
}

export const postgresDrivers: readonly PostgresDriver[] = [
  {
    driver: 'pg',
    open(url) {
      const pool = new pg.Pool({ connectionString: url, max: 8 })
      // A server that is killed takes idle connections with it.
      pool.on('error', () => {})
      const listen = async (): Promise<pg.Client> => {
        const client = new pg.Client(url)
        await client.connect()
        return client
      }
      return { client: pool, listen, end: () => pool.end() }
    },
  },
  {
    driver: 'postgres.js',
    open(url) {
      const sql = postgres(url, { max: 8, onnotice: () => {} })
      const client: PostgresLike = (text, params) => sql.unsafe(text, params as never[])
      return { client, listen: sql, end: () => sql.end({ timeout: 1 }) }
    },
  },
]
