import { describe, expect, test } from 'vitest'
import { ConfigError } from '../contracts/errors.ts'
import type { StoreWrite } from '../contracts/source.ts'
import { openSqlite } from './sqlite-database.ts'
import { sqliteTable } from './sqlite-table.ts'

const { signal } = new AbortController()

/** A table with a name and a column that need quoting, and a column that the database fills. */
async function setup() {
  const database = openSqlite(':memory:', { thread: 'inline' })
  await database.run(`CREATE TABLE "odd ""name""" (
    "the id" TEXT PRIMARY KEY, name TEXT, price REAL NOT NULL, stock DEFAULT 7, code UNIQUE)`)
  interface Product {
    name?: string | undefined
    price: number
    code?: string
  }
  const table = { table: 'odd "name"', key: 'the id' }
  const store = sqliteTable<string, Product>(database, table)
  const apply = store.apply.bind(store)
  const load = (...keys: string[]) => store.loadMany?.(keys, { signal })
  return { database, store, table, apply, load }
}

describe('sqliteTable', () => {
  test('a value is the row, its key among the columns', async () => {
    const { apply, load } = await setup()
    const value = { name: 'lamp', price: 3.5, unknown: 'left out' }
    await apply([{ kind: 'put', key: 'a', value }], { signal })
    const row = { 'the id': 'a', name: 'lamp', price: 3.5, stock: 7, code: null }
    expect(await load('b', 'a')).toEqual(new Map([['a', row]]))
  })

  test('a put keeps the columns that the value does not have, and empties the undefined', async () => {
    const { database, apply, load } = await setup()
    await apply([{ kind: 'put', key: 'a', value: { name: 'lamp', price: 1 } }], { signal })
    await database.run('UPDATE "odd ""name""" SET stock = 3')
    await apply([{ kind: 'put', key: 'a', value: { name: undefined, price: 2 } }], { signal })
    expect((await load('a'))?.get('a')).toMatchObject({ name: null, price: 2, stock: 3 })
  })

  test.each([undefined, 'versions'])(
    'columns that come and go are noticed (%s)',
    async (versions) => {
      const { database, table } = await setup()
      const kept = versions === undefined ? {} : { versions }
      const store = sqliteTable<string, object>(database, { ...table, ...kept })
      const put = (key: string, value: object, version: bigint): StoreWrite<string, object> => ({
        ...{ kind: 'put' as const, key, value },
        ...(versions === undefined ? {} : { version, epoch: 'e' }),
      })
      const value = { name: 'lamp', price: 1, stock: 2 }
      await store.apply([put('a', value, 1n)], { signal })
      await database.run('ALTER TABLE "odd ""name""" DROP COLUMN stock')
      const twice = [put('a', value, 2n), put('b', value, 3n), put('c', { price: 1 }, 4n)]
      expect(await store.apply(twice, { signal })).toEqual(twice.map(() => ({ kind: 'applied' })))
      await database.run('ALTER TABLE "odd ""name""" DROP COLUMN name')
      const rows = await store.loadMany?.(['b'], { signal })
      expect(rows?.get('b')).toEqual({ 'the id': 'b', price: 1, code: null })
      await database.run('DROP TABLE "odd ""name"""')
      await expect(store.loadMany?.(['b'], { signal })).rejects.toThrow('odd')
    },
  )

  test('what the database refuses is told by kind, in order, and stops nothing', async () => {
    const { apply, load } = await setup()
    const broken = { price: null } as unknown as { price: number }
    const outcomes = await apply(
      [
        { kind: 'put', key: 'a', value: { price: 1, code: 'x' } },
        { kind: 'create', key: 'a', value: { price: 2 } },
        { kind: 'put', key: 'b', value: broken },
        { kind: 'put', key: 'c', value: { price: 3, code: 'x' } },
        { kind: 'put', key: 'half \ud800', value: { price: 4 } },
        { kind: 'create', key: 'd', value: { price: 5 } },
      ],
      { signal },
    )
    expect(outcomes.map((one) => one.kind)).toEqual([
      'applied',
      'conflict',
      'failed',
      'conflict',
      'failed',
      'applied',
    ])
    expect(outcomes[2]).toMatchObject({ retry: 'permanent' })
    expect([...((await load('a', 'b', 'c', 'd')) ?? [])].map(([key]) => key)).toEqual(['a', 'd'])
  })

  test('a write that cannot reach the file may be tried again', async () => {
    const { database, apply } = await setup()
    await apply([{ kind: 'remove', key: 'a' }], { signal })
    await database.close()
    expect(await apply([{ kind: 'remove', key: 'a' }], { signal })).toMatchObject([
      { kind: 'failed', retry: 'transient' },
    ])
  })

  test('mappings turn rows into values and back', async () => {
    const { database, table } = await setup()
    const store = sqliteTable<string, { cents: number }>(database, {
      ...table,
      columns: ['price'],
      fromRow: (row) => ({ cents: Number(row['price']) * 100 }),
      toRow: (value, key) => ({ price: value.cents / 100, name: `of ${key}` }),
    })
    await store.apply([{ kind: 'create', key: 'a', value: { cents: 250 } }], { signal })
    expect(await store.loadMany?.(['a'], { signal })).toEqual(new Map([['a', { cents: 250 }]]))
    expect(await database.all('SELECT name FROM "odd ""name"""')).toEqual([{ name: 'of a' }])
  })

  test('keys of integer columns are found as numbers, bigints and digits', async () => {
    const { database } = await setup()
    await database.run('CREATE TABLE n (id INTEGER PRIMARY KEY, v)')
    await database.run("INSERT INTO n VALUES (1, 'one'), (9007199254740993, 'big')")
    const store = sqliteTable<string | number | bigint, unknown>(database, {
      table: 'n',
      key: 'id',
    })
    const keys = [1, '1', 2n ** 53n + 1n, Number.NaN, 'x']
    const found = await store.loadMany?.(keys, { signal })
    expect([...(found ?? [])].map(([key]) => key)).toEqual([1, '1', 2n ** 53n + 1n])
  })

  test('one statement loads many keys', async () => {
    const { load, apply } = await setup()
    const keys = Array.from({ length: 2_500 }, (_, index) => `key ${index}`)
    await apply(
      keys.map((key) => ({ kind: 'create', key, value: { price: 1 } })),
      { signal },
    )
    expect((await load(...keys))?.size).toBe(2_500)
  })

  test('names that cannot be are refused when the table is named', async () => {
    const { database } = await setup()
    expect(() => sqliteTable(database, { table: '', key: 'id' })).toThrow(ConfigError)
    expect(() => sqliteTable(database, { table: 't', key: 'a\0' })).toThrow(ConfigError)
    const nowhere = sqliteTable<string, unknown>(database, { table: 'nowhere', key: 'id' })
    await expect(async () => nowhere.loadMany?.(['a'], { signal })).rejects.toThrow('no table')
  })
})
