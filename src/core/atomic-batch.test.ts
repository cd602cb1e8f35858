import { describe, expect, test } from 'vitest'
import type { Batch, BatchOperation } from '../contracts/batch.ts'
import type { CacheOptions } from '../contracts/cache.ts'
import {
  ArgumentError,
  CodecError,
  ConfigError,
  ConflictError,
  TierError,
} from '../contracts/errors.ts'
import type { SharedSession } from '../contracts/shared-tier.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier, type Fault } from '../testing/chaos.ts'
import { FakeClock } from '../testing/fake-clock.ts'

/** Two instances on one tier; steps of the first meet what `scene.plan` says. */
function setup(options: Partial<CacheOptions> = {}, { shards = 1 } = {}) {
  const clock = new FakeClock()
  const tier = memoryTier({ shards })
  const scene: { plan: (operation: string) => Fault; asked: string[] } = {
    plan: () => ({ kind: 'none' }),
    asked: [],
  }
  const sessions: SharedSession[] = []
  const noting = {
    kind: 'memory',
    open: (context: Parameters<typeof tier.open>[0]) => {
      const session = tier.open(context)
      sessions.push(session)
      return session
    },
  }
  const planned = chaosTier(
    noting,
    (operation) => {
      scene.asked.push(operation)
      return scene.plan(operation)
    },
    clock,
  )
  const open = (shared: CacheOptions['shared']) =>
    createCache(
      { name: 'shop', shared, logger: SILENT, defaults: { jitter: 0, ttl: '1m' }, ...options },
      { clock },
    )
  const [here, there] = [open(planned), open(tier)]
  const atomic = <const T extends readonly BatchOperation<unknown>[]>(
    build: (batch: Batch) => T,
    signal?: AbortSignal,
  ) => here.batch(build, { atomic: 'shard', ...(signal && { signal }) })
  return { clock, scene, here, there, atomic, session: () => sessions[0] as SharedSession }
}

const SILENT = { level: 'silent', warn: () => {}, error: () => {} }

