/**
 * What several instances of one cache promise one another, as data: run over each shared tier that
 * tells its changes, with the clock and the patience that fit it.
 */

import assert from 'node:assert/strict'
import type {
  Cache,
  CacheOptions,
  Collection,
  DeletionReceipt,
  InvalidationEvent,
  Reading,
} from '../../src/index.ts'
import { LOCK_CASES } from './lock-cases.ts'
import { SWITCH_CASES } from './switch-cases.ts'

export interface Instances {
  /** How instances hear of one another: by messages, or by following alone. */
  readonly tells: 'messages' | 'state'
  /** Another instance on the same tier. */
  open(options?: Partial<CacheOptions>): Cache
  /** Lets time pass until `check` no longer throws; at most a second of the instances' time. */
  eventually(check: () => Promise<void>): Promise<void>
  /** Lets this much of the instances' time pass. */
  pass(ms: number): Promise<void>
}

export interface InstancesCase {
  readonly title: string
  readonly run: (instances: Instances) => Promise<void>
}

interface Shop {
  readonly rows: Map<string, number>
  readonly loads: string[]
  readonly one: Collection<string, number>
  readonly two: Collection<string, number>
  readonly caches: readonly [Cache, Cache]
}

/** Two instances with one collection over one source. */
function shopOf(instances: Instances, grace: '1h' | 0 = 0): Shop {
  const rows = new Map([
    ['a', 1],
    ['b', 1],
    ['other', 1],
  ])
  const loads: string[] = []
  const collectionOf = (cache: Cache): Collection<string, number> =>
    cache.collection<string, number>('thing', {
      grace,
      store: {
        fencing: 'unfenced',
        load: (key) => {
          loads.push(key)
          return rows.get(key)
        },
        apply: async ([write]) => {
          if (write?.kind === 'remove') rows.delete(write.key)
          else if (write !== undefined) rows.set(write.key, write.value)
          return [{ kind: 'applied' }]
        },
      },
      write: { create: 'through', put: 'through' },
      tagsOf: (value, key) => ['all', `key ${key}`, value > 1 ? 'big' : 'small'],
    })
  const caches = [instances.open(), instances.open()] as const
  return { rows, loads, caches, one: collectionOf(caches[0]), two: collectionOf(caches[1]) }
}

/** Both have a copy in memory. */
async function warm(
  { one, two }: Shop,
  instances: Instances,
  keys: readonly string[],
): Promise<void> {
  for (const key of keys) {
    await one.get(key)
    await two.get(key)
    await instances.eventually(async () => {
      await one.get(key)
      await two.get(key)
      assert.equal((await one.read(key)).tier, 'memory')
      assert.equal((await two.read(key)).tier, 'memory')
    })
  }
}

const REMOVALS: readonly (readonly [string, (shop: Shop) => Promise<unknown>])[] = [
  ['a delete', ({ one }) => one.delete('a')],
  ['a delete of many', ({ one }) => one.deleteMany(['b', 'a'])],
  ['a removal of a tag', ({ caches }) => caches[0].invalidateTags(['key a'])],
  [
    'a removal of entries with all of several tags',
    ({ caches }) => caches[0].invalidateTags(['all', 'key a'], { match: 'all' }),
  ],
  ['a pattern', ({ one }) => one.invalidatePattern('[a]')],
  ['a removal of the collection', ({ one }) => one.clear()],
  ['a clear', ({ caches }) => caches[0].clear()],
  ['a refresh', ({ one }) => one.refresh('a').then(() => one.delete('a'))],
]

const removalCases: readonly InstancesCase[] = REMOVALS.map(([name, remove]) => ({
  title: `${name} on one instance ends the copy on another`,
  run: async (instances) => {
    const shop = shopOf(instances)
    await warm(shop, instances, ['a', 'other'])
    shop.rows.set('a', 2)
    await remove(shop)
    assert.equal(await shop.one.get('a'), 2)
    await instances.eventually(async () => assert.equal(await shop.two.get('a'), 2))
  },
}))

const sparingCases: readonly InstancesCase[] = REMOVALS.slice(0, 5).map(([name, remove]) => ({
  title: `${name} on one instance leaves other copies of another alone`,
  run: async (instances) => {
    const shop = shopOf(instances)
    await warm(shop, instances, ['a', 'other'])
    await remove(shop)
    await instances.eventually(async () => {
      assert.notEqual((await shop.two.read('a', { read: 'memory' })).found, true)
    })
    const reading = await shop.two.read('other', { read: 'memory' })
    assert.equal(reading.found, true)
  },
}))

