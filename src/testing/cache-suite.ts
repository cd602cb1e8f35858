/**
 * What every cache does, whichever tiers it has: in-process alone, shared alone, or both.
 *
 * Run by `test/contract/cache.test.ts` over each tier. A subject opens caches on a clock that the
 * case moves; each case gets a subject of its own.
 */

import assert from 'node:assert/strict'
import type { CacheSubject } from './cache-subject.ts'
import { collectionCases } from './collection-cases.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { loadCases } from './load-cases.ts'
import { rejection } from './rejection.ts'
import { withCache } from './with-cache.ts'

type Case = ConformanceCase<CacheSubject>

const FALSY: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['0', 0],
  ['-0', -0],
  ['the empty text', ''],
  ['false', false],
  ['NaN', Number.NaN],
  ['0n', 0n],
]

const HOSTILE_KEYS: readonly string[] = [
  '',
  ' ',
  'a\nb',
  'a\r\nSET x 1\r\n',
  '*',
  '?',
  '[a-z]',
  '\\',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'a:b',
  ':',
  's1:a',
  '{shop/0}',
  '\u0000',
  "'; DROP TABLE entries; --",
  'ключ',
  '🦅',
  'x'.repeat(8192),
]

const HOSTILE_TTLS: readonly unknown[] = [
  0,
  -1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.MAX_SAFE_INTEGER,
  '5',
  '5 minutes',
  '-5m',
  '',
  null,
  {},
]

const values: readonly Case[] = [
  withCache('a value that was set is read', async (cache) => {
    await cache.set('a', { n: 1 })
    assert.deepEqual(await cache.get('a'), { n: 1 })
    assert.equal(await cache.get('b'), undefined)
  }),
  ...FALSY.map(([word, value]) =>
    withCache(`${word} is a value like any other`, async (cache) => {
      await cache.set('a', value)
      assert.ok(Object.is(await cache.get('a'), value))
      assert.equal(await cache.has('a'), true)
      let loads = 0
      const loaded = await cache.getOrLoad('a', () => {
        loads += 1
        return 'loaded'
      })
      assert.ok(Object.is(loaded, value))
      assert.equal(loads, 0)
      const reading = await cache.read('a')
      assert.ok(reading.found && Object.is(reading.value, value))
      assert.equal((await cache.getMany(['a'])).size, 1)
    }),
  ),
  withCache('hostile keys are keys like any other', async (cache) => {
    for (const [index, key] of HOSTILE_KEYS.entries()) await cache.set(key, index)
    for (const [index, key] of HOSTILE_KEYS.entries()) assert.equal(await cache.get(key), index)
    assert.equal((await cache.getMany(HOSTILE_KEYS)).size, HOSTILE_KEYS.length)
    const listed = new Set<string>()
    for await (const key of cache.keys()) listed.add(key)
    assert.deepEqual([...listed].sort(), [...HOSTILE_KEYS].sort())
    for (const key of HOSTILE_KEYS) assert.equal((await cache.delete(key)).found, true)
    for (const key of HOSTILE_KEYS) assert.equal(await cache.has(key), false)
  }),
  withCache('a key that cannot be one is refused by name, and nothing is stored', async (cache) => {
    const refused: unknown[] = ['x'.repeat(100_000), '\ud800', undefined, null, {}, Number.NaN, []]
    for (const key of refused as string[]) {
      for (const work of [
        () => cache.set(key, 1),
        () => cache.get(key),
        () => cache.getOrLoad(key, () => 1),
        () => cache.delete(key),
        () => cache.touch(key),
        () => cache.inspect(key),
      ]) {
        const error = await rejection(work())
        assert.equal(error.code, 'argument', `${typeof key} ${error.message}`)
        assert.equal(error.field, 'key')
      }
    }
    const report = await cache.deleteMany(refused as string[])
    assert.equal(report.failed.length, refused.length)
  }),
  withCache('a life that cannot be is refused by name, and the old value stays', async (cache) => {
    await cache.set('a', 'old')
    for (const ttl of HOSTILE_TTLS as never[]) {
      const error = await rejection(cache.set('a', 'new', { ttl }))
      assert.equal(error.code, 'argument', String(ttl))
      assert.equal(error.field, 'ttl')
    }
    assert.equal(await cache.get('a'), 'old')
    for (const [field, value] of [
      ['grace', -1],
      ['jitter', 2],
      ['size', Number.NaN],
      ['priority', 'urgent'],
      ['expiresAt', Number.NaN],
      ['tags', 'red'],
      ['renewal', 'often'],
    ] as const) {
      const error = await rejection(cache.set('a', 'new', { [field]: value }))
      assert.equal(error.field, field)
    }
  }),
  withCache('a life with a fraction is a life', async (cache, { advance }) => {
    await cache.set('a', 1, { ttl: 5333.3 })
    assert.equal(await cache.get('a'), 1)
    await advance(5300)
    assert.equal(await cache.get('a'), 1)
    await advance(100)
    assert.equal(await cache.get('a'), undefined)
  }),
  withCache('what is no value is refused by name', async (cache) => {
    for (const value of [undefined, () => 1, Symbol('s')]) {
      const error = await rejection(cache.set('a', value))
      assert.equal(error.field, 'value')
    }
    assert.equal(await cache.has('a'), false)
  }),
]