describe('an atomic batch', () => {
  test('is one step, in which reads see what stood before it', async () => {
    const { atomic, scene, there, clock } = setup()
    await there.setMany([
      ['a', 1],
      ['b', 2],
    ])
    scene.asked = []
    const [gotA, hadA, set, got, gone, touched, had] = await atomic((batch) => [
      batch.get<number>('a'),
      batch.has('a'),
      batch.set('a', 10),
      batch.get('nothing'),
      batch.delete('b'),
      batch.touch('b', '1m'),
      batch.has('nothing'),
    ])
    expect(gotA).toEqual({ ok: true, value: 1 })
    expect(hadA).toEqual({ ok: true, value: true })
    expect(got).toEqual({ ok: true, value: undefined })
    expect(gone).toEqual({ ok: true, value: undefined })
    expect(touched.ok && typeof touched.value).toBe('boolean')
    expect(had).toEqual({ ok: true, value: false })
    expect(
      scene.asked.filter((operation) => operation !== 'signal' && operation !== 'follow'),
    ).toEqual(['atomic'])
    await clock.settle()
    expect(await there.get('b')).toBeUndefined()
    const minVersion = set.ok ? set.value : undefined
    expect(minVersion).toMatch(/^1~0\./)
    expect(await there.get('a', { minVersion })).toBe(10)
  })

  test('leaves no copy here of what it changed, and keeps the others', async () => {
    const { here, atomic, clock } = setup()
    await here.setMany([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ])
    await atomic((batch) => [batch.set('a', 10), batch.delete('b'), batch.has('c')])
    const readings = await Promise.all(['a', 'b', 'c'].map((key) => here.read(key)))
    expect(readings).toMatchObject([
      { tier: 'shared', value: 10 },
      { found: false },
      { tier: 'memory', value: 3 },
    ])
    await clock.settle()
  })

  test('gives entries a new life: as said, without an end, or as they were granted', async () => {
    const { here, atomic, clock } = setup()
    await here.setMany(['a', 'b', 'd'].map((key) => [key, 1]))
    await here.set('c', 1, { ttl: '1h' })
    await clock.advance(30_000)
    const results = await atomic((batch) => [
      batch.touch('a', '2m'),
      batch.touch('b', 'none'),
      batch.touch('c'),
      batch.touch('nothing'),
    ])
    expect(results.map((result) => result.ok && result.value)).toEqual([true, true, true, false])
    const there = await Promise.all(['a', 'b', 'c', 'd'].map((key) => here.ttl(key)))
    expect(there).toEqual([120_000, Number.POSITIVE_INFINITY, 3_600_000, 30_000])
  })

  test('leaves no copy that outlives the life it gives', async () => {
    const { here, atomic, clock } = setup()
    await here.set('a', 1)
    await atomic((batch) => [batch.touch('a', 50)])
    await clock.advance(60)
    expect(await here.get('a')).toBeUndefined()
  })

  test('keeps what it sets by the options of the operation', async () => {
    const { there, atomic } = setup()
    await atomic((batch) => [batch.set('a', 1, { ttl: '2h', tags: ['red'] }), batch.set('b', 2)])
    expect(await there.ttl('a')).toBe(7_200_000)
    expect(await there.ttl('b')).toBe(60_000)
    await there.invalidateTags(['red'])
    expect([await there.get('a'), await there.get('b')]).toEqual([undefined, 2])
  })

  test('finds nothing where an entry is past its freshness, or cannot be read', async () => {
    const { here, there, atomic, clock, session } = setup()
    await there.set('graced', 1, { ttl: '1s', grace: '1h' })
    await session().set([
      {
        id: ':s6:broken',
        collection: '',
        envelope: new Uint8Array([1, 2, 3]),
        ttlMs: 60_000,
        graceMs: 0,
        tags: [],
      },
    ])
    await clock.advance(1_000)
    const reading = await atomic((batch) => [
      batch.get('graced'),
      batch.has('graced'),
      batch.get('broken'),
      batch.has('broken'),
    ])
    expect(reading.map((result) => result.ok && result.value)).toEqual([
      undefined,
      false,
      undefined,
      false,
    ])
    await here.close()
  })

  test('does not take for a value that the source is known to have none', async () => {
    const { here, atomic } = setup()
    const options = { negativeTtl: '1m' } as const
    await here.getOrLoad('a', () => undefined, options)
    expect(await atomic((batch) => [batch.get('a'), batch.has('a')])).toEqual([
      { ok: true, value: undefined },
      { ok: true, value: false },
    ])
  })

  test('without operations does nothing', async () => {
    const { atomic, scene } = setup()
    expect(await atomic(() => [])).toEqual([])
    expect(scene.asked).not.toContain('atomic')
  })

  test('of keys that are pinned to one shard is one step of it', async () => {
    const { atomic } = setup({ shardBy: (key) => key.split('/')[0] ?? '' }, { shards: 4 })
    const keys = Array.from({ length: 20 }, (_, i) => `user 1/${i}`)
    const results = await atomic((batch) => keys.map((key) => batch.set(key, 1)))
    expect(results.every(({ ok }) => ok)).toBe(true)
  })
})

