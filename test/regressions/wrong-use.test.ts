/**
 * Wrong use, as it comes from JavaScript or a parsed file. Before these tests it passed in silence (a
 * misspelt option, rows under keys of another type, a store that answers nonsense), or ended in a bare
 * TypeError.
 */

import { describe, expect, onTestFinished, test } from 'vitest'
import { type Cache, type CollectionOptions, createCache } from '../../src/index.ts'
import { memoryTier } from '../../src/memory/index.ts'

const make = (options: unknown) => () => createCache(options as never)
const collect = (cache: Cache, options: unknown) => () =>
  cache.collection('thing', options as CollectionOptions<number, unknown>)
const load = () => 1

describe('an option', () => {
  test.each<[unknown, string]>([
    [undefined, 'options'],
    [{ name: 'a', ttl: '5m' }, 'ttl'],
    [{ name: 'a', memory: { max: 5 } }, 'memory.max'],
    [{ name: 'a', defaults: { timeToLive: '5m' } }, 'defaults.timeToLive'],
    [{ name: 'a', defaults: { timeouts: { soon: 1 } } }, 'defaults.timeouts.soon'],
    [{ name: 'a', shared: 'cache.db' }, 'shared'],
    [{ name: 'a', shared: {} }, 'shared'],
    [{ name: 'a', logger: null }, 'logger'],
    [{ name: 'a', logger: { warn: () => {} } }, 'logger'],
  ])('of a cache that cannot be is refused by name: %o', (options, field) => {
    expect(make(options)).toThrow(expect.objectContaining({ code: 'config', field }))
  })

  test.each<[unknown, string]>([
    [undefined, 'collection(thing)'],
    [{ source: load, tagOf: () => [] }, 'collection(thing).tagOf'],
    [{ source: load, timeouts: { timeout: 50 } }, 'collection(thing).timeouts.timeout'],
    [{ source: load, tagsOf: ['a'] }, 'collection(thing).tagsOf'],
    [{ source: load, schema: {} }, 'collection(thing).schema'],
  ])('of a collection that cannot be is refused by name: %o', async (options, field) => {
    await using cache = createCache({ name: 'wrong' })
    expect(collect(cache, options)).toThrow(expect.objectContaining({ code: 'config', field }))
  })
})

describe('a call', () => {
  const refused = (field: string) => expect.objectContaining({ code: 'argument', field })

  test('with a promise for a value says that it is one', async () => {
    await using cache = createCache({ name: 'wrong' })
    const setting = cache.set('a', Promise.resolve(1))
    await expect(setting).rejects.toThrow('await it first')
    expect(await cache.has('a')).toBe(false)
  })

  test('without a loader is refused by name', async () => {
    await using cache = createCache({ name: 'wrong' })
    await expect(cache.getOrLoad('a', undefined as never)).rejects.toEqual(refused('load'))
  })

  test('to a source whose rows come under keys of another type fails, and is no "not found"', async () => {
    await using cache = createCache({ name: 'wrong', defaults: { negativeTtl: '1m' } })
    const things = cache.collection<number, string>('thing', {
      source: { loadMany: (ids) => new Map(ids.map((id) => [String(id) as never, 'row'])) },
    })
    await expect(things.get(1)).rejects.toEqual(refused('loadMany of thing'))
    expect(await things.inspect(1)).toBe(undefined)
  })

  test('to a source that finds a part of the keys, or nothing at all, is no mistake', async () => {
    await using cache = createCache({ name: 'wrong' })
    const things = cache.collection<number, string>('thing', {
      source: { loadMany: (ids) => new Map(ids.filter((id) => id === 1).map((id) => [id, 'row'])) },
    })
    expect([...(await things.getMany([1, 2]))]).toEqual([[1, 'row']])
    expect(await things.get(2)).toBe(undefined)
  })

  test.each([{ kind: 'ok' }, undefined, 'applied'])(
    'that a store answers with %o has not written',
    async (outcome) => {
      await using cache = createCache({ name: 'wrong' })
      const things = cache.collection<number, string>('thing', {
        store: { fencing: 'unfenced', load: () => 'row', apply: async () => [outcome as never] },
      })
      await expect(things.put(1, 'new')).rejects.toMatchObject({ code: 'argument' })
      await expect(things.put(1, undefined as never)).rejects.toEqual(refused('value'))
    },
  )
})

test.each([undefined, memoryTier()])(
  'a loaded function is handed out and not kept, with %o',
  async (tier) => {
    const logger = { warn: () => {}, error: () => {} }
    const cache = createCache({ name: 'shop', logger, ...(tier && { shared: tier }) })
    let loads = 0
    const load = (): (() => number) => {
      loads += 1
      return () => 1
    }
    for (let read = 0; read < 2; read += 1) expect((await cache.getOrLoad('f', load))()).toBe(1)
    expect(loads).toBe(2)
    expect(await cache.has('f')).toBe(false)
    await cache.close()
  },
)

test('without a logger, a loaded value that cannot become bytes is warned of', async () => {
  const warned: string[] = []
  const listen = (warning: Error): void => void warned.push(warning.message)
  process.on('warning', listen)
  onTestFinished(() => void process.off('warning', listen))
  await using cache = createCache({ name: 'wrong', shared: memoryTier() })
  expect(await cache.getOrLoad('a', () => new Map([[1, 2]]))).toEqual(new Map([[1, 2]]))
  await new Promise(setImmediate)
  expect(warned.join()).toContain('a loaded value cannot be kept')
})
