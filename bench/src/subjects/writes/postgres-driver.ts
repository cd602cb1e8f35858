/** The drivers of PostgreSQL that the suite `write` measures, each with prepared statements. */

import pg from 'pg'
import postgres from 'postgres'

export type DriverName = 'pg' | 'postgres.js'

export const driverNames: readonly DriverName[] = ['pg', 'postgres.js']

export interface PostgresDriver {
  /** As users hand it to `postgresTable`: nothing is prepared that they do not prepare. */
  readonly ask: (text: string, params: readonly unknown[]) => Promise<unknown>
  /** The statement is prepared at its first call on a connection. */
  readonly prepared: (text: string, params: readonly unknown[]) => Promise<unknown>
  readonly close: () => Promise<void>
}

/** `connections`: at most so many, opened as they are needed. */
export function openPostgres(url: string, name: DriverName, connections: number): PostgresDriver {
  if (name === 'pg') {
    const pool = new pg.Pool({ connectionString: url, max: connections })
    // A handful: the statements of a suite are few.
    const names = new Map<string, string>()
    return {
      ask: (text, params) => pool.query(text, [...params]),
      prepared: (text, params) => {
        const known = names.get(text) ?? `bench_${names.size}`
        names.set(text, known)
        return pool.query({ name: known, text, values: [...params] })
      },
      close: () => pool.end(),
    }
  }
  const sql = postgres(url, { max: connections, onnotice: () => {} })
  return {
    ask: (text, params) => sql.unsafe(text, [...params] as never[]),
    prepared: (text, params) => sql.unsafe(text, [...params] as never[], { prepare: true }),
    close: () => sql.end({ timeout: 1 }),
  }
}