describe('an atomic batch that cannot be', () => {
  test.each<[string, (batch: Batch) => readonly BatchOperation<unknown>[], unknown]>([
    ['sets nothing', (batch) => [batch.set('b', undefined)], { field: 'value' }],
    ['sets a promise', (batch) => [batch.set('b', Promise.resolve(1))], { field: 'value' }],
    [
      'has an option that cannot work',
      (batch) => [batch.set('b', 1, { ttl: -1 })],
      { field: 'ttl' },
    ],
    [
      'sets what has ended',
      (batch) => [batch.set('b', 1, { expiresAt: 1 })],
      { field: 'expiresAt' },
    ],
    ['sets what cannot be bytes', (batch) => [batch.set('b', new Map())], { code: 'codec' }],
    ['touches for no time', (batch) => [batch.touch('b', 0)], { field: 'ttl' }],
    ['has a key that cannot be one', (batch) => [batch.get('\ud800')], { field: 'key' }],
  ])('since it %s is refused, and nothing is done', async (_, build, error) => {
    const { atomic, there, scene } = setup()
    const running = atomic((batch) => [batch.set('a', 1), ...build(batch)])
    await expect(running).rejects.toMatchObject(error as object)
    expect(scene.asked).not.toContain('atomic')
    expect(await there.get('a')).toBeUndefined()
  })

  test('is refused for a collection, whose reads may load', async () => {
    const { here, atomic, there } = setup()
    const things = here.collection('thing', { source: () => expect.fail('it loads nothing') })
    const running = atomic((batch) => [batch.set('a', 1), batch.get(things, 'b')])
    await expect(running).rejects.toThrow(ArgumentError)
    await expect(running).rejects.toMatchObject({ field: 'batch' })
    expect(await there.get('a')).toBeUndefined()
  })

  test('is refused for keys of several shards, with what to do about it', async () => {
    const { atomic, there } = setup({}, { shards: 4 })
    const keys = Array.from({ length: 20 }, (_, i) => `key ${i}`)
    const running = atomic((batch) => keys.map((key) => batch.set(key, 1)))
    await expect(running).rejects.toMatchObject({ field: 'atomic' })
    await expect(running).rejects.toThrow('keys of 4 shards')
    await expect(running).rejects.toThrow('`shardBy`')
    expect((await there.getMany(keys)).size).toBe(0)
  })

  test('is refused without a shared tier', async () => {
    const alone = createCache({ name: 'shop' }, { clock: new FakeClock() })
    const running = alone.batch((batch) => [batch.get('a')], { atomic: 'shard' })
    await expect(running).rejects.toThrow(ConfigError)
    await expect(running).rejects.toMatchObject({ field: 'shared' })
  })

  test('is refused by a cache that is closed, and to a caller who has left', async () => {
    const { here, atomic, scene } = setup()
    const left = atomic((batch) => [batch.set('a', 1)], AbortSignal.abort(new Error('enough')))
    await expect(left).rejects.toThrow('enough')
    await here.close()
    await expect(atomic((batch) => [batch.set('a', 1)])).rejects.toMatchObject({ code: 'closed' })
    expect(scene.asked).not.toContain('atomic')
  })

  test('is named a codec error where a value is the cause', async () => {
    const { atomic } = setup()
    await expect(atomic((batch) => [batch.set('a', new Map())])).rejects.toThrow(CodecError)
  })
})

describe('an atomic batch that is not carried out', () => {
  test('since a key is being written conflicts, and nothing of it is done', async () => {
    const { atomic, there, session, clock } = setup()
    const key = { id: ':s1:a', collection: '' }
    await session().beginIntent([{ ...key, token: 't', deadlineMs: 60_000, tags: [] }])
    const running = atomic((batch) => [batch.set('b', 1), batch.set('a', 1), batch.get('c')])
    await expect(running).rejects.toThrow(ConflictError)
    expect(await there.get('b')).toBeUndefined()
    await session().endIntent([{ ...key, token: 't', tags: [], begun: undefined }])
    await atomic((batch) => [batch.set('b', 1), batch.set('a', 1)])
    expect(await there.get('a')).toBe(1)
    await clock.settle()
  })

  test('since the tier does not answer rejects, and what it may have changed is removed later', async () => {
    const { here, there, atomic, scene, clock } = setup()
    await there.setMany([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ])
    expect(await here.get('a')).toBe(1)
    scene.plan = (operation) => (operation === 'atomic' ? { kind: 'lost' } : { kind: 'none' })
    const running = atomic((batch) => [batch.set('a', 10), batch.delete('b'), batch.get('c')])
    running.catch(() => {})
    await clock.settle()
    expect(await there.get('a')).toBe(10)
    await clock.advance(200)
    await expect(running).rejects.toThrow(TierError)
    expect(await here.get('a', { read: 'memory' })).toBeUndefined()
    await clock.advance(200)
    const left = await there.getMany(['a', 'b', 'c'])
    expect([...left]).toEqual([['c', 3]])
  })

  test('since the tier does not answer leaves nothing to be told where it only read', async () => {
    const { atomic, scene, clock } = setup()
    scene.plan = (operation) =>
      operation === 'atomic' ? { kind: 'fail', error: new Error('down') } : { kind: 'none' }
    await expect(atomic((batch) => [batch.get('a'), batch.touch('b')])).rejects.toThrow(TierError)
    await clock.advance(1_000)
    expect(scene.asked).not.toContain('invalidate')
  })

  test('for a caller who leaves is carried out all the same', async () => {
    const { there, atomic, scene, clock } = setup()
    const controller = new AbortController()
    scene.plan = (operation) =>
      operation === 'atomic' ? { kind: 'delay', ms: 100 } : { kind: 'none' }
    const running = atomic((batch) => [batch.set('a', 1)], controller.signal)
    running.catch(() => {})
    await clock.settle()
    controller.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
    await clock.advance(100)
    expect(await there.get('a')).toBe(1)
  })
})
