/** A Redis that has lost acknowledged writes: whoever knew of them says so, how many at most, and goes on. */

import { describe, expect, test } from 'vitest'
import { createCache, type QueueEvent, type Store } from '../../src/index.ts'
import { redisTier } from '../../src/redis/index.ts'
import { drivers } from '../servers/redis-drivers.ts'
import { startRedis } from '../servers/start-redis.ts'
import { until } from '../servers/until.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} }
const clients = drivers.filter(({ driver }) => driver === 'ioredis 5' || driver === 'node-redis 6')

function setup(rows: Map<number, string>): Store<number, string> {
  return {
    fencing: 'versioned',
    load: (key) => rows.get(key),
    apply: async (writes) => {
      for (const write of writes) if (write.kind !== 'remove') rows.set(write.key, write.value)
      return writes.map(() => ({ kind: 'applied' as const }))
    },
  }
}

describe.each(clients)('with $driver', (driver) => {
  test('writes that were acknowledged and are gone with FLUSHALL are told of', async () => {
    await using server = await startRedis()
    const user = driver.single(server.port)
    const rows = new Map<number, string>()
    await using cache = createCache({
      name: 'shop',
      shared: redisTier(user.client),
      logger: SILENT,
    })
    const products = cache.collection<number, string>('product', {
      store: setup(rows),
      write: { put: 'behind' },
      behind: { delay: '1h' },
    })
    const told: QueueEvent[] = []
    cache.on('queue', (event) => told.push(event))
    for (const key of [1, 2, 3]) await products.put(key, 'Lamp')
    await server.call('FLUSHALL')
    await until('the loss is told', () => told.length > 0)
    expect(told).toMatchObject([{ state: 'lost', pattern: 'product:*', count: 3, waiting: 0 }])
    const { queues } = await cache.stats()
    expect(queues).toMatchObject([{ pattern: 'product:*', lost: 3, waiting: 0 }])
    await products.put(4, 'Chair')
    await products.flush()
    expect([...rows]).toEqual([[4, 'Chair']])
    expect(told.filter(({ state }) => state === 'lost')).toHaveLength(1)
    await cache.close()
    user.end()
  })
})
