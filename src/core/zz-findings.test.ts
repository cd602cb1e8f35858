import { expect, test } from 'vitest'
import { ArgumentError } from '../contracts/errors.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier } from '../testing/chaos.ts'
import { FakeClock } from '../testing/fake-clock.ts'

const logger = { level: 'silent', warn: () => {}, error: () => {} }

test('F1 a lock that is granted while the cache is closed is given back', async () => {
  const clock = new FakeClock()
  const tier = memoryTier()
  const slow = chaosTier(
    tier,
    (operation) => (operation === 'acquire' ? { kind: 'delay', ms: 100 } : { kind: 'none' }),
    clock,
  )
  const one = createCache({ name: 'shop', shared: slow, logger }, { clock })
  const two = createCache({ name: 'shop', shared: tier, logger }, { clock })
  const locking = one.lock('stock')
  locking.catch(() => {})
  await clock.settle()
  const closing = one.close()
  await clock.advance(200)
  await closing
  await expect(locking).rejects.toMatchObject({ code: 'closed' })
  expect(await two.tryLock('stock')).toBeDefined()
})
test('F1b a lock whose answer is under way while the cache is closed is given back', async () => {
  const clock = new FakeClock()
  const tier = memoryTier()
  const slow: typeof tier = {
    kind: 'memory',
    open(context) {
      const session = tier.open(context)
      const { acquire } = session.locks
      Object.assign(session.locks, {
        acquire: async (request: Parameters<typeof acquire>[0]) => {
          const answer = await acquire(request)
          await new Promise<void>((resolve) => void clock.schedule(100, resolve))
          return answer
        },
      })
      return session
    },
  }
  const one = createCache({ name: 'shop', shared: slow, logger }, { clock })
  const two = createCache({ name: 'shop', shared: tier, logger }, { clock })
  const locking = one.lock('stock')
  locking.catch((e) => console.log('F1b', e))
  await clock.settle()
  const closing = one.close()
  await clock.advance(200)
  await closing
  expect(await two.tryLock('stock')).toBeDefined()
})
test('F2 closing ends the wait for a lock', async () => {
  const clock = new FakeClock()
  const tier = memoryTier()
  const one = createCache({ name: 'shop', shared: tier, logger }, { clock })
  const two = createCache({ name: 'shop', shared: tier, logger }, { clock })
  await one.lock('stock', { ttl: '1h' })
  const ends: unknown[] = []
  two.lock('stock', { wait: '1m', retry: '1m' }).catch((error) => ends.push(error.code))
  two.waitForUnlock('stock', { wait: '1m', retry: '1m' }).catch((error) => ends.push(error.code))
  await clock.settle()
  await two.close()
  await clock.settle()
  expect(ends).toEqual(['closed', 'closed'])
})
test('F3 names that are no text are refused', async () => {
  const one = createCache({ name: 'shop', shared: memoryTier(), logger })
  await expect(one.lock(7 as unknown as string)).rejects.toThrow(ArgumentError)
})
test('F4 one bulk load that fails is one failure for the breaker', async () => {
  const cache = createCache({ name: 'shop', logger }, { clock: new FakeClock() })
  let down = true
  const things = cache.collection<number, number>('thing', {
    source: {
      loadMany: (keys) => {
        if (down) throw new Error('one connection was reset')
        return new Map(keys.map((key) => [key, key]))
      },
    },
  })
  const keys = Array.from({ length: 30 }, (_, i) => i)
  await expect(things.getMany(keys)).rejects.toThrow('reset')
  down = false
  expect(await things.get(1)).toBe(1)
})
test('F5 a load refused by the queue says nothing of the source', async () => {
  const clock = new FakeClock()
  const cache = createCache({ name: 'shop', logger }, { clock })
  const held: PromiseWithResolvers<number>[] = []
  const things = cache.collection<number, number>('thing', {
    timeouts: { hard: '30s' },
    source: {
      concurrency: 1,
      load: () => {
        const one = Promise.withResolvers<number>()
        held.push(one)
        return one.promise
      },
    },
  })
  const all = Array.from({ length: 12_000 }, (_, i) => things.get(i).catch((e) => e.code))
  await clock.settle()
  const next = things.get(99_999).catch((e) => e.code)
  expect(await next).toBe('queue-full')
  held[0]?.resolve(1)
  void all
})
test('F6 an audit survives values that cannot become bytes', async () => {
  const cache = createCache({ name: 'shop', logger }, { clock: new FakeClock() })
  const things = cache.collection<number, Map<string, number>>('thing', { source: () => new Map([['a', 1]]) })
  await things.get(1)
  expect(await cache.audit()).toMatchObject({ sampled: 1 })
})
for (const shared of [false, true]) {
test(`F7 no operation sees another of the same batch, shared ${shared}`, async () => {
  const clock = new FakeClock()
  for (const warm of [false, true]) {
  const cache = createCache({ name: 'shop', logger, ...(shared ? { shared: memoryTier() } : {}) }, { clock })
  if (warm) { await cache.get('x'); }
  expect(await cache.batch((b) => [b.set('a', 1), b.get('a'), b.has('a')])).toMatchObject([{}, { value: undefined }, { value: false }])
  expect(await cache.batch((b) => [b.delete('a'), b.get('a'), b.has('a'), b.touch('a')])).toMatchObject([{}, { value: 1 }, { value: true }, { value: true }])
  }
})
}