const batches: readonly Case[] = [
  withCache('setMany stores 997 of 1,000 and names the three', async (cache) => {
    const entries = Array.from({ length: 1000 }, (_, i): [string, unknown] => [`k${i}`, i])
    entries[7] = ['k7', undefined]
    entries[500] = ['k500', () => 1]
    entries[999] = ['k999', Symbol('s')]
    const report = await cache.setMany(entries)
    assert.equal(report.succeeded, 997)
    assert.deepEqual(report.failed.map(({ key }) => key).sort(), ['k500', 'k7', 'k999'])
    assert.ok(report.durationMs >= 0)
    const found = await cache.getMany(entries.map(([key]) => key))
    assert.equal(found.size, 997)
    assert.equal(found.get('k998'), 998)
  }),
  withCache('deleteMany removes what it names and nothing else', async (cache) => {
    await cache.setMany([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ])
    const report = await cache.deleteMany(['a', 'c', 'nobody'])
    assert.equal(report.succeeded, 3)
    assert.deepEqual([...(await cache.getMany(['a', 'b', 'c']))], [['b', 2]])
  }),
  withCache(
    'of one key twice in a batch, a reader sees one value and the last wins',
    async (cache) => {
      await cache.setMany([
        ['a', 1],
        ['a', 2],
      ])
      assert.equal(await cache.get('a'), 2)
    },
  ),
]

const lives: readonly Case[] = [
  withCache('an entry is gone when its life is over', async (cache, { advance }) => {
    await cache.set('a', 1, { ttl: '10s' })
    await advance(9_999)
    assert.equal(await cache.get('a'), 1)
    await advance(1)
    assert.equal(await cache.get('a'), undefined)
    assert.equal(await cache.has('a'), false)
    assert.equal(await cache.ttl('a'), undefined)
  }),
  withCache(
    'an absolute end ends it, and the earlier of two ends counts',
    async (cache, { advance, now: wall }) => {
      const now = wall()
      await cache.set('a', 1, { ttl: '10m', expiresAt: now + 5_000 })
      await cache.set('b', 1, { ttl: '2s', expiresAt: new Date(now + 5_000) })
      await advance(2_000)
      assert.equal(await cache.get('b'), undefined)
      assert.equal(await cache.get('a'), 1)
      await advance(3_000)
      assert.equal(await cache.get('a'), undefined)
      const error = await rejection(cache.set('c', 1, { expiresAt: now }))
      assert.equal(error.field, 'expiresAt')
    },
  ),
  withCache('an entry without an end stays', async (cache, { advance }) => {
    await cache.set('a', 1, { ttl: 'none' })
    await advance(1_200_000)
    assert.equal(await cache.get('a'), 1)
    assert.equal(await cache.ttl('a'), Number.POSITIVE_INFINITY)
  }),
  withCache('a sliding life is renewed by reads', async (cache, { advance }) => {
    await cache.set('a', 1, { ttl: '10s', renewal: 'sliding' })
    for (let i = 0; i < 8; i += 1) {
      await advance(6_000)
      assert.equal(await cache.get('a'), 1, `read ${i}`)
      await advance(1)
    }
    await advance(10_000)
    assert.equal(await cache.get('a'), undefined)
  }),
  withCache(
    'a sliding life ends at its absolute limit, whatever is read',
    async (cache, { advance, now: wall }) => {
      const now = wall()
      await cache.set('a', 1, { ttl: '10s', renewal: 'sliding', expiresAt: now + 25_000 })
      for (let i = 0; i < 4; i += 1) {
        await advance(6_000)
        assert.equal(await cache.get('a'), 1, `read ${i}`)
      }
      await advance(1_000)
      assert.equal(await cache.get('a'), undefined)
    },
  ),
  withCache(
    'touch gives a new life, and tells when there is nothing to touch',
    async (cache, { advance }) => {
      await cache.set('a', 1, { ttl: '10s' })
      await advance(8_000)
      assert.equal(await cache.touch('a'), true)
      await advance(8_000)
      assert.equal(await cache.get('a'), 1)
      assert.equal(await cache.touch('a', '1m'), true)
      assert.equal(await cache.ttl('a'), 60_000)
      await advance(60_000)
      assert.equal(await cache.touch('a'), false)
      assert.equal(await cache.touch('nobody'), false)
      assert.equal((await rejection(cache.touch('a', 0))).field, 'ttl')
    },
  ),
  withCache('expire ends freshness and leaves grace', async (cache, { advance }) => {
    await cache.set('a', 'old', { ttl: '1m', grace: '1m' })
    await cache.expire('a')
    assert.equal(await cache.get('a'), undefined)
    assert.equal(await cache.ttl('a'), 0)
    const failing = cache.getOrLoad('a', () => Promise.reject(new Error('down')))
    assert.equal(await failing, 'old')
    await advance(61_000)
    await rejection(cache.getOrLoad('a', () => Promise.reject(new Error('down'))))
  }),
  withCache('inspect shows one entry', async (cache, { advance }) => {
    assert.equal(await cache.inspect('a'), undefined)
    await cache.getOrLoad('a', () => ({ n: 1 }), { ttl: '1m', grace: '1m', tags: ['red', 'blue'] })
    await advance(5_000)
    const seen = await cache.inspect('a')
    assert.equal(seen?.ageMs, 5_000)
    assert.deepEqual([...(seen?.tags ?? [])].sort(), ['blue', 'red'])
    assert.equal((seen?.graceUntil ?? 0) - (seen?.freshUntil ?? 0), 60_000)
    assert.ok((seen?.sizeBytes ?? 0) > 0)
    assert.ok((seen?.tiers.length ?? 0) > 0)
    assert.equal(typeof seen?.loadMs, 'number')
  }),
]

