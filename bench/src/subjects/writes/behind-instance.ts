/** One instance of a service that writes behind the cache. Opened by the suite `write`, here and in a child. */

import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { createCache, type SharedTier, type Store, TierError } from 'tiercel'
import { redisTier } from 'tiercel/redis'
import { postgresTable } from 'tiercel/sql'
import { openSqlite, sqliteTable, sqliteTier } from 'tiercel/sqlite'
import { hostNow } from '../../processes/host-clock.ts'
import type { Item } from '../item.ts'
import {
  type BehindPlace,
  batch,
  type Drained,
  type OnRedis,
  type OnSqlite,
} from './behind-place.ts'
import { openPostgres } from './postgres-driver.ts'
import type { Writer } from './writer.ts'
import { changedItem, createStatement } from './written-table.ts'

export interface BehindInstance extends Writer {
  /** Everything that waits is in the source then. @throws Error if anything was given up. */
  readonly settle: () => Promise<void>
  readonly drained: () => Drained
}

/** As many as a service would have for its writes. A queue has one batch under way in each shard. */
export const drainConnections = 4
/** Room for the backlogs that are measured, and for what a slow machine leaves over. */
const records = 1_000_000
const mostTries = 100
const retryMs = 100
/** Two processes write one file, and each waits for the other's commits. */
const busyTimeoutMs = 10_000

interface Source {
  readonly shared: SharedTier
  readonly store: Store<number, Item>
  readonly close: () => Promise<void>
}

export async function openBehind({ name, delay, at }: BehindPlace): Promise<BehindInstance> {
  const counts = { statements: 0, rows: 0, lastAt: 0 }
  const source = await (at.kind === 'redis'
    ? onRedis(name, at, counts)
    : onSqlite(name, at, counts))
  const cache = createCache({
    name,
    memory: 'off',
    shared: source.shared,
    // A slow call shall be a slow sample and not a failure.
    sharedTimeout: '10s',
    defaults: { ttl: '2h', timeouts: { hard: '30s' } },
  })
  await cache.ready()
  const products = cache.collection<number, Item>('product', {
    store: counted(source.store, counts),
    write: { create: 'through', put: 'behind', remove: 'through' },
    behind: { delay, batch, records, storeTimeout: '30s' },
  })
  const durability = at.kind === 'redis' ? at.durability : 'fsynced'
  return {
    write: async (id, turn) => {
      const receipt = await acknowledged(() => products.put(id, changedItem(id, turn)))
      if (receipt.durability !== durability) {
        throw new Error(`${name}: acknowledged as ${receipt.durability}, not as ${durability}.`)
      }
    },
    settle: async () => {
      await products.flush()
      const { waiting, deadLetters } = await products.queue.status()
      if (waiting + deadLetters > 0) {
        throw new Error(
          `${name}: ${waiting} writes wait and ${deadLetters} are dead after a flush.`,
        )
      }
    },
    drained: () => ({ ...counts }),
    close: async () => {
      await cache.close()
      await source.close()
    },
  }
}

/** A server whose disk stands still for a second is taken for dead: who writes tries again, and has waited. */
async function acknowledged<R>(write: () => Promise<R>): Promise<R> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await write()
    } catch (error) {
      if (!(error instanceof TierError) || tries === mostTries) throw error
      await pause(retryMs)
    }
  }
}

async function onRedis(
  name: string,
  { port, url, driver }: OnRedis,
  counts: { statements: number },
): Promise<Source> {
  const postgres = openPostgres(url, driver, drainConnections)
  await postgres.ask(createStatement(name), [])
  const ask = (text: string, params: unknown[]): Promise<unknown> => {
    counts.statements += 1
    // As the bare upserts beside it.
    return postgres.prepared(text, params)
  }
  return {
    shared: redisTier(new Redis({ port, lazyConnect: true })),
    store: postgresTable<number, Item>(ask, {
      table: name,
      key: 'id',
      versions: `${name}_versions`,
    }),
    close: postgres.close,
  }
}

async function onSqlite(
  name: string,
  { folder }: OnSqlite,
  counts: { statements: number },
): Promise<Source> {
  const database = openSqlite(join(folder, 'source.db'), { busyTimeoutMs })
  await database.run(createStatement(name))
  const table = sqliteTable<number, Item>(database, {
    table: name,
    key: 'id',
    fromRow: (row) => row as unknown as Item,
    versions: `${name}_versions`,
  })
  // A batch is one transaction, so calls are counted where PostgreSQL's statements are.
  const store: Store<number, Item> = {
    ...table,
    apply: (writes, options) => {
      counts.statements += 1
      return table.apply(writes, options)
    },
  }
  return {
    shared: sqliteTier(join(folder, 'cache.db')),
    store,
    close: () => database.close(),
  }
}

function counted(
  store: Store<number, Item>,
  counts: { rows: number; lastAt: number },
): Store<number, Item> {
  return {
    ...store,
    apply: async (writes, options) => {
      const outcomes = await store.apply(writes, options)
      counts.rows += writes.length
      counts.lastAt = hostNow()
      return outcomes
    },
  }
}
