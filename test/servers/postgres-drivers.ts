/** The drivers that `postgresTable` is tested with, each as its users pass it. */

import pg from 'pg'
import postgres from 'postgres'
import type { PostgresLike } from '../../src/sql/index.ts'

export interface PostgresDriver {
  readonly driver: string
  open(url: string): { readonly client: PostgresLike; end(): Promise<void> }
}

export const postgresDrivers: readonly PostgresDriver[] = [
  {
    driver: 'pg',
    open(url) {
      const pool = new pg.Pool({ connectionString: url, max: 8 })
      // A server that is killed takes idle connections with it.
      pool.on('error', () => {})
      return { client: pool, end: () => pool.end() }
    },
  },
  {
    driver: 'postgres.js',
    open(url) {
      const sql = postgres(url, { max: 8, onnotice: () => {} })
      const client: PostgresLike = (text, params) => sql.unsafe(text, params as never[])
      return { client, end: () => sql.end({ timeout: 1 }) }
    },
  },
]
