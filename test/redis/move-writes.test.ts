/** Redis is replaced while writes wait in it: they are carried over, as `docs/runbook.md` says. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ArgumentError, ConfigError } from '../../src/contracts/errors.ts'
import {
  type Cache,
  type Collection,
  createCache,
  type ExportedWrite,
  exportWrites,
  importWrites,
  type SharedTier,
} from '../../src/index.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { redisTier } from '../../src/redis/index.ts'
import { openSqlite, sqliteTable, sqliteTier } from '../../src/sqlite/index.ts'
import { drivers } from '../servers/redis-drivers.ts'
import { startRedis } from '../servers/start-redis.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} }
const WHERE = { name: 'shop', collections: ['product'] }

interface Product {
  readonly id: number
  readonly name: string
}

type Database = ReturnType<typeof openSqlite>

interface Shop extends AsyncDisposable {
  readonly cache: Cache
  readonly products: Collection<number, Product>
}

/** Where the source is away, what is queued stays in the queue. */
function open(shared: SharedTier, database: Database, source: 'here' | 'away' = 'here'): Shop {
  const options = { name: 'shop', instance: 'shop-1', shared, logger: SILENT } as const
  const cache = createCache({ ...options, sharedTimeout: '5s' })
  const table = sqliteTable<number, Product>(database, {
    table: 'products',
    key: 'id',
    versions: 'versions',
  })
  const away = (): Promise<never> => Promise.reject(new Error('away'))
  const products = cache.collection<number, Product>('product', {
    store: source === 'away' ? { ...table, apply: away } : table,
    write: { put: 'behind', remove: 'behind' },
    tagsOf: ({ name }) => [name],
  })
  const close = async (): Promise<void> => void (await cache.close({ timeout: 1 }))
  return { cache, products, [Symbol.asyncDispose]: close }
}

async function withDatabase(
  run: (database: Database, folder: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-move-'))
  const database = openSqlite(join(folder, 'shop.db'))
  try {
    await database.run('CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT NOT NULL)')
    await run(database, folder)
  } finally {
    await database[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Through text, as they would travel in a file. */
async function exported(shared: SharedTier): Promise<readonly ExportedWrite[]> {
  const lines: string[] = []
  for await (const write of exportWrites(shared, WHERE)) lines.push(JSON.stringify(write))
  return lines.map((line) => JSON.parse(line) as ExportedWrite)
}

describe.each(drivers)('writes that wait, $driver', (driver) => {
  test('go to another server, and reach the source from there', async () => {
    await withDatabase(async (database) => {
      await using before = await startRedis()
      await using after = await startRedis()
      const old = driver.single(before.port)
      const young = driver.single(after.port)
      await database.run("INSERT INTO products VALUES (3, 'Chair')")
      {
        await using shop = open(redisTier(old.client), database)
        // What an earlier version has in the source has numbers of the old server.
        await shop.products.put(1, { id: 1, name: 'Lamp' })
        await shop.products.flush()
      }
      {
        await using shop = open(redisTier(old.client), database, 'away')
        for (let id = 0; id < 500; id += 1) await shop.products.put(id, { id, name: `new ${id}` })
        await shop.products.remove(3)
      }
      const writes = await exported(redisTier(old.client))
      expect(writes).toHaveLength(500)
      const done = await importWrites(redisTier(young.client), { name: 'shop' }, writes)
      expect(done).toEqual({ imported: 500, skipped: 0 })
      const again = await importWrites(redisTier(young.client), { name: 'shop' }, writes)
      expect(again).toEqual({ imported: 0, skipped: 500 })
      {
        await using shop = open(redisTier(young.client), database)
        expect(await shop.products.get(7)).toEqual({ id: 7, name: 'new 7' })
        expect(await shop.products.get(3)).toBeUndefined()
        await shop.products.flush()
        // They would be queued anew, as the latest.
        const late = importWrites(redisTier(young.client), { name: 'shop' }, writes)
        await expect(late).rejects.toMatchObject({ code: 'config', field: 'shared' })
        await expect(late).rejects.toThrow('shop-1')
        expect((await shop.products.queue.status()).waiting).toBe(0)
      }
      const rows = await database.all('SELECT id, name FROM products ORDER BY id')
      expect(rows).toHaveLength(499)
      expect(rows.every(({ id, name }) => name === `new ${String(id)}`)).toBe(true)
      old.end()
      young.end()
    })
  })
})

test('go from a file to a server with as many shards', async () => {
  await withDatabase(async (database, folder) => {
    const file = (): SharedTier => sqliteTier(join(folder, 'cache.db'))
    {
      await using shop = open(file(), database, 'away')
      await shop.products.put(1, { id: 1, name: 'Lamp' })
    }
    const writes = await exported(file())
    await using server = await startRedis()
    const user = (drivers[0] as (typeof drivers)[number]).single(server.port)
    const many = importWrites(redisTier(user.client, { shards: 4 }), { name: 'other' }, writes)
    await expect(many).rejects.toThrow(ConfigError)
    const one = redisTier(user.client, { shards: 1 })
    expect((await importWrites(one, { name: 'shop' }, writes)).imported).toBe(1)
    await using shop = open(one, database)
    await shop.products.flush()
    expect(await database.all('SELECT name FROM products')).toEqual([{ name: 'Lamp' }])
    user.end()
  })
})

describe('what was exported', () => {
  const write: ExportedWrite = {
    collection: 'product',
    shard: 0,
    shards: 1,
    id: 'product:n1:1',
    kind: 'put',
    epoch: 'e',
    version: 1,
    queuedMs: 5,
    ttlMs: null,
    graceMs: 0,
    tags: [],
    removes: [],
    envelope: 'AAAA',
  }

  test.each([
    ['line 2', null],
    ['line 2', 'text'],
    ['line 2.kind', { ...write, kind: 'patch' }],
    ['line 2.shard', { ...write, shard: 1 }],
    ['line 2.shards', { ...write, shards: 0 }],
    ['line 2.ttlMs', { ...write, ttlMs: Number.NaN }],
    ['line 2.tags', { ...write, tags: [1] }],
    ['line 2.version', { ...write, version: 1.5 }],
    ['line 2.envelope', { ...write, envelope: '*' }],
  ])('is refused by line and field: %s', async (field, broken) => {
    const shared = memoryTier({ shards: 1 })
    const all = [write, broken]
    const importing = importWrites(shared, { name: 'shop' }, all)
    await expect(importing).rejects.toThrow(ArgumentError)
    await expect(importing).rejects.toMatchObject({ field })
    // What came before it waits, and is left out the next time.
    expect(await importWrites(shared, { name: 'shop' }, [write])).toEqual({
      imported: 0,
      skipped: 1,
    })
  })
})
