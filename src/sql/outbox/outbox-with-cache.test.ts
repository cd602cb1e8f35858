/** What several instances of a cache serve while other programs write the table. */

import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { outboxScene } from '../../../test/servers/outbox-scene.ts'
import { postgresDrivers } from '../../../test/servers/postgres-drivers.ts'
import type { PostgresServer } from '../../../test/servers/postgres-server.ts'
import { startPostgres } from '../../../test/servers/start-postgres.ts'
import { until } from '../../../test/servers/until.ts'
import type { SharedTier } from '../../contracts/shared-tier.ts'
import type { Store } from '../../contracts/source.ts'
import { createCache } from '../../create-cache.ts'
import { memoryTier } from '../../memory/shared-memory-tier.ts'
import { postgresTable } from '../postgres-table.ts'

interface Product {
  readonly id: number
  readonly name: string
}

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server[Symbol.asyncDispose]())

describe.each(postgresDrivers)('a cache that follows an outbox, through $driver,', (driver) => {
  /** Caches over one table, of one shared tier or of none. */
  async function setup(shared: SharedTier | undefined) {
    const scene = await outboxScene(server, driver)
    const stack = new AsyncDisposableStack()
    stack.use(scene)
    let loads = 0
    const open = () => {
      const cache = createCache({ name: 'shop', ...(shared === undefined ? {} : { shared }) })
      stack.use(cache)
      const table = postgresTable<number, Product>(scene.client, {
        table: scene.table,
        key: 'id',
        versions: `${scene.schema}.versions`,
      })
      const store: Store<number, Product> = {
        ...table,
        loadMany: (keys, context) => {
          loads += keys.length
          return table.loadMany?.(keys, context) ?? new Map()
        },
      }
      const policy = shared === undefined ? 'around' : 'behind'
      const products = cache.collection('products', {
        store,
        write: { create: 'around', put: policy, remove: 'around' },
        ...(shared === undefined ? {} : { behind: { delay: '20ms' } }),
      })
      return { cache, products }
    }
    return { scene, open, loads: () => loads, [Symbol.asyncDispose]: () => stack.disposeAsync() }
  }

  test.each([
    ['hears', true, 1_000],
    ['only looks', false, 200],
  ])('that %s serves nothing that is older than 1 s and a look', async (_, hears, pollMs) => {
    await using here = await setup(memoryTier())
    const { program, table } = here.scene
    const instances = [here.open(), here.open(), here.open()]
    const [first] = instances
    const listen = hears ? { listen: here.scene.listen } : {}
    const { follower } = here.scene.follow({ pollMs, ...listen }, { cache: first?.cache as never })
    await follower.ready
    await program.query(`INSERT INTO ${table} SELECT id, '0' FROM generate_series(1, 20) AS id`)

    /** When the table has had each version; of the newest that a reader must know by now. */
    const committed: number[] = [performance.now()]
    const owed = (askedAt: number): number =>
      committed.findLastIndex((at) => at < askedAt - 1_000 - pollMs)
    let staleMs = 0
    let reads = 0
    let writing = true
    const read = async (products: (typeof instances)[number]['products']): Promise<void> => {
      while (writing) {
        const askedAt = performance.now()
        const id = 1 + (reads % 20)
        reads += 1
        const version = Number((await products.get(id))?.name ?? 0)
        const next = committed[version + 1]
        if (next !== undefined) staleMs = Math.max(staleMs, askedAt - next)
        expect(version).toBeGreaterThanOrEqual(owed(askedAt))
        await turn()
      }
    }
    const write = async (): Promise<void> => {
      for (let version = 1; version <= 150; version += 1) {
        await program.query(`UPDATE ${table} SET name = '${version}'`)
        committed[version] = performance.now()
        await program.query('SELECT pg_sleep(0.01)')
      }
      // Long enough for the bound to be owed for all of them.
      await program.query(`SELECT pg_sleep(${(1_000 + pollMs) / 1_000})`)
      writing = false
    }
    await Promise.all([write(), ...instances.map(({ products }) => read(products))])
    expect(reads).toBeGreaterThan(1_000)
    expect(staleMs).toBeLessThan(1_000 + pollMs)
    for (const { products } of instances) expect((await products.get(7))?.name).toBe('150')
  })

  test('without a shared tier follows for itself', async () => {
    await using here = await setup(undefined)
    const { program, table } = here.scene
    await program.query(`INSERT INTO ${table} VALUES (1, 'a')`)
    const [one, two] = [here.open(), here.open()]
    for (const { cache } of [one, two]) {
      const { follower } = here.scene.follow({ pollMs: 20 }, { cache })
      await follower.ready
    }
    for (const { products } of [one, two]) expect((await products.get(1))?.name).toBe('a')
    await program.query(`UPDATE ${table} SET name = 'b'`)
    for (const { products } of [one, two]) {
      await until('it has the new one', async () => (await products.get(1))?.name === 'b')
    }
  })

  test('loses no write that waits, and loads an own one again once at most', async () => {
    await using here = await setup(memoryTier())
    const { program, table, noted } = { ...here.scene }
    const { cache, products } = here.open()
    const { follower, events } = here.scene.follow({ pollMs: 60_000 }, { cache })
    await follower.ready
    await program.query(`INSERT INTO ${table} SELECT id, 'old' FROM generate_series(1, 50) AS id`)
    await Promise.all(
      Array.from({ length: 50 }, (_, at) => products.put(at + 1, { id: at + 1, name: 'mine' })),
    )
    // What the other program did comes upon writes that wait, or have just been carried out.
    await follower.poll()
    for (let id = 1; id <= 50; id += 1) expect((await products.get(id))?.name).toBe('mine')
    await products.flush()
    await follower.poll()
    const before = here.loads()
    for (let time = 0; time < 3; time += 1) {
      for (let id = 1; id <= 50; id += 1) expect((await products.get(id))?.name).toBe('mine')
      await follower.poll()
    }
    expect(here.loads() - before).toBeLessThanOrEqual(50)
    const { rows } = await program.query(
      `SELECT count(*)::int AS n FROM ${table} WHERE name = 'mine'`,
    )
    expect(rows).toEqual([{ n: 50 }])
    expect((await noted()).length).toBe(100)
    expect(events.filter(({ type }) => type === 'failed')).toEqual([])
  })
})
