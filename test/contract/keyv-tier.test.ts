/**
 * A store of Keyv as a shared tier: what it promises, held to the suites of every tier and every cache.
 * Cases that a limit named at start rules out stand in a list, by that limit.
 */

import Keyv5 from 'keyv'
import Keyv6 from 'keyv-6'
import { describe, expect, test } from 'vitest'
import type { SharedSession } from '../../src/contracts/shared-tier.ts'
import {
  type CacheOptions,
  ConfigError,
  createCache,
  type SharedTier,
  type TierLimit,
} from '../../src/index.ts'
import { type KeyvLike, keyvTier } from '../../src/keyv/index.ts'
import { SystemRandom } from '../../src/memory/index.ts'
import { cacheSuite } from '../../src/testing/cache-suite.ts'
import { FakeClock } from '../../src/testing/fake-clock.ts'
import { sharedTierSuite } from '../../src/testing/shared-tier-suite.ts'

/** By the beginning of their names. */
const LEFT_OUT: Readonly<Record<string, TierLimit | 'life of seven days'>> = {
  'of one key twice in a batch of sets': 'listing',
  'entries of two names never meet': 'listing',
  'collections whose names begin alike': 'listing',
  'a scan ': 'listing',
  'what is set after a pattern stays': 'listing',
  'usage counts': 'listing',
  'of values, those leave': 'listing',
  'a read that the tier notes': 'listing',
  'only entries of the collections named': 'listing',
  'slices of a smaller token': 'listing',
  'what the last one has saved': 'listing',
  'a clean-up goes on where': 'listing',
  'keys lists what is there': 'listing',
  'a claim that is answered with the entry counts': 'listing',
  'hostile keys are keys': 'listing',
  'a fill without a life leaves nothing': 'listing',
  'a closed session refuses every step': 'listing',
  'a batch is answered in order, and its reads': 'atomic-steps',
  'a batch sets nothing while one': 'atomic-steps',
  'a batch ends the leases': 'atomic-steps',
  'a batch touches whatever': 'atomic-steps',
  'each value of a batch has a number': 'atomic-steps',
  'a batch of nothing is done': 'atomic-steps',
  'the tags of a dead writer leave': 'atomic-steps',
  'a write leaves no value if a pattern was removed': 'atomic-steps',
  'whoever was away finds an atomic batch': 'atomic-steps',
  'a life and a grace without end': 'life of seven days',
  'a touch may give a life without end': 'life of seven days',
  'an entry without an end stays': 'life of seven days',
  'asked again with the same token': 'following',
  'numbers only grow within an epoch': 'following',
  'all of no tags is nothing': 'following',
  'after very many tags were removed': 'following',
  'of more sets of tags than are kept': 'following',
  'a pattern is active until': 'following',
  'any session may finish': 'following',
  'the same pattern again': 'following',
  'of more patterns than are kept': 'following',
  'whoever was away finds': 'following',
  'a clear is found as a floor': 'following',
  'steps that change nothing': 'following',
  'a batch of writes has one number': 'following',
  'a cursor ': 'following',
  'many changes come in pages': 'following',
  'changes of one number': 'following',
  'a beat notes': 'following',
  'a session that has': 'following',
}

const limitOf = (name: string): string | undefined =>
  Object.entries(LEFT_OUT).find(([beginning]) => name.startsWith(beginning))?.[1]