/** Whoever looks for changes has looked in the meantime. */
const LOOKS_MS = 250

const writeCases: readonly InstancesCase[] = [
  {
    title: 'a write through the cache is in the memory of its writer, and read by others',
    run: async (instances) => {
      const shop = shopOf(instances)
      await warm(shop, instances, ['a'])
      const loads = shop.loads.length
      const receipt = await shop.one.put('a', 7)
      assert.equal(receipt.protected, true)
      const own = await shop.one.read('a')
      assert.deepEqual([own.found && own.value, own.tier], [7, 'memory'])
      await instances.eventually(async () => assert.equal(await shop.two.get('a'), 7))
      assert.equal(shop.loads.length, loads)
      const later = await shop.one.read('a')
      assert.equal(later.tier, 'memory')
    },
  },
  {
    title: 'a slow write is in the memory of its writer, though its beginning has been followed',
    run: async (instances) => {
      const one = instances.open()
      const slow = one.collection<string, number>('slow', {
        store: {
          fencing: 'unfenced',
          load: () => undefined,
          apply: () => instances.pass(LOOKS_MS).then(() => [{ kind: 'applied' as const }]),
        },
        write: { put: 'through' },
      })
      // Who is too slow to follow for a moment has no copies, so that one of ten is enough.
      const tiers: string[] = []
      for (let value = 0; value < 10 && !tiers.includes('memory'); value += 1) {
        await slow.put('a', value)
        tiers.push((await slow.read('a')).tier)
      }
      assert.ok(tiers.includes('memory'), tiers.join())
    },
  },
  {
    title: 'a remove through the cache leaves nothing anywhere',
    run: async (instances) => {
      const shop = shopOf(instances)
      await warm(shop, instances, ['a'])
      await shop.one.remove('a')
      assert.equal(await shop.one.get('a'), undefined)
      await instances.eventually(async () => assert.equal(await shop.two.get('a'), undefined))
    },
  },
  {
    title: 'a value that is set on one instance is read on another',
    run: async (instances) => {
      const [one, two] = [instances.open(), instances.open()]
      await one.set('k', 1)
      await instances.eventually(async () => assert.equal(await two.get('k'), 1))
      await one.set('k', 2)
      await instances.eventually(async () => assert.equal(await two.get('k'), 2))
      assert.equal(await one.get('k'), 2)
    },
  },
  {
    title: 'a read with the version of a write on another instance sees it at once',
    run: async (instances) => {
      const shop = shopOf(instances)
      await warm(shop, instances, ['a'])
      for (let value = 2; value < 12; value += 1) {
        const { version } = await shop.one.put('a', value)
        assert.equal(await shop.two.get('a', { minVersion: version }), value)
      }
    },
  },
  {
    title: 'a read with the version of a removal on another instance sees it at once',
    run: async (instances) => {
      const shop = shopOf(instances)
      await warm(shop, instances, ['a'])
      for (let value = 2; value < 8; value += 1) {
        shop.rows.set('a', value)
        const { version } = await shop.caches[0].invalidateTags(['key a'])
        assert.equal(await shop.two.get('a', { minVersion: version }), value)
      }
    },
  },
  {
    title: 'what is no version is refused',
    run: async (instances) => {
      const { one } = shopOf(instances)
      for (const minVersion of ['', '2~x', '1~0.e', '1~0.e.!', 7, '1~'.padEnd(5_000, 'a')]) {
        await assert.rejects(one.get('a', { minVersion: minVersion as never }), /minVersion/)
      }
    },
  },
  {
    title: 'a delete that waits for all who are connected does not wait for one that was closed',
    run: async (instances) => {
      const shop = shopOf(instances)
      await warm(shop, instances, ['a'])
      // Until it has told how far it has followed, which it does with its beats.
      await instances.pass(instances.tells === 'state' ? 2_500 : 500)
      await shop.caches[1].close()
      let receipt: DeletionReceipt | undefined
      const waiting = shop.one.delete('a', { wait: 'connected' }).then((told) => {
        receipt = told
      })
      // Less than the ten seconds for which the standing of one that died is waited for.
      await instances.pass(2_600)
      assert.deepEqual(receipt?.unconfirmed, [])
      await waiting
    },
  },
  {
    title: 'a delete that waits for all who are connected names nobody when it resolves',
    run: async (instances) => {
      const shop = shopOf(instances)
      await warm(shop, instances, ['a'])
      shop.rows.set('a', 2)
      const waiting = shop.one.delete('a', { wait: 'connected' })
      const [receipt] = await Promise.all([waiting, instances.pass(2_000)])
      assert.deepEqual(receipt.unconfirmed, [])
      assert.equal(await shop.two.get('a'), 2)
    },
  },
]

