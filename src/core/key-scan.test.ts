import { describe, expect, test } from 'vitest'
import type { CacheKey } from '../contracts/source.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier, type Fault } from '../testing/chaos.ts'
import { FakeClock } from '../testing/fake-clock.ts'

/** Two instances on one tier; steps of the first meet `scene.plan`. */
function setup() {
  const clock = new FakeClock()
  const tier = memoryTier()
  const scene: { plan: (operation: string) => Fault } = { plan: () => ({ kind: 'none' }) }
  const shared = chaosTier(tier, (operation) => scene.plan(operation), clock)
  const base = {
    name: 'shop',
    logger: { level: 'silent', warn: () => {}, error: () => {} },
    defaults: { jitter: 0 },
  } as const
  const here = createCache({ ...base, shared }, { clock })
  const there = createCache({ ...base, shared: tier }, { clock })
  const alone = createCache(base, { clock })
  const failing = (...operations: string[]): void => {
    scene.plan = (operation) =>
      operations.includes(operation)
        ? { kind: 'fail', error: new Error('the server is down') }
        : { kind: 'none' }
  }
  return { clock, scene, here, there, alone, failing }
}

async function all<K extends CacheKey>(keys: AsyncIterable<K>): Promise<readonly K[]> {
  const found: K[] = []
  for await (const key of keys) found.push(key)
  return found.sort()
}

describe('the keys of a cache', () => {
  test('are those of this process and of the tier, each once', async () => {
    const { here, there } = setup()
    await there.setMany(['a', 'b'].map((key) => [key, 1]))
    await here.setMany(['b', 'c'].map((key) => [key, 1]))
    expect(await all(here.keys())).toEqual(['a', 'b', 'c'])
  })

  test('are those that match a glob, as text', async () => {
    const { here, alone } = setup()
    for (const cache of [here, alone]) {
      await cache.setMany(['user-1', 'user-2', 'order-1'].map((key) => [key, 1]))
      expect(await all(cache.keys('user-?'))).toEqual(['user-1', 'user-2'])
      const numbers = cache.collection<number, number>('number', { source: (key) => key })
      await numbers.getMany([7, 71, 8])
      expect(await all(numbers.keys('7*'))).toEqual([7, 71])
    }
    await expect(all(here.keys('[z-a'))).rejects.toMatchObject({ code: 'argument' })
  })

  test('are none that was removed, expired for good, or is known to be absent', async () => {
    const { alone, clock } = setup()
    await alone.set('short', 1, { ttl: '1s' })
    await alone.set('red', 1, { tags: ['red'] })
    await alone.set('kept', 1)
    await alone.getOrLoad('absent', () => undefined, { negativeTtl: '1m' })
    await alone.invalidateTags(['red'])
    await clock.advance(1_000)
    expect(await all(alone.keys())).toEqual(['kept'])
  })

  test('are none that was deleted here and still stands in the tier', async () => {
    const { here, failing } = setup()
    await here.setMany(['a', 'b'].map((key) => [key, 1]))
    failing('invalidate')
    expect(await here.delete('a')).toMatchObject({ state: 'pending' })
    expect(await all(here.keys())).toEqual(['b'])
  })

  test('come page by page, however many there are', async () => {
    const { here, there } = setup()
    const keys = Array.from({ length: 2_500 }, (_, i) => `key ${i}`)
    await there.setMany(keys.map((key) => [key, 1]))
    expect(await all(here.keys())).toEqual([...keys].sort())
  })

  test('reject where the tier does not answer, after those of this process', async () => {
    const { here, failing } = setup()
    await here.set('a', 1)
    failing('scan')
    const found: string[] = []
    const scanning = (async () => {
      for await (const key of here.keys()) found.push(key)
    })()
    await expect(scanning).rejects.toMatchObject({ code: 'tier' })
    expect(found).toEqual(['a'])
  })

  test('end for a caller who leaves, before and between pages', async () => {
    const { here } = setup()
    await here.set('a', 1)
    const before = all(here.keys('*', { signal: AbortSignal.abort(new Error('enough')) }))
    await expect(before).rejects.toThrow('enough')
    const controller = new AbortController()
    const { signal } = controller
    const scanning = (async () => {
      for await (const _ of here.keys('*', { signal })) controller.abort(new Error('enough'))
    })()
    await expect(scanning).rejects.toThrow('enough')
  })

  test('are refused by a cache that is closed', async () => {
    const { here } = setup()
    await here.close()
    await expect(all(here.keys())).rejects.toMatchObject({ code: 'closed' })
  })
})