describe('the shared tier, on a store of Keyv', () => {
  const cases = sharedTierSuite.filter(({ needs }) =>
    needs.every((need) => need === 'settable-clock'),
  )
  for (const { name, run } of cases) {
    if (limitOf(name) !== undefined) continue
    test(name, async () => {
      const clock = new FakeClock()
      const tier = keyvTier(new Map<string, string>())
      const context = { instance: 'one', clock, random: new SystemRandom(), report: () => {} }
      const open = (cache = 'suite'): SharedSession => tier.open({ ...context, name: cache })
      const never = (): never => {
        throw new Error('Nothing is on its way here, and nothing is told.')
      }
      const advance = (ms: number): Promise<void> => clock.advance(ms)
      await run({ open, advance, judgesReads: true, openSlow: never, heard: never })
    })
  }

  test('leaves out no case that is not there', () => {
    const names = [...sharedTierSuite, ...cacheSuite].map(({ name }) => name)
    const stale = Object.keys(LEFT_OUT).filter((one) => !names.some((name) => name.startsWith(one)))
    expect(stale).toEqual([])
  })
})

describe.each([
  ['a Map', 'off', () => new Map<string, string>()],
  ['a Keyv 5', { entries: 10_000 }, () => new Keyv5({ throwOnErrors: true })],
  ['the adapter of a Keyv 6', 'off', () => new Keyv6({ namespace: 'shop' }).store],
  ['its bridge', { entries: 10_000 }, () => new Keyv6({ store: ofPromises() }).store],
] as const)('a cache on %s, memory %j', (_, memory, store) => {
  for (const { name, run } of cacheSuite) {
    if (limitOf(name) !== undefined) continue
    test(name, async () => {
      // Adapters for Keyv 6 are told ends by the wall clock, and compare them with their own.
      const clock = new FakeClock(Date.now())
      const shared = keyvTier(store(), { accept: 'all' })
      await run({
        open: (options) => {
          const given = { name: 'suite', shared, memory, ...options }
          return createCache({ ...given, defaults: { jitter: 0, ...options?.defaults } }, { clock })
        },
        now: () => clock.now(),
        advance: (ms) => clock.advance(ms),
      })
    })
  }
})

/** A store as for Keyv 5, which Keyv 6 wraps. */
function ofPromises() {
  const map = new Map<string, unknown>()
  return {
    get: async (key: string) => map.get(key),
    set: async (key: string, value: unknown) => void map.set(key, value),
    delete: async (key: string) => map.delete(key),
    clear: async () => map.clear(),
  }
}

/** Two processes: nothing but the store between them. */
function processes(options: Partial<CacheOptions> = {}) {
  const clock = new FakeClock()
  const store = new Map<string, string>()
  const open = (instance: string) =>
    createCache(
      {
        name: 'shop',
        instance,
        memory: 'off',
        shared: keyvTier(store, { accept: 'all' }),
        defaults: { jitter: 0 },
        ...options,
      },
      { clock },
    )
  return { clock, store, one: open('one'), two: open('two') }
}

