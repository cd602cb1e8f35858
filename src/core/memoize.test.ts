import { describe, expect, test } from 'vitest'
import { ArgumentError, ClosedError, ConfigError } from '../contracts/errors.ts'
import type { MemoizeOptions } from '../contracts/memoize.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { FakeClock } from '../testing/fake-clock.ts'

type Options = Omit<MemoizeOptions<[string, number?], string[]>, 'name'>

function setup(options: Options = {}, defaults = {}) {
  const clock = new FakeClock()
  const shared = memoryTier()
  const calls: unknown[][] = []
  const find = async (...args: [words: string, page?: number]): Promise<string[]> => {
    calls.push(args)
    return [...args.map(String)]
  }
  const open = () => {
    const given = { name: 'shop', shared, defaults: { jitter: 0, ...defaults } }
    const cache = createCache(given, { clock })
    return { cache, search: cache.memoize(find, { name: 'search', ...options }) }
  }
  return { clock, calls, open, ...open() }
}

describe('a memoized function', () => {
  test('is called once for the same arguments, and once for each other', async () => {
    const { search, calls } = setup()
    expect(await search('lamp', 1)).toEqual(['lamp', '1'])
    expect(await search('lamp', 1)).toEqual(['lamp', '1'])
    await search('lamp', 2)
    await search('lamp')
    expect(calls).toEqual([['lamp', 1], ['lamp', 2], ['lamp']])
  })

  test('is called once for all who ask at the same time', async () => {
    const { search, calls } = setup()
    await Promise.all(Array.from({ length: 100 }, () => search('lamp')))
    expect(calls).toHaveLength(1)
  })

  test('shares its answers with the other instances', async () => {
    const { search, calls, open } = setup()
    await search('lamp', 1)
    expect(await open().search('lamp', 1)).toEqual(['lamp', '1'])
    expect(calls).toHaveLength(1)
  })

  test('is called again after its life, and after its answer was forgotten', async () => {
    const { search, calls, clock } = setup({ ttl: '1m' })
    await Promise.all([search('lamp'), search('chair')])
    expect(await search.forget('lamp')).toMatchObject({ state: 'done', found: true })
    await Promise.all([search('lamp'), search('chair')])
    expect(calls).toEqual([['lamp'], ['chair'], ['lamp']])
    await clock.advance(60_000)
    await search('chair')
    expect(calls).toHaveLength(4)
  })

  test('forgets for every instance, all of it at once if asked', async () => {
    const { search, calls, open, clock } = setup()
    const { search: other } = open()
    await Promise.all([search('lamp'), search('chair')])
    await Promise.all([other('lamp'), other('chair')])
    await search.forgetAll()
    await clock.settle()
    await Promise.all([other('lamp'), other('chair')])
    expect(calls).toHaveLength(4)
  })

  test('does not keep an answer that was forgotten while it was made', async () => {
    const { cache } = setup()
    const gate = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    let answer = 'old'
    const price = cache.memoize(
      async () => {
        begun.resolve()
        const read = answer
        await gate.promise
        return read
      },
      { name: 'price' },
    )
    const first = price()
    await begun.promise
    answer = 'new'
    await price.forget()
    gate.resolve()
    expect(await first).toBe('old')
    expect(await price()).toBe('new')
  })

  test('goes by a key of its own, which need not be made of plain data', async () => {
    const { cache } = setup()
    let calls = 0
    const host = cache.memoize(
      (url: URL) => {
        calls += 1
        return url.host
      },
      { name: 'host', key: (url) => url.host },
    )
    expect(await host(new URL('http://a.example/one'))).toBe('a.example')
    expect(await host(new URL('http://a.example/two'))).toBe('a.example')
    expect(calls).toBe(1)
    await host.forget(new URL('http://a.example/three'))
    await host(new URL('http://a.example/two'))
    expect(calls).toBe(2)
  })

  test('refuses arguments that cannot be told apart, and is not called', async () => {
    let calls = 0
    const { cache } = setup()
    const run = cache.memoize(
      (_: unknown) => {
        calls += 1
      },
      { name: 'run' },
    )
    await expect(run(() => 1)).rejects.toThrow(ArgumentError)
    await expect(run(new URL('http://a.example'))).rejects.toThrow('`arguments[0]`')
    await expect(run.forget(Symbol('a'))).rejects.toThrow(ArgumentError)
    expect(calls).toBe(0)
  })

  test('gives its answers tags: its own, those of the cache, and those of the answer', async () => {
    const tagsOf: NonNullable<Options['tagsOf']> = (value, words) => [`${words}:${value.length}`]
    for (const tag of ['searches', 'all', 'lamp:2']) {
      const { cache, search, calls } = setup({ tags: ['searches'], tagsOf }, {})
      await search('lamp', 1)
      await cache.invalidateTags([tag])
      await search('lamp', 1)
      expect(calls).toHaveLength(tag === 'all' ? 1 : 2)
    }
    const { cache, search, calls } = setup({ tagsOf }, { tags: ['all'] })
    await search('lamp', 1)
    await cache.invalidateTags(['all'])
    await search('lamp', 1)
    expect(calls).toHaveLength(2)
  })

  test('throws what the function throws, and keeps none of it', async () => {
    const { cache } = setup()
    let calls = 0
    const fails = cache.memoize(
      () => {
        calls += 1
        throw new Error(`call ${calls}`)
      },
      { name: 'fails' },
    )
    await expect(fails()).rejects.toThrow('call 1')
    await expect(fails()).rejects.toThrow('call 2')
  })

  test('that answers undefined has found nothing: kept where an absence is', async () => {
    const { cache } = setup()
    const calls = { kept: 0, asked: 0 }
    const count = (which: 'kept' | 'asked') => (): undefined => {
      calls[which] += 1
      return undefined
    }
    const kept = cache.memoize(count('kept'), { name: 'kept', negativeTtl: '1m' })
    const asked = cache.memoize(count('asked'), { name: 'asked' })
    expect(await kept()).toBeUndefined()
    await kept()
    await asked()
    await asked()
    expect(calls).toEqual({ kept: 1, asked: 2 })
  })

  test('is a collection of the cache, whose keys read as the arguments do', async () => {
    const { cache, search } = setup({ ttl: '7m', workload: 'read-heavy' })
    await search('lamp', 2)
    const collection = cache.collections.get('search')
    const keys: unknown[] = []
    for await (const key of collection?.keys() ?? []) keys.push(key)
    expect(keys).toEqual(['"lamp",2'])
    // Whoever has only a key cannot call the function.
    expect(await collection?.get('"lamp",2')).toEqual(['lamp', '2'])
    expect(await collection?.get('"chair",1')).toBeUndefined()
    const { patterns } = await cache.stats()
    expect(patterns.find(({ pattern }) => pattern === 'search:*')?.workload).toBe('read-heavy')
  })

  test.each([
    ['a name that is taken', 'search', {}],
    ['a name that is none', 'a b', {}],
    ['a life that is none', 'other', { ttl: -1 }],
    ['an option that does not exist', 'other', { lifetime: '1m' }],
    ['a source, which it is itself', 'other', { source: () => 1 }],
    ['a store', 'other', { store: {} }],
    ['warming, which knows keys and no arguments', 'other', { warm: { hot: 'on' } }],
    ['a key that is no function', 'other', { key: 'id' }],
    ['tags that are no function', 'other', { tagsOf: ['a'] }],
  ])('refuses %s', (_, name, options) => {
    const { cache } = setup()
    expect(() => cache.memoize(() => 1, { name, ...(options as object) })).toThrow(ConfigError)
  })

  test('refuses what is no function, a key that is no text, and a cache that is closed', async () => {
    const { cache, search } = setup()
    expect(() => cache.memoize('fn' as never, { name: 'a' })).toThrow(ConfigError)
    const wrong = cache.memoize((_: number) => 1, { name: 'b', key: (n) => n as never })
    await expect(wrong(7)).rejects.toThrow('answers text')
    await cache.close()
    expect(() => cache.memoize(() => 1, { name: 'c' })).toThrow(ClosedError)
    await expect(search('lamp')).rejects.toThrow(ClosedError)
  })
})
