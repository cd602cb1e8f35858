/** What becomes of writes behind the cache whose rows somebody else has changed, over each kind of store. */

import pg from 'pg'
import { afterAll, describe, expect, test } from 'vitest'
import type { QueueEvent } from '../../src/contracts/events.ts'
import {
  type ConflictPolicy,
  createCache,
  type DeadLetter,
  type Store,
  type WriteOptions,
} from '../../src/index.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { postgresTable } from '../../src/sql/index.ts'
import { openSqlite, sqliteTable } from '../../src/sqlite/index.ts'
import type { PostgresServer } from '../servers/postgres-server.ts'
import { startPostgres } from '../servers/start-postgres.ts'
import { until } from '../servers/until.ts'
import { RevisedRows } from './revised-rows.ts'

/** With the revision of its row in it, under a name that is the store's. */
interface Product {
  readonly name: string
  readonly stock: number
}

interface Source extends AsyncDisposable {
  readonly store: Store<string, Product>
  /** Past the cache and past the store, as another program; `undefined`: it removes the row. */
  change(key: string, value: Product | undefined): Promise<void>
}

async function functions(): Promise<Source> {
  const rows = new RevisedRows<Product>()
  return {
    store: rows.store,
    change: async (key, value) => rows.change(key, value),
    async [Symbol.asyncDispose]() {},
  }
}

async function sqlite(): Promise<Source> {
  const database = openSqlite(':memory:', { thread: 'inline' })
  await database.run(
    'CREATE TABLE product (id TEXT PRIMARY KEY, name TEXT, stock INTEGER, rev INTEGER DEFAULT 1)',
  )
  await database.run(`CREATE TRIGGER product_rev AFTER UPDATE ON product WHEN new.rev = old.rev
    BEGIN UPDATE product SET rev = old.rev + 1 WHERE id = old.id; END`)
  return {
    store: sqliteTable<string, Product>(database, {
      table: 'product',
      key: 'id',
      versions: 'versions',
      revision: 'rev',
    }),
    async change(key, value) {
      const sql =
        value === undefined
          ? 'DELETE FROM product WHERE id = ?'
          : `INSERT INTO product (id, name, stock) VALUES (?, ?, ?)
              ON CONFLICT DO UPDATE SET name = excluded.name, stock = excluded.stock`
      await database.run(sql, value === undefined ? [key] : [key, value.name, value.stock])
    },
    [Symbol.asyncDispose]: () => database.close(),
  }
}

let server: Promise<PostgresServer> | undefined
let tables = 0
afterAll(async () => {
  await (await server)?.[Symbol.asyncDispose]()
})

async function postgres(): Promise<Source> {
  server ??= startPostgres()
  const pool = new pg.Pool({ connectionString: (await server).url, max: 2 })
  tables += 1
  const table = `product_${tables}`
  await pool.query(`CREATE TABLE ${table} (id text PRIMARY KEY, name text, stock int)`)
  return {
    store: postgresTable<string, Product>(pool, {
      table,
      key: 'id',
      versions: 'versions',
      revision: 'xmin',
    }),
    async change(key, value) {
      if (value === undefined) await pool.query(`DELETE FROM ${table} WHERE id = $1`, [key])
      else {
        const sql = `INSERT INTO ${table} VALUES ($1, $2, $3)
          ON CONFLICT (id) DO UPDATE SET name = excluded.name, stock = excluded.stock`
        await pool.query(sql, [key, value.name, value.stock])
      }
    },
    [Symbol.asyncDispose]: () => pool.end(),
  }
}

const SILENT = { level: 'silent', warn: () => {}, error: () => {} } as const
type Merge = (mine: Product, theirs: Product | undefined, key: string) => Product | undefined

/** What both have done: my name, their stock. */
const merge: Merge = (mine, theirs) => ({ ...mine, stock: theirs?.stock ?? mine.stock })