describe('two processes on one store of Keyv', () => {
  test('find what the other has set, and not what it has removed', async () => {
    const { one, two } = processes()
    await one.setMany([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ])
    expect([...(await two.getMany(['a', 'b', 'c'])).values()]).toEqual([1, 2, 3])
    await two.delete('a')
    await two.invalidatePattern('b*')
    expect([...(await one.getMany(['a', 'b', 'c'])).values()]).toEqual([3])
    await two.clear()
    expect(await one.get('c')).toBeUndefined()
    await one.set('c', 4)
    expect(await two.get('c')).toBe(4)
  })

  test.each([
    ['its key', (other: ReturnType<typeof createCache>) => other.delete('list')],
    ['one of its tags', (other: ReturnType<typeof createCache>) => other.invalidateTags(['red'])],
    ['everything', (other: ReturnType<typeof createCache>) => other.clear()],
  ])('do not keep what was loaded while the other removed %s', async (_, remove) => {
    const { one, two } = processes()
    const begun = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<string>()
    const load = async (): Promise<string> => {
      begun.resolve()
      return await gate.promise
    }
    const loading = one.getOrLoad('list', load, { tags: ['red'] })
    await begun.promise
    await remove(two)
    gate.resolve('old')
    expect(await loading).toBe('old')
    expect([await one.get('list'), await two.get('list')]).toEqual([undefined, undefined])
    // Whoever has seen the removal fills again at once.
    expect(await two.getOrLoad('list', () => 'new', { tags: ['red'] })).toBe('new')
    expect(await one.get('list')).toBe('new')
  })

  test('keep nothing that was loaded while the other wrote the source', async () => {
    const { one, two } = processes()
    const rows = new Map([[7, 'old']])
    const gate = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const declare = (cache: typeof one) =>
      cache.collection<number, string>('row', {
        store: {
          load: (id) => rows.get(id),
          fencing: 'unfenced',
          apply: async ([write]) => {
            begun.resolve()
            await gate.promise
            if (write?.kind === 'put') rows.set(write.key, write.value)
            return [{ kind: 'applied' }]
          },
        },
        write: { put: 'through' },
      })
    const [writer, reader] = [declare(one), declare(two)]
    const writing = writer.put(7, 'new')
    await begun.promise
    // What is read while it is being written is handed out, and kept by nobody.
    expect(await reader.read(7)).toMatchObject({ value: 'old', tier: 'source' })
    gate.resolve()
    expect(await writing).toMatchObject({ protected: true })
    expect(await reader.read(7)).toMatchObject({ value: 'new', tier: 'shared' })
  })

  test('whose clocks differ by less than a second forget nothing that was removed', async () => {
    const store = new Map<string, string>()
    const open = (instance: string, aheadMs: number) => {
      const clock = new FakeClock(Date.UTC(2030, 0, 1) + aheadMs)
      const shared = keyvTier(store, { accept: 'all' })
      return createCache({ name: 'shop', instance, memory: 'off', shared }, { clock })
    }
    const [ahead, behind] = [open('ahead', 900), open('behind', 0)]
    await ahead.set('list', 'old', { tags: ['red'] })
    await behind.invalidateTags(['red'])
    expect([await ahead.get('list'), await behind.get('list')]).toEqual([undefined, undefined])
  })

  test('answer a token of the other from the source', async () => {
    const { one, two } = processes({ memory: { entries: 100 } })
    let row = 'old'
    const declare = (cache: typeof one) => cache.collection('row', { source: () => row })
    const [here, there] = [declare(one), declare(two)]
    await here.get(1)
    await there.get(1)
    row = 'new'
    const { version } = await here.delete(1)
    // Without the token the copy there is served until its own end: that is the limit.
    expect(await there.get(1)).toBe('old')
    expect(await there.get(1, { minVersion: version })).toBe('new')
  })

  test('survive whatever else stands in the store', async () => {
    const { one, store } = processes()
    await one.set('a', 1)
    for (const key of [...store.keys()]) {
      for (const text of [
        '',
        'no JSON',
        'null',
        '{"v":1}',
        '{"v":2,"kind":"gone","stamp":1}',
        '[]',
      ]) {
        store.set(key, text)
        expect(await one.get('a')).toBeUndefined()
        expect(await one.getOrLoad('a', () => 2)).toBe(2)
      }
    }
  })

  test.each<readonly [string, (store: typeof BROKEN) => KeyvLike]>([
    ['itself', (store) => store],
    ['as a Keyv 5 hands it on', (store) => new Keyv5({ store, throwOnErrors: true })],
    ['as the adapter of a Keyv 6 hands it on', (store) => listenedTo(new Keyv6({ store })).store],
  ])('go on with the source where the store fails, %s', async (_, storeOf) => {
    const clock = new FakeClock()
    const shared = keyvTier(storeOf(BROKEN), { accept: 'all' })
    await using cache = createCache({ name: 'shop', shared }, { clock })
    const failures: unknown[] = []
    cache.on('tier-failure', ({ operation }) => failures.push(operation))
    expect(await cache.getOrLoad('a', () => 1)).toBe(1)
    expect(failures.length).toBeGreaterThan(0)
  })
})

const away = (): Promise<never> => Promise.reject(new Error('away'))
const BROKEN = { get: away, set: away, delete: away, clear: away }

