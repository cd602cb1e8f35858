/** Changes of the cache that count only if a transaction commits, with the drivers that people have. */

import pg from 'pg'
import postgres from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { CommitChanges, CommitReceipt } from '../../src/index.ts'
import { ArgumentError, ClosedError, ConflictError, createCache } from '../../src/index.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { postgresTable } from '../../src/sql/index.ts'
import { chaosTier, FakeClock } from '../../src/testing/index.ts'
import type { PostgresServer } from '../servers/postgres-server.ts'
import { startPostgres } from '../servers/start-postgres.ts'

let server: PostgresServer
let pool: pg.Pool

beforeAll(async () => {
  server = await startPostgres()
  pool = new pg.Pool({ connectionString: server.url, max: 4 })
  await pool.query(`
    create table product (id int primary key, name text not null);
    create table line (product int references product deferrable initially deferred)
  `)
})
afterAll(async () => {
  await pool.end()
  await server[Symbol.asyncDispose]()
})
beforeEach(() =>
  pool.query("delete from line; delete from product; insert into product values (7, 'old')"),
)

const nameOf = async (id: number): Promise<string | undefined> =>
  (await pool.query('select name from product where id = $1', [id])).rows[0]?.name

/** Two instances, each with the products as a collection, and the value of before in both. */
async function setup() {
  const shared = memoryTier()
  const open = async (instance: string) => {
    const cache = createCache({ name: 'shop', instance, shared })
    const loads: number[] = []
    const load = async (id: number): Promise<string | undefined> => {
      loads.push(id)
      return await nameOf(id)
    }
    const products = cache.collection<number, string>('product', {
      source: load,
      tagsOf: () => ['products'],
    })
    return { cache, products, loads }
  }
  const [one, two] = [await open('one'), await open('two')]
  await one.products.get(7)
  await two.products.get(7)
  await one.cache.set('list', ['old'], { tags: ['lists'] })
  return { one, two }
}

type Instance = Awaited<ReturnType<typeof setup>>['one']
type Run = (
  one: Instance,
  work: (query: (text: string) => Promise<unknown>, changes: CommitChanges) => Promise<string>,
) => Promise<CommitReceipt<string>>
const drivers: readonly (readonly [string, Run])[] = [
  [
    'a pool of pg',
    ({ cache }, work) =>
      cache.afterCommit(
        pool,
        async (client, changes) => await work((text) => client.query(text), changes),
      ),
  ],
  [
    'a client of pg',
    async ({ cache }, work) => {
      const client = await pool.connect()
      try {
        return await cache.afterCommit(
          client,
          async (tx, changes) => await work((text) => tx.query(text), changes),
        )
      } finally {
        client.release()
      }
    },
  ],
  [
    'postgres.js, which runs the transaction',
    async ({ cache }, work) => {
      const sql = postgres(server.url, { max: 2, onnotice: () => {} })
      try {
        return await cache.afterCommit(
          (run: (tx: postgres.TransactionSql) => Promise<void>) => sql.begin(run),
          async (tx, changes) => await work((text) => tx.unsafe(text), changes),
        )
      } finally {
        await sql.end({ timeout: 1 })
      }
    },
  ],
]

