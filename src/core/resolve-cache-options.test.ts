import { describe, expect, test } from 'vitest'
import type { CacheOptions } from '../contracts/cache.ts'
import type { CollectionOptions } from '../contracts/collection.ts'
import { ConfigError } from '../contracts/errors.ts'
import type { SharedTier } from '../contracts/shared-tier.ts'
import { resolveCacheOptions, resolveSource } from './resolve-cache-options.ts'

/** Never opened: what is checked is that it is there. */
const shared = { open: () => ({}) } as unknown as SharedTier
const resolve = (options: object) => resolveCacheOptions({ name: 'shop', ...options })

function refusedField(work: () => unknown): string | undefined {
  try {
    work()
  } catch (error) {
    return error instanceof ConfigError ? error.field : `not a ConfigError: ${error}`
  }
  return undefined
}

describe('cache options', () => {
  test('that are not given are the defaults', () => {
    expect(resolve({})).toMatchObject({
      name: 'shop',
      memory: {
        entries: 10_000,
        bytes: Number.POSITIVE_INFINITY,
        weight: Number.POSITIVE_INFINITY,
        copy: 'share',
        expiryScanMs: 60_000,
        compaction: 0.3,
      },
      entry: { ttlMs: 300_000 },
      timeouts: { softMs: 200, hardMs: 5_000 },
      version: 0,
      sharedTimeoutMs: 200,
      coherence: { maxBlindnessMs: 5_000, whenBlind: 'bypass', mode: { kind: 'push' } },
      summaryEveryMs: undefined,
      slowAfterMs: 100,
      logKeys: 'hash',
    })
  })

  test('that are given as undefined are not given', () => {
    const nothing = {
      memory: { entries: undefined, bytes: undefined, copy: undefined, compaction: undefined },
      defaults: { ttl: undefined, timeouts: { soft: undefined, hard: undefined } },
      version: undefined,
      slowAfter: undefined,
      logKeys: undefined,
      summaryEvery: undefined,
      coherence: undefined,
    }
    expect(resolve(nothing)).toEqual(resolve({}))
  })

  test.each<[object, object]>([
    [{ memory: { entries: 2 ** 24 } }, { memory: { entries: 2 ** 24 } }],
    [{ memory: { bytes: 1, weight: 0.5 + 1 } }, { memory: { bytes: 1, weight: 1.5 } }],
    [{ memory: { copy: 'freeze' } }, { memory: { copy: 'freeze' } }],
    [{ memory: { expiryScan: '5s' } }, { memory: { expiryScanMs: 5_000 } }],
    [{ memory: { compaction: 1 } }, { memory: { compaction: 1 } }],
    [{ memory: 'off', shared }, { memory: undefined }],
    [{ defaults: { ttl: '1s' } }, { entry: { ttlMs: 1_000 } }],
    [{ defaults: { timeouts: { soft: 0 } } }, { timeouts: { softMs: 0, hardMs: 5_000 } }],
    [{ defaults: { timeouts: { hard: '1m' } } }, { timeouts: { softMs: 200, hardMs: 60_000 } }],
    [{ version: 7 }, { version: 7 }],
    [
      { sharedTimeout: '1s', coherence: { maxBlindness: 1, follow: 'poll', pollEvery: '1s' } },
      {
        sharedTimeoutMs: 1_000,
        coherence: {
          maxBlindnessMs: 1,
          whenBlind: 'bypass',
          mode: { kind: 'poll', everyMs: 1_000 },
        },
      },
    ],
    [
      { summaryEvery: '1m', slowAfter: 'off' },
      { summaryEveryMs: 60_000, slowAfterMs: undefined },
    ],
    [{ logKeys: 'shown' }, { logKeys: 'shown' }],
  ])('%o are %o', (options, resolved) => {
    expect(resolve(options)).toMatchObject(resolved)
  })

  test.each<[string, readonly object[]]>([
    ['name', ['', 'a b', 'a:b', 'ä', '{a}', 'x'.repeat(65), 7, null].map((name) => ({ name }))],
    ['memory', [{ memory: null }, { memory: 'on' }, { memory: true }, { memory: 100 }]],
    ['memory.entries', [0, -1, 1.5, 2 ** 24 + 1, null, '10'].map(inMemory('entries'))],
    ['memory.bytes', [0, -1, null, '1MB', Number.POSITIVE_INFINITY].map(inMemory('bytes'))],
    ['memory.weight', [0, null, 'none'].map(inMemory('weight'))],
    ['memory.copy', ['deep', null].map(inMemory('copy'))],
    ['memory.expiryScan', [0, 'off', null].map(inMemory('expiryScan'))],
    ['memory.compaction', [-0.1, 1.1, null].map(inMemory('compaction'))],
    ['defaults.ttl', [{ defaults: { ttl: 0 } }]],
    ['defaults.timeouts.soft', [{ defaults: { timeouts: { soft: -1 } } }]],
    ['defaults.timeouts.hard', [{ defaults: { timeouts: { hard: 0 } } }]],
    ['version', [-1, 0.5, 2 ** 32, '1'].map((version) => ({ version }))],
    ['sharedTimeout', [0, 'off', '1'].map((sharedTimeout) => ({ sharedTimeout }))],
    ['coherence.maxBlindness', [0, 'off'].map((maxBlindness) => ({ coherence: { maxBlindness } }))],
    ['coherence.whenBlind', [{ coherence: { whenBlind: 'never' } }]],
    ['coherence.pollEvery', [{ coherence: { pollEvery: '2s' } }]],
    ['coherence.delivery', [{ coherence: { delivery: 'at-most-once', follow: 'poll' } }]],
    ['coherence.follow', [{ coherence: { follow: 'pull' } }]],
    ['coherence.other', [{ coherence: { other: 1 } }]],
    ['instance', [{ instance: '' }, { instance: 7 }]],
    ['shardBy', [{ shardBy: 'key' }]],
    ['summaryEvery', [0, 'on', null].map((summaryEvery) => ({ summaryEvery }))],
    ['slowAfter', [0, 'on', null].map((slowAfter) => ({ slowAfter }))],
    ['logKeys', ['raw', true, null].map((logKeys) => ({ logKeys }))],
  ])('refuse what cannot be `%s`, by name', (field, refused) => {
    for (const options of refused) {
      expect(
        refusedField(() => resolve(options)),
        JSON.stringify(options),
      ).toBe(field)
    }
  })

  test('need one tier: without a shared one, memory cannot be off', () => {
    expect(() => resolve({ memory: 'off' })).toThrow('`memory` to be on where there is no `shared`')
  })
})

