import { describe, expect, test } from 'vitest'
import type { CallOptions } from '../contracts/options.ts'
import type { InvalidationReceipt } from '../contracts/receipts.ts'
import type { SharedSession, SharedTier } from '../contracts/shared-tier.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier, type Fault } from '../testing/chaos.ts'
import { FakeClock } from '../testing/fake-clock.ts'

/** A cache with both tiers, and a hook before each touch of the shared one. */
function setup() {
  const clock = new FakeClock()
  const tier = memoryTier()
  const calls: number[] = []
  const before: { touch: (session: SharedSession) => Promise<unknown> } = {
    touch: () => Promise.resolve(),
  }
  const shared: SharedTier = {
    kind: tier.kind,
    open(context) {
      const session = tier.open(context)
      const invalidate = session.invalidate.bind(session)
      const touch = session.touch.bind(session)
      return Object.assign(session, {
        invalidate: (what: Parameters<typeof invalidate>[0]) => {
          if (what.kind === 'keys') calls.push(what.keys.length)
          return invalidate(what)
        },
        touch: async (requests: Parameters<typeof touch>[0]) => {
          await before.touch(session)
          return await touch(requests)
        },
      })
    },
  }
  return { before, calls, cache: createCache({ name: 'shop', shared }, { clock }) }
}

describe('deleteMany', () => {
  test('refuses a key that stands alone, of which each letter would be one', async () => {
    const cache = createCache({ name: 'shop' })
    await cache.set('user:1', 'Ada')
    const refused = { field: 'keys', message: expect.stringContaining('into an array') }
    await expect(cache.deleteMany('user:1')).rejects.toMatchObject(refused)
    await expect(cache.getMany('user:1')).rejects.toMatchObject(refused)
    await expect(cache.deleteMany(7 as never)).rejects.toMatchObject({ field: 'keys' })
    await expect(cache.setMany({ a: 1 } as never)).rejects.toMatchObject({ field: 'entries' })
    expect(await cache.get('user:1')).toBe('Ada')
  })

  test('travels a thousand keys at a time, and names what cannot be a key', async () => {
    const { cache, calls } = setup()
    const keys = Array.from({ length: 2_001 }, (_, i) => `key ${i}`)
    await cache.setMany(keys.map((key) => [key, 1]))
    const report = await cache.deleteMany([...keys, '\ud800'])
    expect(report.succeeded).toBe(2_001)
    expect(report.failed).toMatchObject([{ key: '\ud800', error: { field: 'key' } }])
    expect(calls).toEqual([1000, 1000, 1])
    expect((await cache.getMany(keys)).size).toBe(0)
  })

  test('of nothing asks nobody', async () => {
    const { cache, calls } = setup()
    expect(await cache.deleteMany([])).toMatchObject({ succeeded: 0, failed: [] })
    expect(calls).toEqual([])
  })
})

test('an entry that is deleted while it is touched stays deleted', async () => {
  const { cache, before } = setup()
  await cache.set('a', 1, { ttl: '1h' })
  before.touch = (session) =>
    session.invalidate({ kind: 'keys', keys: [{ id: ':s1:a', collection: '' }], mode: 'delete' })
  expect(await cache.touch('a', '2h')).toBe(false)
  expect(await cache.read('a', { read: 'shared' })).toMatchObject({ found: false })
})

test('a key that is deleted rests no more: its next load is tried at once', async () => {
  const clock = new FakeClock()
  const cache = createCache({ name: 'shop', defaults: { jitter: 0 } }, { clock })
  const life = { ttl: '1s', grace: '1h' } as const
  await cache.set('a', 'old', life)
  await clock.advance(1_000)
  const down = (): never => {
    throw new Error('down')
  }
  expect(await cache.getOrLoad('a', down)).toBe('old')
  expect(await cache.getOrLoad('a', () => expect.fail('it rests'))).toBe('old')
  await cache.delete('a')
  await cache.set('a', 'newer', life)
  await clock.advance(1_000)
  expect(await cache.getOrLoad('a', () => 'loaded')).toBe('loaded')
})