describe.each(drivers)('with %s', (_, run) => {
  test('a value that was put is there for all after the commit, and not before', async () => {
    const { one, two } = await setup()
    const seen: unknown[] = []
    const {
      result,
      protected: safe,
      version,
    } = await run(one, async (query, changes) => {
      await query("update product set name = 'new' where id = 7")
      changes.put(one.products, 7, 'new')
      seen.push(await one.products.get(7), await two.products.get(7))
      return 'done'
    })
    expect([result, safe, seen]).toEqual(['done', true, ['old', 'old']])
    expect(await one.products.read(7)).toMatchObject({ value: 'new', tier: 'memory' })
    expect(await two.products.get(7, { minVersion: version })).toBe('new')
    expect(two.loads).toEqual([])
  })

  test('keys and tags go with the commit', async () => {
    const { one, two } = await setup()
    const { version } = await run(one, async (query, changes) => {
      await query("update product set name = 'new' where id = 7")
      changes.delete(one.products, 7)
      changes.invalidateTags(['lists'])
      return ''
    })
    expect(await two.products.get(7, { minVersion: version })).toBe('new')
    expect(await two.cache.get('list', { minVersion: version })).toBeUndefined()
  })

  test('nothing changes where the work throws', async () => {
    const { one, two } = await setup()
    const work = run(one, async (query, changes) => {
      await query("update product set name = 'new' where id = 7")
      changes.put(one.products, 7, 'new')
      changes.put('list', ['new'])
      changes.invalidateTags(['lists', 'products'])
      throw new Error('no stock')
    })
    await expect(work).rejects.toThrow('no stock')
    expect(await nameOf(7)).toBe('old')
    expect(await one.products.read(7)).toMatchObject({ value: 'old', tier: 'memory' })
    expect([await one.cache.get('list'), await two.cache.get('list')]).toEqual([['old'], ['old']])
  })

  test('no value is kept where the commit itself is refused', async () => {
    const { one, two } = await setup()
    const work = run(one, async (query, changes) => {
      await query("update product set name = 'new' where id = 7; insert into line values (8)")
      changes.put(one.products, 7, 'new')
      changes.put('list', ['new'])
      return ''
    })
    await expect(work).rejects.toThrow('foreign key')
    expect(await one.products.get(7)).toBe('old')
    expect(await one.cache.get('list')).toBeUndefined()
    expect(await two.products.get(7)).toBe('old')
    // The connection, and the transactions after it, are none the worse.
    const { result } = await run(one, async () => 'next')
    expect(result).toBe('next')
  })
})

describe('between the work and the end of the commit', () => {
  test('nobody fills the key with what was there before', async () => {
    const { one, two } = await setup()
    const client = await pool.connect()
    const committing = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    const slow = {
      query: async (text: string) => {
        if (text === 'COMMIT') {
          committing.resolve()
          await gate.promise
        }
        return await client.query(text)
      },
    }
    const running = one.cache.afterCommit(slow, async (tx, changes) => {
      await tx.query("update product set name = 'new' where id = 7")
      changes.put(one.products, 7, 'new')
    })
    await committing.promise
    expect(await two.products.refresh(7)).toBe('old')
    gate.resolve()
    const { version } = await running
    client.release()
    expect(await two.products.get(7, { minVersion: version })).toBe('new')
  })

  test('of two transactions on one key, the earlier never leaves its value behind', async () => {
    const { one, two } = await setup()
    for (let round = 0; round < 20; round += 1) {
      const write = (instance: Instance, name: string) =>
        instance.cache.afterCommit(pool, async (client, changes) => {
          await client.query(`update product set name = '${name}' where id = 7`)
          changes.put(instance.products, 7, name)
        })
      await Promise.all([write(one, `one ${round}`), write(two, `two ${round}`)])
      const row = await nameOf(7)
      const version = await one.cache.set('round', round)
      expect(await one.products.get(7, { minVersion: version })).toBe(row)
      expect(await two.products.get(7, { minVersion: version })).toBe(row)
    }
  })

  test('a transaction that is tried again counts once, with what its last try said', async () => {
    const { one } = await setup()
    let tries = 0
    const twice = async (work: () => Promise<void>): Promise<void> => {
      await work()
      await work()
    }
    await one.cache.afterCommit(twice, async (_, changes) => {
      tries += 1
      changes.put(`try:${tries}`, tries)
    })
    expect([await one.cache.get('try:1'), await one.cache.get('try:2')]).toEqual([undefined, 2])
    // Nobody writes the key of the first try any more: what is loaded is kept.
    await one.cache.getOrLoad('try:1', () => 'loaded')
    expect(await one.cache.get('try:1')).toBe('loaded')
  })

  test('a connection that is lost leaves no value, whichever way it went', async () => {
    const { one } = await setup()
    const lost = {
      query: async (text: string) => {
        if (text === 'BEGIN') return
        throw new Error(`connection lost at ${text}`)
      },
    }
    const work = one.cache.afterCommit(lost, async (_, changes) => {
      changes.put(one.products, 7, 'new')
    })
    await expect(work).rejects.toThrow('lost at COMMIT')
    expect(one.loads).toEqual([7])
    expect(await one.products.get(7)).toBe('old')
    expect(one.loads).toEqual([7, 7])
  })
})