const graceCases: readonly InstancesCase[] = [
  ['an expiry of the key', (shop: Shop) => shop.one.expire('a')] as const,
  ['an expiry of a tag', (shop: Shop) => shop.caches[0].expireTags(['key a'])] as const,
].map(([name, expire]) => ({
  title: `${name} on one instance leaves grace on another`,
  run: async (instances) => {
    const shop = shopOf(instances, '1h')
    await warm(shop, instances, ['a'])
    await expire(shop)
    shop.rows.set('a', 2)
    let reading: Reading<number> | undefined
    await instances.eventually(async () => {
      reading = await shop.two.read('a')
      assert.equal(reading.found && reading.value, 2)
    })
    assert.equal(reading?.found && reading.stale, false)
  },
}))

const batchCases: readonly InstancesCase[] = [
  {
    title: 'a batch answers each operation, and the failure of one is its own',
    run: async (instances) => {
      const shop = shopOf(instances)
      const [cache] = shop.caches
      await cache.set('x', 1)
      const results = await cache.batch((batch) => [
        batch.get<number>('x'),
        batch.get(shop.one, 'a'),
        batch.set('y', 2),
        batch.has('nothing'),
        batch.delete('z'),
        batch.touch('x', '1h'),
        batch.set('bad', undefined),
      ])
      const [x, a, y, has, , touched, bad] = results
      assert.deepEqual(
        [x, a, has],
        [
          { ok: true, value: 1 },
          { ok: true, value: 1 },
          { ok: true, value: false },
        ],
      )
      assert.deepEqual([y.ok, touched.ok && touched.value, bad.ok], [true, true, false])
    },
  },
  {
    title: 'an atomic batch of one shard is done whole, and one over two shards not at all',
    run: async (instances) => {
      const cache = instances.open({ shardBy: (key) => key.split(':')[0] ?? '' })
      await cache.set('cart:1', 'old')
      const [before, set, deleted, had] = await cache.batch(
        (batch) => [
          batch.get<string>('cart:1'),
          batch.set('cart:2', 'new'),
          batch.delete('cart:1'),
          batch.has('cart:3'),
        ],
        { atomic: 'shard' },
      )
      assert.deepEqual(
        [before, deleted, had],
        [
          { ok: true, value: 'old' },
          { ok: true, value: undefined },
          { ok: true, value: false },
        ],
      )
      assert.equal(set.ok, true)
      assert.deepEqual([await cache.get('cart:1'), await cache.get('cart:2')], [undefined, 'new'])
      // Enough of them that no tier with several shards has them all in one.
      const scattered = Array.from({ length: 64 }, (_, index) => `${index}:x`)
      const [alone] = [instances.open()]
      const work = alone.batch((batch) => scattered.map((key) => batch.set(key, 1)), {
        atomic: 'shard',
      })
      const failure = await work.then(() => undefined).catch((error: unknown) => error)
      const found = await alone.getMany(scattered)
      assert.equal(found.size, failure === undefined ? scattered.length : 0)
    },
  },
]

/** What a cache has told of invalidations, and in what they add up. */
function invalidationsOf(cache: Cache): {
  told(origin: InvalidationEvent['origin']): readonly (readonly unknown[])[]
} {
  const events: InvalidationEvent[] = []
  cache.on('invalidation', (event) => events.push(event))
  return {
    told: (origin) =>
      events
        .filter((event) => event.origin === origin)
        .map(({ kind, pattern, count }) => [kind, pattern, count]),
  }
}

/** One line for each that was counted: two keys of one shard are told by one message. */
function inOrder(told: readonly (readonly unknown[])[]): readonly string[] {
  const lines = told.flatMap(([kind, pattern, count]) =>
    Array.from({ length: Number(count) }, () => `${kind} ${pattern}`),
  )
  return lines.sort()
}

