/** What the instances of a run stand on, with a way past them to what the database holds. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { openSqlite } from 'tiercel/sqlite'
import { startPostgres } from '../../../../test/servers/start-postgres.ts'
import { startRedis } from '../../../../test/servers/start-redis.ts'

export const SITES = ['SQLite', 'Redis and PostgreSQL'] as const
export type SiteName = (typeof SITES)[number]

export interface Site extends AsyncDisposable {
  readonly name: SiteName
  /** For each process. */
  readonly env: Readonly<Record<string, string>>
  /** Once an instance has made the tables. Numbers come as numbers. */
  sql<Row>(text: string): Promise<readonly Row[]>
}

export async function openSite(name: SiteName, products: number): Promise<Site> {
  await using opened = new AsyncDisposableStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'tiercel-shop-'))
  opened.defer(() => rm(dataDir, { recursive: true, force: true }))
  const env = { DATA_DIR: dataDir, SEED_PRODUCTS: String(products), HOST: '127.0.0.1' }
  if (name === 'SQLite') {
    let database: ReturnType<typeof openSqlite> | undefined
    opened.defer(() => database?.close())
    const sql = async <Row>(text: string): Promise<readonly Row[]> => {
      database ??= openSqlite(join(dataDir, 'source.db'), { busyTimeoutMs: 10_000 })
      return (await database.all(text)) as readonly Row[]
    }
    return siteOf(name, { env, sql, ending: opened.move() })
  }
  const [redis, postgres] = await Promise.all([startRedis(), startPostgres()])
  opened.use(redis)
  opened.use(postgres)
  const pool = new pg.Pool({
    connectionString: postgres.url,
    types: { getTypeParser: (oid, format) => (oid === INT8 ? Number : parserOf(oid, format)) },
  })
  opened.defer(() => pool.end())
  return siteOf(name, {
    env: { ...env, REDIS_URL: redis.url, DATABASE_URL: postgres.url },
    sql: async <Row>(text: string) => (await pool.query(text)).rows as readonly Row[],
    ending: opened.move(),
  })
}

const INT8 = pg.types.builtins.INT8
const parserOf: typeof pg.types.getTypeParser = pg.types.getTypeParser

function siteOf(
  name: SiteName,
  { env, sql, ending }: Pick<Site, 'env' | 'sql'> & { readonly ending: AsyncDisposableStack },
): Site {
  return { name, env, sql, [Symbol.asyncDispose]: () => ending.disposeAsync() }
}