/** Whoever listens for errors has made a Keyv 6 keep them to itself. */
function listenedTo(keyv: Keyv6): Keyv6 {
  keyv.on('error', () => {})
  return keyv
}

describe('the end of a value', () => {
  const endsOf = async (capabilities?: { readonly expires: boolean }) => {
    const ends: unknown[] = []
    const map = new Map<string, string>()
    const store: KeyvLike = {
      get: (key) => map.get(key),
      set(key, value, end) {
        if (key.includes('list')) ends.push(end)
        map.set(key, value)
      },
      capabilities,
    }
    const clock = new FakeClock(Date.UTC(2030, 0, 1))
    const shared = keyvTier(store, { accept: 'all' })
    const defaults = { jitter: 0, grace: 0 }
    await using cache = createCache({ name: 'shop', shared, memory: 'off', defaults }, { clock })
    await cache.set('list', 1, { ttl: '1h' })
    return ends
  }

  test('is told as a duration', async () => {
    expect(await endsOf()).toEqual([3_600_000])
    expect(await endsOf({ expires: false })).toEqual([3_600_000])
  })

  test('is told as an instant to an adapter that says so, as those for Keyv 6 do', async () => {
    expect(await endsOf({ expires: true })).toEqual([Date.UTC(2030, 0, 1, 1)])
  })
})

describe('what a store of Keyv cannot give', () => {
  const open = (shared: SharedTier) => {
    const lines: string[] = []
    const logger = { warn: (_: object, text: string) => lines.push(text), error: () => {} }
    return { lines, cache: createCache({ name: 'shop', shared, logger }) }
  }

  test('is named at start, but for what is accepted', async () => {
    const all = open(keyvTier(new Map()))
    expect(all.lines).toHaveLength(1)
    for (const limit of keyvTier(new Map()).limits ?? []) expect(all.lines[0]).toContain(limit)
    const some = open(keyvTier(new Map(), { accept: ['locks', 'queues'] }))
    expect(some.lines[0]).not.toContain('locks')
    expect(some.lines[0]).toContain('leases')
    expect(open(keyvTier(new Map(), { accept: 'all' })).lines).toEqual([])
  })

  test('is refused where it is asked for', async () => {
    const { cache } = open(keyvTier(new Map(), { accept: 'all' }))
    await expect(cache.lock('a')).rejects.toThrow('locks')
    await expect(cache.tryLock('a')).rejects.toThrow(ConfigError)
    await expect(cache.waitForUnlock('a')).rejects.toThrow(ConfigError)
    const set = cache.batch((batch) => [batch.set('a', 1)], { atomic: 'shard' })
    await expect(set).rejects.toThrow('atomic-steps')
    const store = { load: () => 1, fencing: 'versioned', apply: async () => [] } as const
    const behind = () => cache.collection('a', { store, write: { put: 'behind' } })
    expect(behind).toThrow('queues')
    // Nobody can say who else has copies.
    const { unconfirmed } = await cache.delete('a', { wait: 'connected' })
    expect(unconfirmed).toEqual(['*'])
  })

  test.each([
    ['no store', undefined],
    ['a store that only gets', { get: () => 1 }],
    ['a Keyv 5 that keeps its errors to itself', new Keyv5()],
    ['a Keyv 6, which keeps them to itself once somebody listens', new Keyv6()],
  ])('refuses %s', (_, store) => {
    expect(() => keyvTier(store as never)).toThrow(ConfigError)
    expect(() => keyvTier(new Map(), { accept: ['all' as never] })).toThrow(ConfigError)
  })

  test('a refused Keyv 6 is told to pass what throws', () => {
    const keyv = new Keyv6({ store: BROKEN })
    expect(() => keyvTier(keyv as never)).toThrow('`keyv.store`')
    expect(keyvTier(keyv.store).kind).toBe('keyv')
  })
})
