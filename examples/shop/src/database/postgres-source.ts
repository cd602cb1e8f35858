import pg from 'pg'
import { postgresTable } from 'tiercel/sql'
import { POSTGRES_SCHEMA } from './postgres-schema.ts'
import type { Source, SourceStatement } from './source.ts'
import { CONNECTIONS, SourceCalls } from './source-calls.ts'

/** A database that does not answer must not hold requests for longer. */
const CONNECT_MS_AT_MOST = 2_000
const QUERY_MS_AT_MOST = 10_000

/** Connects with the first statement. `delayMs`: what each call takes longer. */
export function openPostgresSource(url: string, delayMs = 0): Source {
  const calls = new SourceCalls(delayMs)
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS_AT_MOST,
    query_timeout: QUERY_MS_AT_MOST,
    types: { getTypeParser: (oid, format) => (oid === INT8 ? Number : parserOf(oid, format)) },
  })
  // Of idle connections, when the server goes away; whoever asks next hears of it.
  pool.on('error', (error) => console.error(`PostgreSQL: ${error.message}`))
  const query = (sql: string, params: readonly unknown[]) =>
    calls.make([sql], () => pool.query(sql, [...params]))
  return {
    place: { kind: 'postgres', name: nameOf(url) },
    schema: POSTGRES_SCHEMA,
    calls: () => calls.counted,
    all: async (sql, params = []) => (await query(sql, params)).rows,
    transaction: (statements) =>
      calls.make(
        statements.map(({ sql }) => sql),
        () => runTogether(pool, statements),
      ),
    table: (options) => postgresTable({ query }, options),
    close: () => pool.end(),
  }
}

/** `pg` makes text of it, since it may be above 2^53; nothing in the shop is. */
const INT8 = pg.types.builtins.INT8
const parserOf: typeof pg.types.getTypeParser = pg.types.getTypeParser

async function runTogether(pool: pg.Pool, statements: readonly SourceStatement[]): Promise<void> {
  const client = await pool.connect()
  let failure: Error | undefined
  try {
    await client.query('BEGIN')
    for (const { sql, params = [] } of statements) await client.query(sql, [...params])
    await client.query('COMMIT')
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error))
    throw error
  } finally {
    // With an error the connection is closed, which takes the transaction back.
    client.release(failure)
  }
}

/** Without user and password. */
function nameOf(url: string): string {
  const { host, pathname } = new URL(url)
  return `${host}${pathname}`
}
