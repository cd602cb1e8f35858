import { describe, expect, test } from 'vitest'
import type { CollectionOptions } from '../contracts/collection.ts'
import { ConfigError } from '../contracts/errors.ts'
import type { WriteEvent } from '../contracts/events.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { FakeClock } from '../testing/fake-clock.ts'

function setup() {
  const clock = new FakeClock()
  const shared = memoryTier()
  const open = (defaults = {}) =>
    createCache({ name: 'shop', shared, defaults: { jitter: 0, ...defaults } }, { clock })
  return { clock, open, cache: open() }
}

const source = (key: string | number): string => `row ${key}`

describe('a collection', () => {
  test('is declared once: a second of its name is refused', () => {
    const { cache } = setup()
    expect(cache.collection('thing', { source }).name).toBe('thing')
    expect(() => cache.collection('thing', { source })).toThrow(ConfigError)
    expect(() => cache.collection('thing', { source })).toThrow('no collection of this cache has')
  })

  test.each(['', 'a:b', 'two words', 'x'.repeat(65), 7])('cannot be called %j', (name) => {
    const { cache } = setup()
    expect(() => cache.collection(name as string, { source })).toThrow(ConfigError)
    expect(cache.collection('good', { source }).name).toBe('good')
  })

  test('is one of a thousand at most', () => {
    const { cache } = setup()
    for (let i = 0; i < 1_000; i += 1) cache.collection(`thing-${i}`, { source })
    expect(() => cache.collection('thing-1000', { source })).toThrow('at most 1000 in a cache')
  })

  test('that was refused for its options can be declared with better ones', () => {
    const { cache } = setup()
    const bad = (options: Partial<CollectionOptions<number, string>>): (() => void) => {
      return () => void cache.collection('thing', { source, ...options })
    }
    expect(bad({ ttl: -1 })).toThrow('collection(thing).ttl')
    expect(bad({ version: -1 })).toThrow('collection(thing).version')
    expect(bad({ timeouts: { hard: 0 } })).toThrow('collection(thing).timeouts.hard')
    expect(bad({ write: { put: 'behind' } })).toThrow('collection(thing).store')
    expect(cache.collection('thing', { source }).name).toBe('thing')
  })

  test('holds its own keys: another of the same text is another entry', async () => {
    const { cache } = setup()
    const [one, two] = [
      cache.collection<string | number, string>('one', { source: (key) => `one ${key}` }),
      cache.collection<string | number, string>('two', { source: (key) => `two ${key}` }),
    ]
    await cache.set('1', 'plain')
    const found = [await one.get('1'), await one.get(1), await two.get('1'), await cache.get('1')]
    expect(found).toEqual(['one 1', 'one 1', 'two 1', 'plain'])
    await one.delete('1')
    expect([await one.peek('1'), await one.peek(1)]).toEqual([undefined, 'one 1'])
    expect([await two.peek('1'), await cache.get('1')]).toEqual(['two 1', 'plain'])
  })

  test('lives by its own options, then by those of the cache', async () => {
    const { open } = setup()
    const cache = open({ ttl: '10m' })
    const [own, inherited] = [
      cache.collection('own', { source, ttl: '1m' }),
      cache.collection('inherited', { source }),
    ]
    await Promise.all([own.get('a'), inherited.get('a')])
    expect([await own.ttl('a'), await inherited.ttl('a')]).toEqual([60_000, 600_000])
  })

  test('holds copies of the shared tier for a minute, or as long as it says', async () => {
    const { cache, clock } = setup()
    const [own, inherited] = [
      cache.collection('own', { source, memoryTtl: '2m', ttl: '1h' }),
      cache.collection('inherited', { source, ttl: '1h' }),
    ]
    await Promise.all([own.get('a'), inherited.get('a')])
    await clock.advance(60_000)
    expect(await own.read('a')).toMatchObject({ tier: 'memory' })
    expect(await inherited.read('a')).toMatchObject({ tier: 'shared' })
    await clock.advance(60_000)
    expect(await own.read('a')).toMatchObject({ tier: 'shared' })
  })

  test('alone in its process holds its entries for their whole life', async () => {
    const clock = new FakeClock()
    const cache = createCache({ name: 'shop', defaults: { jitter: 0 } }, { clock })
    const things = cache.collection('thing', { source, ttl: '1h' })
    await things.get('a')
    await clock.advance(3_599_999)
    expect(await things.peek('a')).toBe('row a')
    await clock.advance(1)
    expect(await things.peek('a')).toBeUndefined()
  })

  test('has all the calls of plain keys, each over its own entries', async () => {
    const { cache, clock } = setup()
    const things = cache.collection<string, string>('thing', { source, ttl: '1m' })
    await cache.set('a', 'plain')
    expect(await things.getMany(['a', 'b'])).toEqual(
      new Map([
        ['a', 'row a'],
        ['b', 'row b'],
      ]),
    )
    expect([await things.has('a'), await things.has('c')]).toEqual([true, false])
    expect(await things.touch('a', '1h')).toBe(true)
    expect(await things.inspect('a')).toMatchObject({ tiers: ['memory', 'shared'], tags: [] })
    const keys: string[] = []
    for await (const key of things.keys()) keys.push(key)
    expect(keys.sort()).toEqual(['a', 'b'])
    await things.expire('b')
    expect(await things.peek('b')).toBeUndefined()
    expect(await things.refresh('b')).toBe('row b')
    expect(await things.invalidatePattern('a*')).toMatchObject({ state: 'done' })
    expect([await things.peek('a'), await things.peek('b')]).toEqual([undefined, 'row b'])
    expect(await things.deleteMany(['b', 'c'])).toMatchObject({ succeeded: 2, state: 'done' })
    await things.get('a')
    expect(await things.clear()).toMatchObject({ state: 'done' })
    expect([await things.peek('a'), await cache.get('a')]).toEqual([undefined, 'plain'])
    await clock.settle()
  })

  test('hands out a value that has more tags than an entry may, and keeps it nowhere', async () => {
    const { cache } = setup()
    const lists = cache.collection<string, readonly string[]>('list', {
      source: (key) => Array.from({ length: Number(key) }, (_, at) => `member-${at}`),
      tagsOf: (members) => members,
    })
    const failed: WriteEvent[] = []
    cache.on('write', (event) => failed.push(event))
    expect(await lists.get('64')).toHaveLength(64)
    for (let read = 0; read < 2; read += 1) expect(await lists.get('65')).toHaveLength(65)
    expect(failed).toMatchObject([
      { kind: 'fill', outcome: 'failed', error: { field: 'tagsOf' } },
      { kind: 'fill', outcome: 'failed' },
    ])
    expect(await lists.inspect('64')).toBeDefined()
    expect(await lists.inspect('65')).toBeUndefined()
  })

  test('of a cache that is closed cannot be declared', async () => {
    const { cache } = setup()
    await cache.close()
    expect(() => cache.collection('thing', { source })).toThrow('is closed')
  })

  test('whose keys are pinned to what is no pin refuses these keys', async () => {
    const { cache } = setup()
    for (const pin of [7, '\ud800', 'x'.repeat(513)]) {
      const name = `pinned-${typeof pin}-${String(pin).length}`
      const things = cache.collection(name, { source, shardBy: () => pin as string })
      await expect(things.get('a')).rejects.toMatchObject({ field: 'shardBy' })
    }
    const fine = cache.collection('pinned', { source, shardBy: () => 'x'.repeat(512) })
    expect(await fine.get('a')).toBe('row a')
  })
})