describe.each([
  { kind: 'functions', open: functions },
  { kind: 'SQLite', open: sqlite },
  { kind: 'PostgreSQL', open: postgres },
])('a write behind the cache whose row somebody else has changed, in $kind,', ({ open }) => {
  async function setup(
    conflicts?: ConflictPolicy<string, Product>,
    { attempts = 5, store = (one: Store<string, Product>) => one } = {},
  ) {
    const source = await open()
    const cache = createCache({ name: 'shop', shared: memoryTier(), logger: SILENT })
    const products = cache.collection<string, Product>('product', {
      store: store(source.store),
      write: { create: 'behind', put: 'behind', remove: 'behind' },
      behind: { delay: '1h', attempts, ...(conflicts === undefined ? {} : { conflicts }) },
    })
    const told: QueueEvent[] = []
    cache.on('queue', (event) => told.push(event))
    const there = async (key = 'lamp'): Promise<Product | undefined> => {
      const { signal } = new AbortController()
      return (await source.store.loadMany?.([key], { signal }))?.get(key)
    }
    const letters = async () => {
      const all: DeadLetter<string, Product>[] = []
      for await (const letter of products.queue.deadLetters()) all.push(letter)
      return all
    }
    /** Read, then changed by somebody else, then written. */
    const late = async (
      change: Product | 'removed' = { name: 'lamp', stock: 2 },
      options: WriteOptions = {},
    ) => {
      await source.change('lamp', { name: 'lamp', stock: 9 })
      const read = await products.get('lamp')
      await products.put('lamp', { ...(read as Product), name: 'desk lamp' }, options)
      await source.change('lamp', change === 'removed' ? undefined : change)
    }
    return {
      source,
      cache,
      products,
      told,
      there,
      letters,
      late,
      async [Symbol.asyncDispose]() {
        await cache.close()
        await source[Symbol.asyncDispose]()
      },
    }
  }

  test.each([undefined, 'reject'] as const)(
    'is given up with both sides to look at (%s)',
    async (policy) => {
      await using scene = await setup(policy)
      const { products, late, there, letters } = scene
      await late()
      expect(await products.get('lamp')).toMatchObject({ name: 'desk lamp', stock: 9 })
      await products.flush()
      expect(await there()).toMatchObject({ name: 'lamp', stock: 2 })
      await expect.poll(() => products.get('lamp')).toMatchObject({ name: 'lamp', stock: 2 })
      const [letter, ...others] = await letters()
      expect(others).toEqual([])
      expect(letter).toMatchObject({ key: 'lamp', value: { name: 'desk lamp', stock: 9 } })
      expect(letter?.error).toMatch(/changed/)
      // Written anew on what stands there, it takes effect.
      const theirs = (await products.get('lamp')) as Product
      await products.put('lamp', { ...theirs, name: 'desk lamp' })
      await products.flush()
      expect(await there()).toMatchObject({ name: 'desk lamp', stock: 2 })
      expect(await letters()).toEqual([])
    },
  )

  test('takes effect where it overwrites', async () => {
    await using scene = await setup('overwrite')
    await scene.late()
    await scene.source.change('chair', { name: 'chair', stock: 1 })
    await scene.products.create('chair', { name: 'armchair', stock: 4 })
    await scene.products.flush()
    expect(await scene.there()).toMatchObject({ name: 'desk lamp', stock: 9 })
    expect(await scene.there('chair')).toMatchObject({ name: 'armchair', stock: 4 })
    await expect
      .poll(() => scene.products.get('lamp'))
      .toMatchObject({ name: 'desk lamp', stock: 9 })
    expect(await scene.letters()).toEqual([])
  })

  test('is merged, with what stands there at hand', async () => {
    const seen: unknown[] = []
    await using scene = await setup({
      merge(mine, theirs, key) {
        seen.push({ mine, theirs, key })
        return merge(mine, theirs, key)
      },
    })
    await scene.late()
    await scene.products.flush()
    expect(seen).toMatchObject([
      { mine: { name: 'desk lamp', stock: 9 }, theirs: { name: 'lamp', stock: 2 }, key: 'lamp' },
    ])
    expect(await scene.there()).toMatchObject({ name: 'desk lamp', stock: 2 })
    await expect
      .poll(() => scene.products.get('lamp'))
      .toMatchObject({ name: 'desk lamp', stock: 2 })
    expect(scene.told.map(({ state, count }) => `${state} ${count}`)).toEqual(['applied 1'])
    // What was merged is what the next write builds upon.
    const read = (await scene.products.get('lamp')) as Product
    await scene.products.put('lamp', { ...read, stock: 1 })
    await scene.products.flush()
    expect(seen).toHaveLength(1)
    expect(await scene.there()).toMatchObject({ name: 'desk lamp', stock: 1 })
  })

  test('of a new key is merged too, and so is one of a row that is gone', async () => {
    const seen: unknown[] = []
    await using scene = await setup({
      merge(mine, theirs, key) {
        seen.push([key, theirs?.stock])
        return theirs === undefined ? undefined : merge(mine, theirs, key)
      },
    })
    await scene.late('removed')
    await scene.source.change('chair', { name: 'chair', stock: 1 })
    await scene.products.create('chair', { name: 'armchair', stock: 4 })
    await scene.products.put('table', { name: 'table', stock: 4 })
    await scene.products.flush()
    expect(seen.sort()).toEqual([
      ['chair', 1],
      ['lamp', undefined],
    ])
    expect(await scene.there()).toBeUndefined()
    await expect.poll(() => scene.products.get('lamp')).toBeUndefined()
    expect(await scene.there('chair')).toMatchObject({ name: 'armchair', stock: 1 })
    expect(await scene.there('table')).toMatchObject({ name: 'table', stock: 4 })
    expect(await scene.letters()).toEqual([])
  })

  test('is merged again where it has changed once more', async () => {
    const stocks = [3, 4]
    const seen: unknown[] = []
    await using scene = await setup({
      async merge(mine, theirs, key) {
        seen.push(theirs?.stock)
        const stock = stocks.shift()
        if (stock !== undefined) await scene.source.change('lamp', { name: 'lamp', stock })
        return merge(mine, theirs, key)
      },
    })
    await scene.late()
    await scene.products.flush()
    expect(seen).toEqual([2, 3, 4])
    expect(await scene.there()).toMatchObject({ name: 'desk lamp', stock: 4 })
  })

  test('is given up where it changes for ever, or cannot be merged', async () => {
    let stock = 10
    await using scene = await setup(
      {
        async merge(mine, theirs, key) {
          if (key === 'chair') throw new Error('Chairs are not merged.')
          stock += 1
          await scene.source.change(key, { name: key, stock })
          return merge(mine, theirs, key)
        },
      },
      { attempts: 2 },
    )
    await scene.late()
    await scene.source.change('chair', { name: 'chair', stock: 1 })
    await scene.products.create('chair', { name: 'armchair', stock: 4 })
    await scene.products.flush()
    await until('it is a dead letter', async () => (await scene.letters()).length === 2)
    const errors = (await scene.letters()).map(({ error }) => error).sort()
    expect(errors[0]).toContain('Chairs are not merged.')
    expect(errors[1]).toContain('3 times')
    expect(stock).toBe(16)
    expect(await scene.there()).toMatchObject({ name: 'lamp', stock: 16 })
  })

  test('and whose merge was not heard of is not read as it was before', async () => {
    let lost = 0
    await using scene = await setup(
      { merge },
      {
        store: (store) => ({
          ...store,
          async apply(writes, options) {
            const outcomes = await store.apply(writes, options)
            const isMerged = outcomes[0]?.kind === 'applied'
            if (isMerged && lost === 0) {
              lost += 1
              throw new Error('The connection was lost.')
            }
            return outcomes
          },
        }),
      },
    )
    await scene.late({ name: 'lamp', stock: 2 }, { invalidateTags: ['lists'] })
    await scene.cache.set('list', ['lamp'], { tags: ['lists'] })
    await scene.products.flush()
    expect(lost).toBe(1)
    expect(await scene.cache.get('list')).toBeUndefined()
    expect(await scene.there()).toMatchObject({ name: 'desk lamp', stock: 2 })
    await expect
      .poll(() => scene.products.get('lamp'))
      .toMatchObject({ name: 'desk lamp', stock: 2 })
    expect(await scene.letters()).toEqual([])
  })

  test('is told from writes of the cache, which follow each other', async () => {
    await using scene = await setup('reject')
    await scene.source.change('lamp', { name: 'lamp', stock: 9 })
    const read = (await scene.products.get('lamp')) as Product
    for (const stock of [8, 7, 6]) {
      const known = (await scene.products.get('lamp')) as Product
      await scene.products.put('lamp', { ...known, stock })
      await scene.products.flush()
    }
    await scene.products.put('lamp', { ...read, stock: 5 })
    await scene.products.put('lamp', { ...read, stock: 4 })
    await scene.products.flush()
    expect(await scene.there()).toMatchObject({ stock: 4 })
    await scene.products.create('chair', { name: 'chair', stock: 1 })
    await scene.products.flush()
    await scene.products.put('chair', { name: 'chair', stock: 2 })
    await scene.products.flush()
    expect(await scene.there('chair')).toMatchObject({ stock: 2 })
    await scene.products.remove('chair')
    await scene.products.flush()
    expect(await scene.there('chair')).toBeUndefined()
    expect(await scene.letters()).toEqual([])
  })
})
