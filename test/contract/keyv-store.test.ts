/**
 * Keyv's own suite over a cache as its store, alone and with a shared tier, with each Keyv that is supported;
 * and what the suite does not ask for.
 */

import keyvTestSuite, { keyvIteratorTests } from '@keyv/test-suite'
import Keyv5 from 'keyv'
import Keyv6, { KeyvBridgeAdapter } from 'keyv-6'
import * as vitest from 'vitest'
import { type Cache, ConfigError, createCache } from '../../src/index.ts'
import { keyvStore } from '../../src/keyv/index.ts'
import { memoryTier } from '../../src/memory/index.ts'

const { describe, expect, test } = vitest

const KEYVS = [
  ['Keyv 5', Keyv5],
  ['Keyv 6', Keyv6 as unknown as typeof Keyv5],
] as const

/** What the suite, written for Keyv 5, expects otherwise of Keyv 6: that answers with one word for each key. */
const ANSWERS_PER_KEY = '.deleteMany([keys]) with nonexistent keys resolves to false'

const CACHES: readonly (readonly [string, () => Cache])[] = [
  ['memory', () => createCache({ name: 'keyv' })],
  ['a shared tier', () => createCache({ name: 'keyv', shared: memoryTier() })],
  ['a shared tier alone', () => createCache({ name: 'keyv', shared: memoryTier(), memory: 'off' })],
]