const removals: readonly Case[] = [
  withCache('delete removes one key and tells whether it was there', async (cache) => {
    await cache.set('a', 1)
    const [first, second] = [await cache.delete('a'), await cache.delete('a')]
    assert.deepEqual([first.state, first.found], ['done', true])
    assert.deepEqual([second.state, second.found], ['done', false])
    assert.equal(await cache.get('a'), undefined)
  }),
  withCache(
    'a tag takes its entries and no others, however often they were read',
    async (cache) => {
      await cache.set('a', 1, { tags: ['red'] })
      await cache.set('b', 2, { tags: ['red', 'blue'] })
      await cache.set('c', 3, { tags: ['blue'] })
      await cache.set('d', 4)
      for (let i = 0; i < 3; i += 1) await cache.getMany(['a', 'b', 'c', 'd'])
      await cache.invalidateTags(['red'])
      assert.deepEqual(
        [...(await cache.getMany(['a', 'b', 'c', 'd']))],
        [
          ['c', 3],
          ['d', 4],
        ],
      )
      await cache.set('a', 5, { tags: ['red'] })
      assert.equal(await cache.get('a'), 5)
      await cache.invalidateTags(['blue', 'red'])
      assert.deepEqual([...(await cache.getMany(['a', 'b', 'c', 'd']))], [['d', 4]])
    },
  ),
  withCache('a tag may be called like anything', async (cache) => {
    for (const tag of ['__proto__', 'a\nb', '*', 'constructor']) {
      await cache.set('a', 1, { tags: [tag] })
      await cache.invalidateTags([tag])
      assert.equal(await cache.get('a'), undefined, tag)
    }
    assert.equal((await rejection(cache.invalidateTags(['']))).field, 'tags[0]')
    assert.equal((await rejection(cache.invalidateTags(['\ud800']))).field, 'tags[0]')
  }),
  withCache('a removed tag leaves no grace', async (cache) => {
    await cache.set('a', 'old', { ttl: '1m', grace: '1h', tags: ['red'] })
    await cache.invalidateTags(['red'])
    await rejection(cache.getOrLoad('a', () => Promise.reject(new Error('down'))))
  }),
  withCache('clear empties everything, and a collection clears itself alone', async (cache) => {
    const one = cache.collection('one', { source: () => undefined })
    const two = cache.collection<string, string>('two', { source: (key) => `two ${key}` })
    await cache.set('a', 1)
    await two.get('a')
    await one.clear()
    assert.equal(await cache.get('a'), 1)
    assert.equal(await two.peek('a'), 'two a')
    await two.clear()
    assert.equal(await two.peek('a'), undefined)
    assert.equal(await cache.get('a'), 1)
    await two.get('a')
    await cache.clear()
    assert.equal(await cache.get('a'), undefined)
    assert.equal(await two.peek('a'), undefined)
  }),
  withCache('keys lists what is there, by pattern', async (cache) => {
    await cache.setMany([
      ['page:1', 1],
      ['page:2', 2],
      ['page:*', 3],
      ['other', 4],
    ])
    const list = async (pattern?: string): Promise<string[]> => {
      const keys: string[] = []
      for await (const key of cache.keys(pattern)) keys.push(key)
      return keys.sort()
    }
    assert.deepEqual(await list('page:?'), ['page:*', 'page:1', 'page:2'])
    assert.deepEqual(await list('page:\\*'), ['page:*'])
    assert.deepEqual(await list('page:[1-9]'), ['page:1', 'page:2'])
    assert.equal((await list()).length, 4)
    await cache.delete('other')
    assert.equal((await list()).length, 3)
  }),
]

/** Everything that holds for every cache. */
export const cacheSuite: readonly Case[] = [
  ...values,
  ...batches,
  ...lives,
  ...removals,
  ...collectionCases,
  ...loadCases,
]
