import { describe, expect, test } from 'vitest'
import type { Cache } from '../contracts/cache.ts'
import { ArgumentError, ClosedError } from '../contracts/errors.ts'
import type { LatencyEvent, ReadsEvent } from '../contracts/events.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier, type Fault } from '../testing/chaos.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { SeededRandom } from '../testing/seeded-random.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} } as const

/** Two instances on one tier; the steps of the first are noted, and meet `scene.plan`. */
function setup(memory: 'off' | { readonly entries: number } = { entries: 100 }) {
  const clock = new FakeClock()
  const tier = memoryTier({ shards: 2 })
  const scene: { plan: (operation: string) => Fault; asked: string[] } = {
    plan: () => ({ kind: 'none' }),
    asked: [],
  }
  const shared = chaosTier(
    tier,
    (operation) => {
      if (operation !== 'follow' && operation !== 'signal') scene.asked.push(operation)
      return scene.plan(operation)
    },
    clock,
  )
  const base = { name: 'shop', logger: SILENT, defaults: { jitter: 0 } } as const
  const here = createCache({ ...base, shared, memory }, { clock })
  const there = createCache({ ...base, shared: tier }, { clock })
  const reads: Pick<ReadsEvent, 'tier' | 'hits' | 'misses'>[] = []
  here.on('reads', ({ tier: of, hits, misses }) => reads.push({ tier: of, hits, misses }))
  return { clock, scene, here, there, reads }
}

/** Nothing is read plainly before the tier has been followed once. */
async function followed(cache: Cache): Promise<void> {
  await cache.get('not there')
}