/** Two instances on one tier; while `scene.down` holds, the first is answered nothing. */
function instances() {
  const clock = new FakeClock()
  const tier = memoryTier()
  const scene = { down: false }
  const fault: Fault = { kind: 'fail', error: new Error('the server is down') }
  const planned = chaosTier(tier, () => (scene.down ? fault : { kind: 'none' }), clock)
  const silent = { level: 'silent', warn: () => {}, error: () => {} }
  const open = (shared: SharedTier) =>
    createCache({ name: 'shop', shared, logger: silent, defaults: { jitter: 0 } }, { clock })
  const [here, there] = [open(planned), open(tier)]
  const source = (key: string): string => `row ${key}`
  const [hereThings, thereThings] = [here, there].map((cache) =>
    cache.collection('thing', { source }),
  )
  if (hereThings === undefined || thereThings === undefined) throw new Error('there are two')
  return { clock, scene, here, there, hereThings, thereThings }
}

type Instances = ReturnType<typeof instances>

describe('a removal', () => {
  const removals: [string, (scene: Instances) => Promise<InvalidationReceipt>][] = [
    ['a key', ({ here }) => here.delete('red')],
    ['many keys', ({ here }) => here.deleteMany(['red', 'nothing'])],
    ['a tag', ({ here }) => here.invalidateTags(['red', 'unknown'])],
    ['all of several tags', ({ here }) => here.invalidateTags(['red', 'warm'], { match: 'all' })],
    ['a pattern', ({ here }) => here.invalidatePattern('r*')],
    ['everything', ({ here }) => here.clear()],
  ]

  test.each(removals)('of %s is done in every tier and every instance', async (_, remove) => {
    const scenario = instances()
    const { here, there, clock } = scenario
    await here.set('red', 1, { tags: ['red', 'warm'] })
    expect(await there.get('red')).toBe(1)
    const receipt = await remove(scenario)
    expect(receipt).toMatchObject({ state: 'done' })
    expect(await here.get('red')).toBeUndefined()
    await clock.settle()
    expect(await there.get('red')).toBeUndefined()
    expect(receipt.version).toMatch(/^1~0\./)
  })

  test.each(removals)(
    'of %s is respected here at once and told later during an outage',
    async (_, remove) => {
      const scenario = instances()
      const { here, there, clock, scene } = scenario
      await here.set('red', 1, { tags: ['red', 'warm'] })
      expect(await there.get('red')).toBe(1)
      scene.down = true
      expect(await remove(scenario)).toMatchObject({ state: 'pending', version: '1~source' })
      expect(await here.get('red')).toBeUndefined()
      expect(await there.get('red')).toBe(1)
      scene.down = false
      expect(await here.get('red')).toBeUndefined()
      await clock.advance(6_000)
      expect(await there.get('red')).toBeUndefined()
      expect(await here.get('red')).toBeUndefined()
    },
  )

  test('of a collection leaves others alone, also during an outage', async () => {
    const { here, hereThings, thereThings, scene, clock } = instances()
    await here.set('a', 1)
    await Promise.all([hereThings.get('a'), thereThings.get('a')])
    scene.down = true
    expect(await hereThings.clear()).toMatchObject({ state: 'pending' })
    expect([await hereThings.peek('a'), await here.get('a')]).toEqual([undefined, 1])
    scene.down = false
    await clock.advance(6_000)
    expect([await thereThings.peek('a'), await here.get('a')]).toEqual([undefined, 1])
  })

  test('of all of several tags spares entries that carry some', async () => {
    const { here, there, clock } = instances()
    await here.set('both', 1, { tags: ['red', 'blue'] })
    await here.set('one', 2, { tags: ['red'] })
    await there.getMany(['both', 'one'])
    await here.invalidateTags(['red', 'blue'], { match: 'all' })
    await clock.settle()
    for (const cache of [here, there]) {
      expect(await cache.getMany(['both', 'one'])).toEqual(new Map([['one', 2]]))
    }
  })

  test('by pattern cuts loads off that match, by the text of their keys', async () => {
    const clock = new FakeClock()
    const alone = createCache({ name: 'shop' }, { clock })
    const gates: PromiseWithResolvers<string>[] = []
    const numbers = alone.collection<number, string>('number', {
      source: () => {
        const gate = Promise.withResolvers<string>()
        gates.push(gate)
        return gate.promise
      },
    })
    const readings = [numbers.get(71), numbers.get(8)]
    await clock.settle()
    expect(await numbers.invalidatePattern('7?')).toMatchObject({ state: 'done' })
    for (const gate of gates) gate.resolve('read before')
    expect(await Promise.all(readings)).toEqual(['read before', 'read before'])
    expect([await numbers.peek(71), await numbers.peek(8)]).toEqual([undefined, 'read before'])
  })

  test('by pattern removes copies that match, and no others', async () => {
    const { here, there } = instances()
    await here.setMany(['user-1', 'user-2', 'order-1'].map((key) => [key, 1]))
    await there.getMany(['user-1', 'order-1'])
    await here.invalidatePattern('user-*')
    expect((await here.getMany(['user-1', 'user-2', 'order-1'])).size).toBe(1)
    await expect(here.invalidatePattern('[z-a')).rejects.toMatchObject({ code: 'argument' })
  })

  test('by a set of tags alone is no way to expire', async () => {
    const { here } = instances()
    const all = { match: 'all' } as CallOptions
    await expect(here.expireTags(['red', 'blue'], all)).rejects.toMatchObject({
      code: 'argument',
      message: expect.stringContaining('match'),
    })
  })

  test('that only expires leaves grace in every tier, and is a removal where it is told late', async () => {
    const { here, there, scene, clock } = instances()
    const life = { ttl: '1h', grace: '1h', tags: ['red'] } as const
    const down = (): never => {
      throw new Error('the source is down')
    }
    await here.setMany(
      [
        ['a', 1],
        ['b', 2],
      ],
      life,
    )
    await there.getMany(['a', 'b'])
    await here.expire('a')
    await here.expireTags(['red'])
    await clock.settle()
    for (const cache of [here, there]) {
      expect(await cache.get('a')).toBeUndefined()
      expect(await cache.readOrLoad('b', down)).toMatchObject({ value: 2, stale: true })
    }
    scene.down = true
    expect(await here.expire('a')).toMatchObject({ state: 'pending' })
    scene.down = false
    await clock.advance(6_000)
    await expect(there.getOrLoad('a', down)).rejects.toThrow('the source is down')
  })

  test('says whether there was something, wherever it was', async () => {
    const { here, there, scene } = instances()
    await there.set('elsewhere', 1)
    await here.set('here', 1)
    expect(await here.delete('elsewhere')).toMatchObject({ found: true })
    expect(await here.delete('here')).toMatchObject({ found: true })
    expect(await here.delete('here')).toMatchObject({ found: false })
    scene.down = true
    expect(await here.delete('nothing')).toMatchObject({ found: undefined })
  })
})