describe.each(KEYVS)('%s', (version, Keyv) => {
  describe.each(CACHES)('over %s', (_, open) => {
    const cache: Cache = open()
    const it = (name: string, run: vitest.TestFunction): void => {
      if (version === 'Keyv 5' || name !== ANSWERS_PER_KEY) vitest.it(name, run)
    }
    const runner = { ...vitest, it } as typeof vitest
    keyvTestSuite(runner, Keyv, () => keyvStore(cache))
    keyvIteratorTests(runner, Keyv, () => keyvStore(cache))

    test('one deletion of many tells of each, or of all of them', async () => {
      const keyv = new Keyv({ store: keyvStore(cache) })
      await keyv.set('a', 1)
      const deleted = await keyv.deleteMany(['a', 'b'])
      expect(deleted).toEqual(version === 'Keyv 5' ? false : [true, false])
      expect(await keyv.has('a')).toBe(false)
    })

    test('a namespace is apart from the others, with a store of its own', async () => {
      const open = (namespace: string) => new Keyv({ store: keyvStore(cache), namespace })
      const [one, two] = [open('tenant-1'), open('tenant-2')]
      await one.setMany(Array.from({ length: 150 }, (_, at) => ({ key: `${at}`, value: at })))
      await two.set('1', 'two')
      expect(await two.get(['1', '2'])).toEqual(['two', undefined])
      expect(await two.hasMany(['1', '2'])).toEqual([true, false])
      expect([await two.has('1'), await two.has('2'), await two.delete('2')]).toEqual([
        true,
        false,
        false,
      ])
      expect((await entriesOf(one)).size).toBe(150)
      expect((await entriesOf(one)).get('149')).toBe(149)
      expect([...(await entriesOf(two))]).toEqual([['1', 'two']])
      await two.clear()
      expect([await one.get('1'), await two.get('1')]).toEqual([1, undefined])
      await one.clear()
      expect((await entriesOf(one)).size).toBe(0)
    })
  })

  describe('beside what the suite asks for', () => {
    test('the cache is not closed, and its other keys are out of reach', async () => {
      await using cache = createCache({ name: 'keyv' })
      await cache.set('own', 1)
      const keyv = new Keyv({ store: keyvStore(cache, { prefix: 'keyv*|' }), namespace: '' })
      await keyv.set('a', 1)
      expect(await cache.has('keyv*|a')).toBe(true)
      await cache.set('keyv**|b', 2)
      await keyv.clear()
      await keyv.disconnect()
      expect([await keyv.get('a'), await cache.get('own')]).toEqual([undefined, 1])
      expect(await cache.get('keyv**|b')).toBe(2)
    })

    test('an entry lives as long as Keyv says, and without an end where it says nothing', async () => {
      await using cache = createCache({ name: 'keyv', defaults: { ttl: '1m', jitter: 0.5 } })
      const keyv = new Keyv({ store: keyvStore(cache) })
      await keyv.setMany([
        { key: 'a', value: 1 },
        { key: 'b', value: 2, ttl: 3_600_000 },
        { key: 'c', value: 3, ttl: 60_000 },
        { key: 'c', value: 4, ttl: 3_600_000 },
      ])
      expect(await keyv.get(['a', 'b', 'c', 'd'])).toEqual([1, 2, 4, undefined])
      // Keyv 5 has a namespace where nobody has named one.
      const before = version === 'Keyv 5' ? 'keyv:' : ''
      expect(await cache.ttl(`${before}a`)).toBe(Number.POSITIVE_INFINITY)
      expect(await cache.ttl(`${before}b`)).toBeGreaterThan(3_599_000)
      expect(await cache.ttl(`${before}b`)).toBeLessThanOrEqual(3_600_000)
      expect(await keyv.hasMany(['a', 'd'])).toEqual([true, false])
    })

    test('what one instance sets, another has', async () => {
      const shared = memoryTier()
      await using one = createCache({ name: 'keyv', shared })
      await using two = createCache({ name: 'keyv', shared })
      const [here, there] = [one, two].map((cache) => new Keyv({ store: keyvStore(cache) }))
      await here?.set('a', { rows: 42 })
      expect(await there?.get('a')).toEqual({ rows: 42 })
      expect(await there?.delete('a')).toBe(true)
      expect(await here?.delete('b')).toBe(false)
    })

    test('an error of the cache is the Keyv\u2019s to tell', async () => {
      const cache = createCache({ name: 'keyv' })
      const keyv = new Keyv({ store: keyvStore(cache) })
      const errors: unknown[] = []
      keyv.on('error', (error) => errors.push(error))
      await cache.close()
      expect(await keyv.set('a', 1)).toBe(false)
      expect(String(errors[0])).toContain('closed')
    })

    test('what stands under a namespace is found by it in the cache', async () => {
      await using cache = createCache({ name: 'keyv' })
      const sessions = new Keyv({ store: keyvStore(cache), namespace: 'sessions' })
      await cache.set('own', 1)
      await sessions.set('42', { user: 7 }, 60_000)
      expect(await sessions.get('42')).toEqual({ user: 7 })
      const keys: string[] = []
      for await (const key of cache.keys('sessions:*')) keys.push(key)
      expect(keys).toEqual([version === 'Keyv 5' ? 'sessions:42' : 'sessions::42'])
      await sessions.clear()
      expect([await sessions.get('42'), await cache.get('own')]).toEqual([undefined, 1])
    })

    test('what ends between the list of keys and their values is left out', async () => {
      await using cache = createCache({ name: 'keyv' })
      const keyv = new Keyv({ store: keyvStore(cache), namespace: 'a' })
      await keyv.set('1', 'one')
      await keyv.set('2', 'two')
      const getMany: Cache['getMany'] = async (keys) => {
        await keyv.delete('1')
        return await cache.getMany(keys)
      }
      const late = Object.assign(Object.create(cache), { keys: cache.keys.bind(cache), getMany })
      const seen = new Keyv({ store: keyvStore(late), namespace: 'a' })
      expect([...(await entriesOf(seen))]).toEqual([['2', 'two']])
    })
  })
})

