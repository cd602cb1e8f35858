import { describe, expect, test } from 'vitest'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'

const store = {
  loadMany: (ids: readonly number[]) => new Map(ids.map((id) => [id, { id }])),
  apply: () => {},
}

describe('the description of a collection', () => {
  test('names what was declared, with every default applied, as JSON', async () => {
    await using cache = createCache({ name: 'told', shared: memoryTier() })
    const carts = cache.collection('cart', {
      store: store as never,
      ttl: 'none',
      grace: '10s',
      memoryTtl: '5s',
      version: 3,
      write: { put: 'through', create: 'behind' },
      warm: { start: { from: () => [1] }, predict: 'on' },
    })
    expect(JSON.parse(JSON.stringify(carts.describe()))).toEqual({
      name: 'cart',
      pattern: 'cart:*',
      workload: null,
      version: 3,
      ttlMs: null,
      memoryTtlMs: 5_000,
      graceMs: 10_000,
      writes: { create: 'behind', put: 'through', remove: 'around' },
      behind: true,
      predicts: true,
      warms: true,
      mode: 'on',
      shadowShare: 0,
    })
  })

  test('of plain keys has no name, and of what is only read no writes', async () => {
    await using cache = createCache({ name: 'told', version: 2 })
    const users = cache.collection('user', { source: (id: number) => ({ id }) })
    expect(cache.describe()).toMatchObject({ name: '', pattern: '*', version: 2, writes: null })
    expect(users.describe()).toMatchObject({ writes: null, memoryTtlMs: null, warms: false })
  })

  test('a cache lists its collections in the order in which they were declared', async () => {
    await using cache = createCache({ name: 'told' })
    expect(cache.collections.size).toBe(0)
    const second = cache.collection('b', { source: (id: number) => ({ id }) })
    cache.collection('a', { source: (id: number) => ({ id }) })
    expect([...cache.collections.keys()]).toEqual(['b', 'a'])
    expect(cache.collections.get('b')).toBe(second)
  })
})