/** A follow tells of keys that there is one, and of two changes of one thing the later. */
const AS_FOLLOWED = [
  'keys *',
  'tags *',
  'expire *',
  'pattern thing:*',
  'collection thing:*',
  'clear *',
]

const statisticsCases: readonly InstancesCase[] = [
  {
    title: 'invalidations are counted where they are made, and where they are heard of',
    run: async (instances) => {
      const shop = shopOf(instances)
      const [one, two] = shop.caches
      await warm(shop, instances, ['a'])
      const [here, there] = [invalidationsOf(one), invalidationsOf(two)]
      const before = (await two.usage()).invalidations
      await shop.one.delete('a')
      await shop.one.deleteMany(['a', 'b'])
      await one.invalidateTags(['red', 'blue'])
      await one.expireTags(['red'])
      await shop.one.expire('b')
      await shop.one.invalidatePattern('x*')
      await shop.one.clear()
      await one.clear()
      await one.set('plain', 1)
      const expected = [
        ['keys', 'thing:*', 1],
        ['keys', 'thing:*', 1],
        ['keys', 'thing:*', 1],
        ['tags', '*', 1],
        ['tags', '*', 1],
        ['expire', '*', 1],
        ['expire', 'thing:*', 1],
        ['pattern', 'thing:*', 1],
        ['collection', 'thing:*', 1],
        ['clear', '*', 1],
        ['keys', '*', 1],
      ]
      const patience = async (): Promise<void> => {
        const told = there.told('remote')
        if (instances.tells === 'messages') assert.deepEqual(inOrder(told), inOrder(expected))
        else assert.deepEqual(new Set(inOrder(told)), new Set(AS_FOLLOWED))
      }
      if (instances.tells === 'messages') await instances.eventually(patience)
      // What follows find out beside the messages is not told a second time.
      await instances.pass(2_500)
      await patience()
      assert.deepEqual([there.told('replayed'), there.told('local')], [[], []])
      assert.deepEqual([here.told('replayed'), here.told('remote')], [[], []])
      const heard = (await two.usage()).invalidations
      assert.equal(heard.remote - before.remote, inOrder(there.told('remote')).length)
      const { local, remote, latency, total } = (await one.usage()).invalidations
      assert.deepEqual([local, remote, total], [10, 0, 10])
      assert.ok(latency !== undefined && latency.p50Ms <= latency.p99Ms)
    },
  },
  {
    title: 'how long changes take to be known elsewhere is measured there, within the bound',
    run: async (instances) => {
      const [one, two] = [instances.open(), instances.open()]
      const delayOf = async (cache: Cache) => (await cache.usage()).coherence?.delay
      await two.ready()
      for (let count = 0; count < 20; count += 1) {
        await one.delete(`key ${count}`)
        await instances.pass(50)
      }
      await instances.pass(1_500)
      const delay = await delayOf(two)
      assert.ok(delay !== undefined && delay.p50Ms <= delay.p99Ms, JSON.stringify(delay))
      // By messages each is known at once; otherwise a follow is a beat apart from the last at most.
      assert.ok(delay.p50Ms < (instances.tells === 'messages' ? 100 : 500), `${delay.p50Ms} ms`)
      assert.ok(delay.p99Ms < 1_000, `${delay.p99Ms} ms`)
      assert.equal(await delayOf(one), undefined)
    },
  },
]

const auditCases: readonly InstancesCase[] = [
  {
    title: 'an audit finds a copy that its source has left behind, and none where all agree',
    run: async (instances) => {
      const shop = shopOf(instances)
      await warm(shop, instances, ['a', 'b'])
      const [clean] = await Promise.all([shop.caches[0].audit(), instances.pass(1_500)])
      assert.deepEqual([clean.consistent, clean.stale], [2, 0])
      // Behind the cache's back: nobody has told it.
      shop.rows.set('a', 99)
      const [found] = await Promise.all([shop.caches[0].audit(), instances.pass(1_500)])
      assert.deepEqual([found.consistent, found.stale], [1, 1])
    },
  },
]

export const INSTANCES_CASES: readonly InstancesCase[] = [
  ...removalCases,
  ...sparingCases,
  ...writeCases,
  ...graceCases,
  ...LOCK_CASES,
  ...batchCases,
  ...statisticsCases,
  ...auditCases,
  ...SWITCH_CASES,
]
