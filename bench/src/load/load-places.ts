/** Where both sides keep their data: files, or one Redis and one PostgreSQL. Called by `run-load.ts`. */

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import pg from 'pg'
import { temporaryFolder } from '../measure/temporary-folder.ts'
import { startPostgres } from '../servers/start-postgres.ts'
import { startRedis } from '../servers/start-redis.ts'
import { UsageError } from '../usage-error.ts'
import type { LoadOptions } from './load-options.ts'
import type { Places, SideName } from './open-side.ts'
import { parentOf } from './processor-time.ts'
import type { ServerPids } from './run-pass.ts'

export interface LoadPlaces extends AsyncDisposable {
  readonly folder: string
  readonly of: Readonly<Record<SideName, Places>>
  readonly servers: ServerPids
}

/** @throws UsageError if a server is needed and not installed. */
export async function openPlaces({ on }: Pick<LoadOptions, 'on'>): Promise<LoadPlaces> {
  await using opened = new AsyncDisposableStack()
  const { path: folder } = opened.use(await temporaryFolder())
  const folders = { on: join(folder, 'on'), off: join(folder, 'off') }
  await Promise.all(Object.values(folders).map((each) => mkdir(each)))
  const servers = on === 'servers' ? await startServers(opened) : undefined
  const place = (name: SideName): Places => ({
    folder: folders[name],
    databaseUrl: servers?.databaseUrl(name),
    redisUrl: servers?.redisUrl,
  })
  const kept = opened.move()
  return {
    folder,
    of: { on: place('on'), off: place('off') },
    servers: servers?.pids ?? {},
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

interface Servers {
  readonly redisUrl: string
  /** A database each on the same server: rows that one side changes are not the other's. */
  readonly databaseUrl: (name: SideName) => string
  readonly pids: ServerPids
}

async function startServers(opened: AsyncDisposableStack): Promise<Servers> {
  const database = await startPostgres()
  if (database === undefined) throw new UsageError('--on servers needs PostgreSQL.')
  opened.use(database)
  // What it acknowledges is on the disk, as it is in PostgreSQL.
  const { port } = opened.use(await startRedis('always'))
  const databaseUrl = (name: string): string => {
    const url = new URL(database.url)
    url.pathname = `/shop_${name}`
    return url.href
  }
  const pids = { redis: await redisPid(port), database: await makeDatabases(database.url) }
  return { redisUrl: `redis://127.0.0.1:${port}`, databaseUrl, pids }
}

/** Answers the process that the server's own processes are children of. */
async function makeDatabases(url: string): Promise<number> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    await client.query('CREATE DATABASE shop_on')
    await client.query('CREATE DATABASE shop_off')
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    return parentOf(rows[0]?.pid ?? 0) ?? 0
  } finally {
    await client.end()
  }
}

async function redisPid(port: number): Promise<number> {
  const client = new Redis(port, '127.0.0.1')
  try {
    return Number(/^process_id:(\d+)/m.exec(await client.info('server'))?.[1] ?? 0)
  } finally {
    client.disconnect()
  }
}
