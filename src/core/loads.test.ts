import { describe, expect, test } from 'vitest'
import type { CacheKey, Source } from '../contracts/source.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { type LoadRequest, loadOne, sourceLoads } from './loads.ts'
import { DEFAULT_ENTRY_OPTIONS } from './resolve-entry-options.ts'
import { SourceGauge } from './source-gauge.ts'

function request(key: CacheKey, changes: Partial<LoadRequest> = {}): LoadRequest {
  const { signal } = new AbortController()
  return { key, signal, previous: undefined, base: DEFAULT_ENTRY_OPTIONS, ...changes }
}

function setup(source: Source<CacheKey, unknown>, concurrency = 64) {
  const clock = new FakeClock()
  return {
    clock,
    load: sourceLoads({
      name: 'thing',
      source,
      batchSize: 2,
      clock,
      gauge: new SourceGauge({ name: 'thing', clock, concurrency }),
      askedFor: 'readers',
      breaker: undefined,
    }),
  }
}

describe('a loader', () => {
  test('gets the key, the value before, and a signal', async () => {
    const seen: unknown[] = []
    const { signal } = new AbortController()
    const load = loadOne(new FakeClock(), (key, context) => {
      seen.push(key, context.key, context.previous, context.signal === signal)
      return 'new'
    })
    const loaded = await load(request('a', { signal, previous: { etag: undefined, value: 'old' } }))
    expect(seen).toEqual(['a', 'a', { value: 'old' }, true])
    expect(loaded).toEqual({
      value: 'new',
      keep: true,
      options: DEFAULT_ENTRY_OPTIONS,
      durationMs: 0,
    })
  })

  test('is timed alone', async () => {
    const clock = new FakeClock()
    const load = loadOne(
      clock,
      () => new Promise((resolve) => void clock.schedule(70, () => resolve(1))),
    )
    const loading = load(request('a'))
    await clock.advance(70)
    expect(await loading).toMatchObject({ durationMs: 70 })
  })

  test('may say once by what its value lives, over what was declared', async () => {
    const base = { ...DEFAULT_ENTRY_OPTIONS, tags: ['declared'], size: 3 }
    const deciding = loadOne(new FakeClock(), (_, context) => {
      context.options({ ttl: '1s', tags: ['own'] })
      return 1
    })
    const loaded = await deciding(request('a', { base }))
    expect(loaded.options).toMatchObject({ ttlMs: 1_000, tags: ['declared', 'own'], size: 3 })

    const twice = loadOne(new FakeClock(), (_, context) => {
      context.options({ ttl: '1s' })
      context.options({ ttl: '2s' })
    })
    await expect(twice(request('a'))).rejects.toMatchObject({ field: 'context.options' })
    const wrong = loadOne(
      new FakeClock(),
      (_, context) => context.options({ size: -1 }) as undefined,
    )
    await expect(wrong(request('a'))).rejects.toMatchObject({ field: 'context.options.size' })
  })

  test('may say that its value is not to be kept', async () => {
    const load = loadOne(new FakeClock(), (_, context) => context.uncached('for now'))
    expect(await load(request('a'))).toMatchObject({ value: 'for now', keep: false })
  })

  test('of a source keeps its `this`', async () => {
    class Rows implements Source<CacheKey, unknown> {
      readonly rows = new Map<CacheKey, unknown>([['a', 1]])
      load(key: CacheKey): unknown {
        return this.rows.get(key)
      }
    }
    const { load } = setup(new Rows())
    expect(await load(request('a'))).toMatchObject({ value: 1 })
  })
})