describe('a transaction', () => {
  const run = async (work: () => Promise<void>): Promise<void> => await work()

  test('needs no shared tier', async () => {
    await using cache = createCache({ name: 'shop' })
    const { protected: safe } = await cache.afterCommit(run, async (_, changes) => {
      changes.put('a', 1)
      changes.delete('b')
      changes.invalidateTags(['red'])
    })
    expect([safe, await cache.get('a')]).toEqual([true, 1])
  })

  test('refuses what cannot be, before anything is committed', async () => {
    await using cache = createCache({ name: 'shop' })
    await using other = createCache({ name: 'other' })
    const foreign = other.collection('product', { source: () => 1 })
    const committed: string[] = []
    const client = { query: async (text: string) => void committed.push(text) }
    const wrong: readonly ((changes: CommitChanges) => void)[] = [
      (changes) => changes.put('a', undefined),
      (changes) => changes.put('a', () => 1),
      (changes) => changes.put('\ud800', 1),
      (changes) => changes.delete(foreign, 1),
      (changes) => changes.delete({} as never, 1),
      (changes) => changes.invalidateTags(['']),
      (changes) => {
        for (let key = 0; key <= 1_000; key += 1) changes.delete(`key:${key}`)
      },
    ]
    for (const change of wrong) {
      const work = cache.afterCommit(client, async (_, changes) => change(changes))
      await expect(work).rejects.toThrow(ArgumentError)
    }
    expect(new Set(committed)).toEqual(new Set(['BEGIN', 'ROLLBACK']))
  })

  test('that is none, or does not wait for its work, is refused', async () => {
    await using cache = createCache({ name: 'shop' })
    const none = cache.afterCommit({} as never, async () => {})
    await expect(none).rejects.toThrow('`transaction`')
    const forgets = cache.afterCommit(
      async () => {},
      async () => {},
    )
    await expect(forgets).rejects.toThrow('waits for the work')
  })

  test('commits nothing before the shared tier knows which keys it changes', async () => {
    const clock = new FakeClock()
    const begins = { kind: 'delay', ms: 30 } as const
    const shared = chaosTier(
      memoryTier(),
      (operation) => (operation === 'beginIntent' ? begins : { kind: 'none' }),
      clock,
    )
    await using cache = createCache({ name: 'shop', shared }, { clock })
    let isCommitted = false
    const commits = async (work: () => Promise<void>): Promise<void> => {
      await work()
      isCommitted = true
    }
    const done = cache.afterCommit(commits, async (_, changes) => changes.delete('a'))
    await clock.advance(20)
    expect(isCommitted).toBe(false)
    await clock.advance(20)
    expect([isCommitted, (await done).protected]).toEqual([true, true])
  })

  test('is rolled back where a write of its key waits for the row that it has locked', async () => {
    await using cache = createCache({ name: 'shop', shared: memoryTier() })
    const products = cache.collection<number, { id: number; name: string }>('product', {
      store: postgresTable(pool, { table: 'product', key: 'id', versions: 'product_versions' }),
      write: { put: 'behind' },
    })
    await products.put(7, { id: 7, name: 'waits' })
    const rename = () =>
      cache.afterCommit(pool, async (client, changes) => {
        await client.query("update product set name = 'committed' where id = 7")
        changes.put(products, 7, { id: 7, name: 'committed' })
      })
    const began = performance.now()
    await expect(rename()).rejects.toThrow(ConflictError)
    expect(performance.now() - began).toBeLessThan(2_000)
    await products.flush(7)
    expect(await nameOf(7)).toBe('waits')
    expect(await rename()).toMatchObject({ protected: true })
    await products.flush()
    expect([await nameOf(7), (await products.get(7))?.name]).toEqual(['committed', 'committed'])
  })

  test('is over when its work is: later words are refused', async () => {
    await using cache = createCache({ name: 'shop' })
    let late: CommitChanges | undefined
    await cache.afterCommit(run, async (_, changes) => {
      late = changes
    })
    expect(() => late?.delete('a')).toThrow(ArgumentError)
    await cache.close()
    await expect(cache.afterCommit(run, async () => {})).rejects.toThrow(ClosedError)
  })
})