describe('two Keyvs of two namespaces on one store', () => {
  const open = (Keyv: typeof Keyv5) => {
    const store = keyvStore(createCache({ name: 'keyv' }))
    // Without the check of Keyv 6, `has` and `hasMany` are those of the store.
    const options = { store, throwOnErrors: true, checkExpired: false }
    const of = (namespace: string) => new Keyv({ ...options, namespace })
    return [of('tenant-a'), of('tenant-b')] as const
  }

  test.each(KEYVS)('%s: see nothing of each other', async (_, Keyv) => {
    const [a, b] = open(Keyv)
    await a.set('1', 'a')
    expect(await b.get('1')).toBeUndefined()
    await b.setMany([
      { key: '1', value: 'b' },
      { key: '2', value: 'b' },
    ])
    expect(await a.get(['1', '2'])).toEqual(['a', undefined])
    expect(await a.hasMany(['1', '2'])).toEqual([true, false])
    expect([await a.delete('2'), await b.get('2')]).toEqual([false, 'b'])
    expect([...(await entriesOf(b)).keys()].sort()).toEqual(['1', '2'])
  })

  test('Keyv 6: clear and iterate over their own', async () => {
    const [a, b] = open(Keyv6 as unknown as typeof Keyv5)
    await a.set('1', 'a')
    await b.set('2', 'b')
    expect([...(await entriesOf(a))]).toEqual([['1', 'a']])
    await a.clear()
    expect([await a.get('1'), await b.get('2')]).toEqual([undefined, 'b'])
  })

  // Keyv 5 tells a store one namespace, that of whoever took it last.
  test('Keyv 5: are refused what would concern the other', async () => {
    const [a, b] = open(Keyv5)
    await a.set('1', 'a')
    await b.set('2', 'b')
    await expect(entriesOf(a)).rejects.toThrow(ConfigError)
    for (const keyv of [a, b]) {
      keyv.on('error', () => {})
      await expect(keyv.clear()).rejects.toThrow('tenant-a, tenant-b')
    }
    expect([await a.get('1'), await b.get('2')]).toEqual(['a', 'b'])
  })

  test('Keyv 5: one that changes its namespace is one Keyv', async () => {
    const keyv = new Keyv5({ store: keyvStore(createCache({ name: 'keyv' })), namespace: 'a' })
    await keyv.set('1', 'a')
    keyv.namespace = 'b'
    await keyv.set('1', 'b')
    expect([...(await entriesOf(keyv))]).toEqual([['1', 'b']])
    await keyv.clear()
    keyv.namespace = 'a'
    expect(await keyv.get('1')).toBe('a')
  })

  test('Keyv 6 beside a Keyv 5: the namespace of the one is not that of the other', async () => {
    const store = keyvStore(createCache({ name: 'keyv' }))
    const [old, a, b] = [
      new Keyv5({ store, namespace: 'old' }),
      new Keyv6({ store, namespace: 'a' }),
      new Keyv6({ store, namespace: 'b' }),
    ]
    await a.set('1', 'a')
    expect([await old.get('1'), await b.get('1')]).toEqual([undefined, undefined])
    await a.clear()
    expect(await a.get('1')).toBeUndefined()
  })
})

test('Keyv 6 reads what a Keyv 5 has left, with the separator of Keyv 5', async () => {
  await using cache = createCache({ name: 'keyv' })
  await new Keyv5({ store: keyvStore(cache), namespace: 'sessions' }).set('42', { user: 7 })
  const store = new KeyvBridgeAdapter(keyvStore(cache), { namespaceSeparator: ':' })
  const keyv = new Keyv6({ store, namespace: 'sessions' })
  expect(await keyv.get('42')).toEqual({ user: 7 })
  await keyv.clear()
  expect(await cache.has('sessions:42')).toBe(false)
})

/** All that its iterator yields. */
async function entriesOf(keyv: { readonly iterator?: unknown }): Promise<Map<unknown, unknown>> {
  const { iterator } = keyv as { iterator: () => AsyncIterable<readonly unknown[]> }
  const entries = new Map<unknown, unknown>()
  for await (const [key, value] of iterator.call(keyv)) entries.set(key, value)
  return entries
}