describe('plain reads of the shared tier', () => {
  test('of one tick are one step, whoever asks, and a key is named once', async () => {
    const { here, there, scene } = setup()
    await there.setMany([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ])
    await followed(here)
    scene.asked.length = 0
    const [one, same, other, many] = await Promise.all([
      here.get('a'),
      here.getOrLoad('a', () => 'loaded'),
      here.peek('b'),
      here.getMany(['c', 'absent']),
    ])
    expect([one, same, other, [...many]]).toEqual([1, 1, 2, [['c', 3]]])
    expect(scene.asked).toEqual(['read'])
  })

  test('are counted, each caller once', async () => {
    const { here, there, reads, clock } = setup()
    await there.set('a', 1)
    await followed(here)
    await Promise.all([here.get('a'), here.get('absent'), here.getMany(['a'])])
    await clock.advance(1_100)
    expect(reads).toEqual([
      { tier: 'memory', hits: 0, misses: 4 },
      { tier: 'shared', hits: 1, misses: 2 },
    ])
  })

  test('that find nothing do not ask for the entry again before they load', async () => {
    const { here, scene } = setup()
    await followed(here)
    scene.asked.length = 0
    expect(await here.getOrLoad('a', () => 'loaded')).toBe('loaded')
    expect(scene.asked).toEqual(['read', 'claim', 'fill'])
  })

  test('of a thousand callers of one key are one look, and each has a value of its own', async () => {
    const { clock } = setup()
    const cache = createCache(
      { name: 'shop', shared: memoryTier(), memory: { copy: 'clone' }, logger: SILENT },
      { clock },
    )
    await followed(cache)
    let loads = 0
    const load = (): { n: number } => {
      loads += 1
      return { n: loads }
    }
    const values = await Promise.all([
      cache.peek('a'),
      ...Array.from({ length: 1_000 }, () => cache.getOrLoad('a', load)),
      cache.get('a'),
    ])
    expect(loads).toBe(1)
    expect([values[0], values.at(-1)]).toEqual([undefined, undefined])
    const loaded = values.slice(1, -1)
    expect(loaded.every((value) => (value as { n: number }).n === 1)).toBe(true)
    expect(new Set(loaded).size).toBe(1_000)
  })

  test('that fail together, fail each', async () => {
    const { here } = setup('off')
    await followed(here)
    const fail = (): never => {
      throw new Error('no row')
    }
    const outcomes = await Promise.allSettled([
      here.getOrLoad('a', fail),
      here.getOrLoad('a', fail),
      here.peek('a'),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
  })

  test('that are not answered cost one time budget, and the value is kept for a short time', async () => {
    const { here, scene, clock } = setup()
    await followed(here)
    scene.asked.length = 0
    scene.plan = (operation) => (operation === 'read' ? { kind: 'lost' } : { kind: 'none' })
    const reading = here.getOrLoad('a', () => 'loaded', { ttl: '1h' })
    await clock.advance(200)
    expect(await reading).toBe('loaded')
    expect(scene.asked).toEqual(['read'])
    expect(await here.read('a', { read: 'memory' })).toMatchObject({ value: 'loaded' })
    await clock.advance(5_000)
    expect(await here.read('a', { read: 'memory' })).toMatchObject({ found: false })
  })

  test('of bytes that nobody can read are counted once, and lead to one load', async () => {
    const clock = new FakeClock()
    const tier = memoryTier()
    const random = new SeededRandom(1)
    const context = { name: 'raw', instance: 'raw', clock, random, report() {}, follow: 'push' }
    const session = tier.open(context as Parameters<typeof tier.open>[0])
    const broken = { id: ':s1:a', collection: '', tags: [], ttlMs: 60_000, graceMs: 0 }
    await session.set([{ ...broken, envelope: new Uint8Array([1, 2, 3]) }])
    const cache = createCache(
      { name: 'raw', shared: tier, memory: 'off', logger: SILENT },
      { clock },
    )
    await followed(cache)
    const reasons: string[] = []
    cache.on('undecodable', ({ reason }) => reasons.push(reason))
    let loads = 0
    const load = (): number => {
      loads += 1
      return loads
    }
    const values = await Promise.all([cache.getOrLoad('a', load), cache.getOrLoad('a', load)])
    expect([values, loads, reasons]).toEqual([[1, 1], 1, ['corrupt']])
    expect(await cache.get('a')).toBe(1)
  })

  test('are told with how long they took, added up', async () => {
    const { here, there, scene, clock } = setup('off')
    await there.setMany([
      ['a', 1],
      ['b', 2],
    ])
    await followed(here)
    await clock.advance(1_000)
    const told: Pick<LatencyEvent, 'count' | 'durationMs'>[] = []
    here.on('latency', ({ tier, count, durationMs }) => {
      if (tier === 'shared') told.push({ count, durationMs })
    })
    scene.plan = (operation) =>
      operation === 'read' ? { kind: 'delay', ms: 30 } : { kind: 'none' }
    for (let round = 0; round < 2; round += 1) {
      const reading = Promise.all([here.get('a'), here.get('a'), here.get('b')])
      await clock.advance(30)
      await reading
    }
    expect(told).toEqual([])
    await clock.advance(1_000)
    expect(told).toEqual([{ count: 6, durationMs: 30 }])
  })

  test('leave no copy of a key that has changed before the answer came', async () => {
    const { here, there, scene, clock } = setup()
    await there.set('a', 'old')
    await there.set('b', 'old')
    await followed(here)
    // The answer has left before the change, and comes after its hint.
    scene.plan = (operation) =>
      operation === 'read' ? { kind: 'delay-answer', ms: 50 } : { kind: 'none' }
    const reading = Promise.all([here.get('a'), here.get('b')])
    await clock.advance(10)
    await there.set('a', 'new')
    await clock.advance(50)
    expect(await reading).toEqual(['old', 'old'])
    scene.plan = () => ({ kind: 'none' })
    expect(await here.get('a', { read: 'memory' })).toBeUndefined()
    expect(await here.get('b', { read: 'memory' })).toBe('old')
    expect(await here.get('a')).toBe('new')
  })

  test('trust nothing that is there while a removal waits to be told', async () => {
    const { here, there, scene, clock } = setup()
    await there.set('a', 'old')
    await followed(here)
    scene.plan = (operation) =>
      operation === 'invalidate'
        ? { kind: 'fail', error: new Error('the server is down') }
        : { kind: 'none' }
    expect(await here.delete('a')).toMatchObject({ state: 'pending' })
    expect(await here.getOrLoad('a', () => 'new')).toBe('new')
    expect(await here.get('a')).toBeUndefined()
    scene.plan = () => ({ kind: 'none' })
    await clock.advance(2_000)
    expect(await there.get('a')).toBeUndefined()
  })

  test('a key that cannot be one is refused, and the others of the tick are answered', async () => {
    const { here, there } = setup('off')
    await there.set('a', 1)
    await followed(here)
    const [bad, good] = await Promise.allSettled([here.get('\ud800'), here.get('a')])
    expect(bad).toMatchObject({ status: 'rejected', reason: expect.any(ArgumentError) })
    expect(good).toEqual({ status: 'fulfilled', value: 1 })
    await expect(here.getMany(['a', '\ud800'])).rejects.toThrow(ArgumentError)
  })

  test('a value that cannot be copied is told to its own callers, and the others of the tick are answered', async () => {
    const clock = new FakeClock()
    const shared = memoryTier()
    // What it reads may hold a function, which no structured clone takes.
    const codec = {
      id: 200,
      name: 'functions',
      encode: (value: unknown) => new TextEncoder().encode(String(value)),
      decode: (bytes: Uint8Array) => {
        const text = new TextDecoder().decode(bytes)
        return text === 'odd' ? { call: () => text } : text
      },
    }
    const base = { name: 'shop', shared, codec, logger: SILENT } as const
    const there = createCache({ ...base, memory: 'off' }, { clock })
    const here = createCache({ ...base, memory: { copy: 'clone' } }, { clock })
    await there.setMany([
      ['a', 'odd'],
      ['b', 'even'],
    ])
    await followed(here)
    const outcomes = await Promise.allSettled([
      here.get('a'),
      here.get('a'),
      here.get('b'),
      here.getMany(['a', 'b']),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual([
      'rejected',
      'rejected',
      'fulfilled',
      'rejected',
    ])
    expect(outcomes[2]).toMatchObject({ value: 'even' })
  })

  test('an option that cannot be is refused, also by who would share an answer', async () => {
    const { here, there } = setup('off')
    await there.set('a', 1)
    await followed(here)
    const bad = (): Promise<unknown> => here.getOrLoad('a', () => 2, { ttl: -1 })
    const outcomes = await Promise.allSettled([bad(), here.get('a'), here.get('a'), bad()])
    expect(outcomes.map(({ status }) => status)).toEqual([
      'rejected',
      'fulfilled',
      'fulfilled',
      'rejected',
    ])
    expect(outcomes[0]).toMatchObject({ reason: expect.any(ArgumentError) })
  })

  test('that wait for the first word of the tier end when the cache is closed', async () => {
    const { here, scene, clock } = setup('off')
    scene.plan = (operation) => (operation === 'follow' ? { kind: 'lost' } : { kind: 'none' })
    const reading = expect(here.getOrLoad('a', () => 1)).rejects.toThrow(ClosedError)
    const closing = here.close()
    await clock.advance(10_000)
    await Promise.all([closing, reading])
  })

  test('under way when the cache is closed end with it', async () => {
    const { here, scene } = setup('off')
    await followed(here)
    scene.plan = (operation) => (operation === 'read' ? { kind: 'lost' } : { kind: 'none' })
    const reading = here.getOrLoad('a', () => 1)
    const outcome = expect(reading).rejects.toThrow(ClosedError)
    await here.close()
    await outcome
    await expect(here.get('a')).rejects.toThrow(ClosedError)
  })

  test('a value that takes time to be read, or to be checked, is waited for', async () => {
    const { here, there } = setup('off')
    const schema = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: async (value: unknown) =>
          value === 'good' ? { value: 'checked' } : { issues: [{ message: 'no' }] },
      },
    } as const
    const written = there.collection('things', { source: { load: (key: string) => key } })
    const read = here.collection('things', { source: { load: () => 'loaded' }, schema })
    await written.getMany(['good', 'bad'])
    await followed(here)
    expect([...(await read.getMany(['good', 'bad']))]).toEqual([
      ['good', 'checked'],
      ['bad', 'loaded'],
    ])
  })
})