describe('a source with loadMany', () => {
  test('is asked once a tick, in batches, and gives each key its own value', async () => {
    const asked: (readonly CacheKey[])[] = []
    const { load } = setup({
      load: () => expect.fail('loadMany is preferred'),
      loadMany: (keys) => {
        asked.push(keys)
        return new Map(keys.filter((key) => key !== 2).map((key) => [key, `<${key}>`]))
      },
    })
    const loaded = await Promise.all([1, 2, 3].map((key) => load(request(key))))
    expect(loaded.map(({ value }) => value)).toEqual(['<1>', undefined, '<3>'])
    expect(asked).toEqual([[1, 2], [3]])
    expect(loaded.every(({ keep, options }) => keep && options === DEFAULT_ENTRY_OPTIONS)).toBe(
      true,
    )
  })

  test.each([undefined, null, [], {}, 'rows'])(
    'that answers with %j is refused by name',
    async (answer) => {
      const { load } = setup({ loadMany: async () => answer as never })
      await expect(load(request(1))).rejects.toMatchObject({ field: 'loadMany of thing' })
    },
  )

  test('goes on while one of its keys is still wanted', async () => {
    const signals: AbortSignal[] = []
    const held = Promise.withResolvers<ReadonlyMap<CacheKey, unknown>>()
    const { load, clock } = setup({
      loadMany: (_, { signal }) => {
        signals.push(signal)
        return held.promise
      },
    })
    const [one, two] = [new AbortController(), new AbortController()]
    const loading = Promise.all([
      load(request(1, { signal: one.signal })),
      load(request(2, { signal: two.signal })),
    ])
    await clock.settle()
    one.abort(new Error('one'))
    expect(signals[0]?.aborted).toBe(false)
    two.abort(new Error('two'))
    expect(signals[0]?.reason).toEqual(new Error('two'))
    held.resolve(new Map())
    await expect(loading).rejects.toThrow('one')
  })

  test('is not asked for keys that nobody wants any more', async () => {
    const asked: (readonly CacheKey[])[] = []
    const { load } = setup({
      loadMany: (keys) => {
        asked.push(keys)
        return new Map()
      },
    })
    const signal = AbortSignal.abort(new Error('gone'))
    const outcomes = await Promise.allSettled([
      load(request(1, { signal })),
      load(request(2)),
      load(request(3, { signal })),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected'])
    expect(asked).toEqual([[2]])
    await expect(load(request(1, { signal }))).rejects.toThrow('gone')
    expect(asked).toHaveLength(1)
  })
})

test.each(['load', 'loadMany'] as const)(
  'no more calls of %s than allowed are under way',
  async (way) => {
    let running = 0
    let most = 0
    const held: PromiseWithResolvers<void>[] = []
    const call = async (): Promise<void> => {
      running += 1
      most = Math.max(most, running)
      const end = Promise.withResolvers<void>()
      held.push(end)
      await end.promise
      running -= 1
    }
    const { load, clock } = setup(
      way === 'load'
        ? { load: call }
        : {
            loadMany: async () => {
              await call()
              return new Map()
            },
          },
      2,
    )
    const all = Promise.all(Array.from({ length: 10 }, (_, key) => load(request(key))))
    for (let ended = 0; ended < 10; ended += 1) {
      await clock.settle()
      held[ended]?.resolve()
    }
    await all
    expect(most).toBe(2)
  },
)

describe('a bulk load', () => {
  test('whose Map has none of the keys that were asked for is refused: they are of another type', async () => {
    const { load } = setup({ loadMany: async () => new Map<CacheKey, unknown>([['1', 'row']]) })
    await expect(load(request(1))).rejects.toThrow('such as a number')
  })

  test('that finds nothing, or more than was asked for, is taken as it is', async () => {
    const { load } = setup({
      loadMany: async (keys) =>
        new Map<CacheKey, unknown>(
          keys.includes(1)
            ? [
                [1, 'one'],
                [2, 'two'],
              ]
            : [],
        ),
    })
    expect(await load(request(1))).toMatchObject({ value: 'one' })
    expect(await load(request(3))).toMatchObject({ value: undefined })
  })

  test('asks only for keys that somebody still wants, and for none where nobody does', async () => {
    const asked: (readonly CacheKey[])[] = []
    const { load } = setup({
      loadMany: async (keys) => {
        asked.push(keys)
        return new Map(keys.map((key) => [key, `row ${key}`]))
      },
    })
    const gone = { signal: AbortSignal.abort(new Error('enough')) }
    const outcomes = await Promise.allSettled([load(request(1)), load(request(2, gone))])
    expect(outcomes).toMatchObject([
      { status: 'fulfilled', value: { value: 'row 1' } },
      { status: 'rejected', reason: { message: 'enough' } },
    ])
    await expect(load(request(3, gone))).rejects.toThrow('enough')
    expect(asked).toEqual([[1]])
  })
})
