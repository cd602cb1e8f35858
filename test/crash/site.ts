/** One set-up: a shared tier and a database, and what may happen to them. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RedisServer } from '../servers/redis-server.ts'
import { startRedis } from '../servers/start-redis.ts'
import type { CrashDatabase } from './crash-database.ts'
import type { TierPlace } from './messages.ts'
import { PostgresDatabase } from './postgres-database.ts'
import { SqliteFileDatabase } from './sqlite-file-database.ts'

/** Redis waits for its disk before it answers; or writes once a second; or never waits. */
export type Appendfsync = 'always' | 'everysec' | 'no'

export interface Site<D extends CrashDatabase = CrashDatabase> extends AsyncDisposable {
  readonly name: string
  readonly tier: TierPlace
  readonly database: D
}

export interface RedisSite extends Site<PostgresDatabase> {
  readonly redis: RedisServer
}

export type SqliteSite = Site<SqliteFileDatabase>

export async function openRedisSite(appendfsync: Appendfsync): Promise<RedisSite> {
  const redis = await startRedis({ config: { appendonly: 'yes', appendfsync } })
  const database = await PostgresDatabase.open()
  return {
    name: `Redis (appendfsync ${appendfsync}) and PostgreSQL`,
    redis,
    database,
    tier: { kind: 'redis', port: redis.port },
    async [Symbol.asyncDispose]() {
      await redis[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

export async function openSqliteSite(): Promise<SqliteSite> {
  const folder = mkdtempSync(join(tmpdir(), 'crash-'))
  return {
    name: 'SQLite and SQLite',
    database: new SqliteFileDatabase(join(folder, 'database.db')),
    tier: { kind: 'sqlite', path: join(folder, 'cache.db'), disk: 'as the tier says' },
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