describe('a removal where there is one tier', () => {
  test('of many keys names those that cannot be keys, and asks nobody for them', async () => {
    const { cache, calls } = setup()
    const report = await cache.deleteMany(['\ud800', 'x'.repeat(8_193)])
    expect(report).toMatchObject({ succeeded: 0, failed: [{ key: '\ud800' }, {}] })
    expect(calls).toEqual([])
  })

  test('of many keys is done in memory alone', async () => {
    const alone = createCache({ name: 'shop' }, { clock: new FakeClock() })
    await alone.setMany(['a', 'b', 'c'].map((key) => [key, 1]))
    expect(await alone.deleteMany(['a', 'b', 'nothing'])).toMatchObject({ succeeded: 3 })
    expect([...(await alone.getMany(['a', 'b', 'c'])).keys()]).toEqual(['c'])
  })

  test('is done in the shared tier where the memory tier is off', async () => {
    const clock = new FakeClock()
    const bare = createCache({ name: 'shop', memory: 'off', shared: memoryTier() }, { clock })
    const keys = ['a', 'b', 'c', 'd', 'e']
    await bare.setMany(
      keys.map((key) => [key, 1]),
      { tags: ['red'] },
    )
    await bare.invalidatePattern('a*')
    await bare.delete('b')
    await bare.expire('c')
    expect([...(await bare.getMany(keys)).keys()]).toEqual(['d', 'e'])
    await bare.invalidateTags(['red'])
    expect((await bare.getMany(keys)).size).toBe(0)
    await bare.set('f', 1)
    await bare.clear()
    expect(await bare.get('f')).toBeUndefined()
    const found: string[] = []
    for await (const key of bare.keys()) found.push(key)
    expect(found).toEqual([])
    expect(await bare.audit()).toMatchObject({ sampled: 0 })
  })
})