function inMemory(option: string): (value: unknown) => object {
  return (value) => ({ memory: { [option]: value } })
}

describe('the source of a collection', () => {
  const load = () => 1
  const apply = async () => []
  const store = { fencing: 'unfenced', load, apply } as const
  const source = (options: object) =>
    resolveSource('thing', options as CollectionOptions<string, number>)

  test('is a function, an object, or a store', () => {
    expect(source({ source: load })).toMatchObject({ concurrency: 64, batchSize: 1000 })
    expect(source({ source: load }).source.load).toBe(load)
    expect(source({ source: { loadMany: load, concurrency: 2, batchSize: 3 } })).toMatchObject({
      concurrency: 2,
      batchSize: 3,
    })
    expect(source({ store }).source).toBe(store)
  })

  test.each<[string, readonly object[]]>([
    ['collection(thing).source', [{}, { source: load, store }, { source: {} }, { source: null }]],
    ['collection(thing).source', [{ source: { load: 'x' } }, { source: 7 }]],
    ['collection(thing).store', [{ store: { apply } }, { store: null }]],
    ['collection(thing).store.apply', [{ store: { load } }]],
    [
      'collection(thing).source.concurrency',
      [0, 1.5, '4', 100_001].map((concurrency) => ({ source: { load, concurrency } })),
    ],
    [
      'collection(thing).source.batchSize',
      [0, 1.5, Number.NaN].map((batchSize) => ({ source: { load, batchSize } })),
    ],
    ['collection(thing).source.breaker.failures', [{ source: { load, breaker: { failures: 0 } } }]],
    ['collection(thing).source.breaker.rest', [{ source: { load, breaker: { rest: 'x' } } }]],
  ])('is refused as `%s`', (field, refused) => {
    for (const options of refused) expect(refusedField(() => source(options))).toBe(field)
  })
})

test('the options of the caller are left as they are', () => {
  const options: CacheOptions = Object.freeze({
    name: 'shop',
    memory: Object.freeze({ entries: 5 }),
    defaults: Object.freeze({ ttl: '1s' }),
  })
  expect(resolveCacheOptions(options).memory?.entries).toBe(5)
})
