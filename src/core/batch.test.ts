import { describe, expect, test } from 'vitest'
import type { BatchOperation } from '../contracts/batch.ts'
import { ArgumentError, CodecError } from '../contracts/errors.ts'
import type { VersionToken } from '../contracts/options.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier } from '../testing/chaos.ts'
import { FakeClock } from '../testing/fake-clock.ts'

/** A cache over a tier whose steps are counted, with a collection of which the key 13 cannot be loaded. */
function setup() {
  const clock = new FakeClock()
  const asked: string[] = []
  const shared = chaosTier(
    memoryTier(),
    (operation) => {
      asked.push(operation)
      return { kind: 'none' }
    },
    clock,
  )
  const silent = { level: 'silent', warn: () => {}, error: () => {} }
  const cache = createCache(
    { name: 'shop', shared, logger: silent, defaults: { jitter: 0 } },
    { clock },
  )
  const users = cache.collection<number, string>('user', {
    source: (key) => {
      if (key === 13) throw new Error('no such row')
      return `user ${key}`
    },
  })
  return { clock, cache, users, asked }
}

describe('a batch', () => {
  test('answers each operation in its place, as the call of its own would', async () => {
    const { cache, users } = setup()
    await cache.setMany([
      ['a', 1],
      ['b', 2],
    ])
    const results = await cache.batch((batch) => [
      batch.get<number>('a'),
      batch.get('nothing'),
      batch.get(users, 7),
      batch.has('b'),
      batch.has(users, 8),
      batch.touch('b', '1h'),
      batch.touch('nothing'),
      batch.set('c', 3, { ttl: '2h' }),
      batch.delete('a'),
      batch.delete(users, 9),
    ])
    const values = results.map((result) => (result.ok ? result.value : 'failed'))
    const token: VersionToken | false = results[7].ok && results[7].value
    expect(values).toEqual([
      1,
      undefined,
      'user 7',
      true,
      false,
      true,
      false,
      token,
      undefined,
      undefined,
    ])
    expect(await cache.get('a')).toBeUndefined()
    expect(await cache.get('c', { minVersion: token || undefined })).toBe(3)
    expect(await cache.ttl('b')).toBe(3_600_000)
    expect(await cache.ttl('c')).toBe(7_200_000)
  })

  test('travels in one step of a kind, however many operations it has', async () => {
    const { cache, asked } = setup()
    await cache.ready()
    await cache.get('anything')
    asked.length = 0
    await cache.batch((batch) =>
      Array.from({ length: 300 }, (_, i) => [batch.get(`a ${i}`), batch.set(`b ${i}`, i)]).flat(),
    )
    expect(asked.filter((operation) => operation === 'read')).toHaveLength(1)
    expect(asked.filter((operation) => operation === 'set')).toHaveLength(1)
  })

  test('without operations does nothing', async () => {
    const { cache } = setup()
    expect(await cache.batch(() => [])).toEqual([])
  })

  test('names the errors of operations that fail, and carries the others out', async () => {
    const { cache, users } = setup()
    const results = await cache.batch((batch) => [
      batch.set('map', new Map()),
      batch.get(users, 13),
      batch.get(users, Number.NaN),
      batch.touch('b', 'soon' as '1s'),
      batch.set('a', 1),
    ])
    expect(results[0]).toMatchObject({ ok: false, error: expect.any(CodecError) })
    expect(results[1]).toMatchObject({ ok: false, error: { message: 'no such row' } })
    expect(results[2]).toMatchObject({ ok: false, error: { field: 'key' } })
    expect(results[3]).toMatchObject({ ok: false, error: { field: 'ttl' } })
    expect(results[4]).toMatchObject({ ok: true })
    expect(await cache.get('a')).toBe(1)
  })

  test('names a collection that is none as the error of its operation', async () => {
    const { cache } = setup()
    const none = {} as unknown as ReturnType<typeof setup>['users']
    const [got, set] = await cache.batch((batch) => [batch.get(none, 1), batch.set('a', 1)])
    expect(got).toMatchObject({ ok: false, error: expect.any(TypeError) })
    expect(set.ok).toBe(true)
  })

  test('whose caller has left does nothing', async () => {
    const { cache } = setup()
    const signal = AbortSignal.abort(new Error('enough'))
    const results = await cache.batch((batch) => [batch.set('a', 1), batch.get('b')], { signal })
    for (const result of results) {
      expect(result).toMatchObject({ ok: false, error: { message: 'enough' } })
    }
    expect(await cache.get('a')).toBeUndefined()
  })

  test('of a cache that is closed fails in each of its places', async () => {
    const { cache } = setup()
    await cache.close()
    const [set, got] = await cache.batch((batch) => [batch.set('a', 1), batch.get('a')])
    expect(set).toMatchObject({ ok: false, error: { code: 'closed' } })
    expect(got).toMatchObject({ ok: false, error: { code: 'closed' } })
  })
})

describe('a batch that cannot be', () => {
  test.each<[string, unknown]>([
    ['is no array', 'get'],
    ['has something else in it', [{ run: () => Promise.resolve(1) }]],
  ])('is refused where what is named %s, and nothing is done', async (_, named) => {
    const { cache } = setup()
    const running = cache.batch((batch) => {
      batch.set('a', 1)
      return named as BatchOperation<unknown>[]
    })
    await expect(running).rejects.toThrow(ArgumentError)
    await expect(running).rejects.toMatchObject({ field: 'batch' })
    expect(await cache.get('a')).toBeUndefined()
  })

  test('is refused beyond ten thousand operations', async () => {
    const { cache } = setup()
    const many = (count: number) =>
      cache.batch((batch) => Array.from({ length: count }, () => batch.has('a')))
    expect(await many(10_000)).toHaveLength(10_000)
    await expect(many(10_001)).rejects.toMatchObject({ field: 'batch' })
  })

  test('is refused where its atomicity is an unknown word, before anything is named', async () => {
    const { cache } = setup()
    const running = cache.batch(() => expect.fail('nothing is named'), {
      atomic: 'all' as 'shard',
    })
    await expect(running).rejects.toMatchObject({ field: 'atomic' })
  })

  test('rejects with what the naming throws', async () => {
    const { cache } = setup()
    const running = cache.batch(() => {
      throw new Error('thought better of it')
    })
    await expect(running).rejects.toThrow('thought better of it')
  })
})
