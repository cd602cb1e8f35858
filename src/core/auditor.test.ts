import { describe, expect, test } from 'vitest'
import type { CacheOptions } from '../contracts/cache.ts'
import type { CollectionOptions } from '../contracts/collection.ts'
import type { AuditEvent } from '../contracts/events.ts'
import type { Random } from '../contracts/random.ts'
import type { Store } from '../contracts/source.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier } from '../testing/chaos.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { SeededRandom } from '../testing/seeded-random.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} }

/**
 * Two instances over one table. `here` hears of no change of others, and its steps of the names in
 * `scene.failing` fail.
 */
function setup(
  own: {
    options?: Partial<CollectionOptions<number, string>>
    tier?: 'none'
    random?: Random
  } = {},
) {
  const clock = new FakeClock()
  const tier = memoryTier()
  const scene = { failing: [] as string[], deaf: true }
  const planned = chaosTier(
    tier,
    (operation) => {
      const fails = scene.failing.includes(operation) || (scene.deaf && operation === 'signal')
      return fails ? { kind: 'fail', error: new Error('no way to it') } : { kind: 'none' }
    },
    clock,
  )
  const rows = new Map([
    [1, 'old'],
    [2, 'other'],
  ])
  const base = {
    name: 'shop',
    logger: SILENT,
    defaults: { jitter: 0 },
    coherence: { delivery: 'at-most-once' },
  } as const satisfies CacheOptions
  const platform = { clock, random: own.random ?? new SeededRandom(1) }
  const here = createCache(
    own.tier === 'none' ? { ...base, coherence: {} } : { ...base, shared: planned },
    platform,
  )
  const there = createCache({ ...base, shared: tier }, platform)
  const events: AuditEvent[] = []
  here.on('audit', (event) => events.push(event))
  const source = (key: number): string | undefined => {
    if (key === 13) throw new Error('no such row')
    return rows.get(key)
  }
  const things = here.collection<number, string>('thing', { source, ...own.options })
  /** An audit, and what happens `afterMs` into it. */
  const audited = async (
    meanwhile: () => unknown = () => {},
    afterMs = 500,
    options: Parameters<typeof here.audit>[0] = {},
  ) => {
    const auditing = here.audit(options)
    await clock.advance(afterMs)
    await meanwhile()
    await clock.advance(10_000)
    return await auditing
  }
  return { clock, rows, scene, here, there, events, things, audited }
}

describe('an audit', () => {
  test('finds copies consistent that agree with the tier and the source, and tells it', async () => {
    const { things, here, audited, events } = setup()
    await things.getMany([1, 2])
    await here.set('plain', { b: 2 })
    const report = await audited()
    expect(report).toMatchObject({
      sampled: 3,
      consistent: 3,
      stale: 0,
      unsure: 0,
      withinMs: 1_000,
    })
    expect(report.nines).toBeCloseTo(Math.log10(4))
    expect(events).toEqual([{ type: 'audit', ...report }])
  })

  test('of nothing says nothing', async () => {
    const { audited } = setup()
    expect(await audited()).toMatchObject({ sampled: 0, nines: 0 })
  })

  test('finds a copy stale whose source has moved on for longer than is allowed', async () => {
    const { things, rows, audited } = setup()
    await things.getMany([1, 2])
    rows.set(1, 'new')
    const report = await audited()
    expect(report).toMatchObject({ sampled: 2, consistent: 1, stale: 1, unsure: 0 })
    expect(report.nines).toBeCloseTo(Math.log10(2))
  })

  test('does not hold a write that waits against a source that is still to hear of it', async () => {
    const rows = new Map<number, string>([[1, 'old']])
    const store: Store<number, string> = {
      fencing: 'versioned',
      load: (key) => rows.get(key),
      apply: async () => await Promise.reject(new Error('away')),
    }
    const { here, audited, events } = setup()
    const waiting = here.collection('waiting', { store, write: { put: 'behind' } })
    await waiting.put(1, 'new')
    expect(await audited()).toMatchObject({ sampled: 1, consistent: 1, stale: 0 })
    expect(events).toHaveLength(1)
  })

  test('finds a plain copy stale that the shared tier has another value for', async () => {
    const { here, there, audited } = setup()
    await here.set('a', 1)
    await there.set('a', 2)
    expect(await audited()).toMatchObject({ sampled: 1, stale: 1 })
  })

  test('looks again after the time that is allowed, and not before', async () => {
    const { things, rows, here, clock, audited } = setup()
    await things.get(1)
    rows.set(1, 'new')
    const removed = await audited(() => things.delete(1), 2_999, { within: '3s' })
    expect(removed).toMatchObject({ consistent: 1, stale: 0, withinMs: 3_000 })
    await things.get(1)
    rows.set(1, 'newer')
    const auditing = here.audit({ within: '3s' })
    await clock.advance(3_000)
    expect(await auditing).toMatchObject({ stale: 1 })
  })

  test('is unsure of a copy whose source has moved again meanwhile', async () => {
    const { things, rows, audited } = setup()
    await things.get(1)
    rows.set(1, 'new')
    expect(await audited(() => rows.set(1, 'newer'))).toMatchObject({ stale: 0, unsure: 1 })
  })

  test('is unsure of a plain copy whose entry in the tier was replaced meanwhile', async () => {
    const { here, there, audited } = setup()
    await here.set('a', 1)
    await there.set('a', 2)
    expect(await audited(() => there.set('a', 3))).toMatchObject({ stale: 0, unsure: 1 })
  })

  test('is unsure of a copy that was replaced meanwhile, together with its entry', async () => {
    const { things, rows, audited, clock } = setup()
    await things.get(1)
    rows.set(1, 'new')
    const replace = async (): Promise<void> => {
      rows.set(1, 'newer')
      await things.refresh(1)
      rows.set(1, 'new')
      await clock.settle()
    }
    expect(await audited(replace)).toMatchObject({ stale: 0, unsure: 1 })
  })

  test('is unsure where there is nothing to compare with', async () => {
    const { here, audited } = setup({ tier: 'none' })
    await here.set('a', 1)
    expect(await audited()).toMatchObject({ sampled: 1, unsure: 1, nines: 0 })
  })

  test('is unsure where source and tier do not answer', async () => {
    const { things, here, audited, scene, rows } = setup()
    rows.set(13, 'never loaded')
    await here.set('a', 1)
    await things.get(1)
    scene.failing = ['read']
    expect(await audited()).toMatchObject({ sampled: 2, consistent: 1, unsure: 1 })
  })

  test('takes the word of the tier for that of a source that fails', async () => {
    const { here, there, audited } = setup()
    let down = false
    const source = (): string => {
      if (down) throw new Error('the source is down')
      return 'old'
    }
    const things = here.collection('fragile', { source })
    await things.get(1)
    down = true
    expect(await audited()).toMatchObject({ consistent: 1 })
    const others = there.collection('fragile', { source: () => 'new' })
    await others.refresh(1)
    expect(await audited()).toMatchObject({ stale: 1 })
  })

  test('compares what the source is known not to have', async () => {
    const { things, rows, audited } = setup({ options: { negativeTtl: '1m' } })
    await things.get(3)
    expect(await audited()).toMatchObject({ sampled: 1, consistent: 1 })
    rows.set(3, 'created')
    expect(await audited()).toMatchObject({ sampled: 1, stale: 1 })
  })

  test('is unsure of a value that cannot become bytes, and of no other for it', async () => {
    const { here, things, audited } = setup({ tier: 'none' })
    const maps = here.collection('map', { source: () => new Map([['a', 1]]) })
    await Promise.all([maps.get(1), things.get(1)])
    expect(await audited()).toMatchObject({ sampled: 2, consistent: 1, unsure: 1 })
  })

  test('does not count copies that are not served any more', async () => {
    const { things, rows, here, audited, clock } = setup({
      options: { memoryTtl: '1s', grace: '1h', tags: ['red'] },
    })
    await things.get(1)
    rows.set(1, 'new')
    await clock.advance(1_000)
    expect(await audited()).toMatchObject({ sampled: 1, consistent: 1, stale: 0 })
    await things.get(2)
    rows.set(2, 'new')
    await here.invalidateTags(['red'])
    expect(await audited()).toMatchObject({ stale: 0 })
  })

  test('does not read the tier where changes were not followed', async () => {
    const { here, scene, audited } = setup()
    scene.failing = ['follow', 'set', 'read']
    await here.set('a', 1).catch(() => {})
    expect(await audited()).toMatchObject({ stale: 0 })
  })

  test('takes an entry past its freshness for none', async () => {
    const { here, there, audited, clock } = setup()
    await here.set('a', 1, { ttl: '1h' })
    await there.set('a', 2, { ttl: '1s', grace: '1h' })
    await clock.advance(1_000)
    expect(await audited()).toMatchObject({ sampled: 1, unsure: 1 })
  })

  test('ends unsure when the cache is closed meanwhile', async () => {
    const { things, rows, here, clock } = setup()
    await things.get(1)
    rows.set(1, 'new')
    const auditing = here.audit()
    await clock.settle()
    const closing = here.close()
    await clock.advance(1_000)
    expect(await auditing).toMatchObject({ unsure: 1 })
    await closing
    await expect(here.audit()).rejects.toMatchObject({ code: 'closed' })
  })
})

describe('the sample of an audit', () => {
  test('is as large as was asked for, at most', async () => {
    const { here, audited } = setup({ tier: 'none' })
    await here.setMany(Array.from({ length: 50 }, (_, i) => [`key ${i}`, i]))
    expect(await audited()).toMatchObject({ sampled: 20 })
    expect(await audited(undefined, 500, { sample: 7 })).toMatchObject({ sampled: 7 })
    expect(await audited(undefined, 500, { sample: 100 })).toMatchObject({ sampled: 50 })
  })

  test('takes each key with about the same chance', async () => {
    const options = { ttl: 'none' } as const
    const { things, rows, here, clock } = setup({
      tier: 'none',
      random: new SeededRandom(7),
      options,
    })
    const stale: number[] = []
    for (let key = 0; key < 4; key += 1) rows.set(key, 'old')
    await things.getMany([0, 1, 2, 3])
    for (let key = 0; key < 4; key += 1) {
      rows.set(key, 'new')
      let found = 0
      for (let turn = 0; turn < 100; turn += 1) {
        const auditing = here.audit({ sample: 2, within: 1 })
        await clock.advance(1)
        found += (await auditing).stale
      }
      rows.set(key, 'old')
      stale.push(found)
    }
    for (const found of stale) expect(found).toBeGreaterThan(30)
    for (const found of stale) expect(found).toBeLessThan(70)
  })

  test('and the time that is allowed are checked', async () => {
    const { here } = setup()
    for (const sample of [0, 1.5, 10_001]) {
      await expect(here.audit({ sample })).rejects.toMatchObject({ field: 'sample' })
    }
    await expect(here.audit({ within: 0 })).rejects.toMatchObject({ field: 'within' })
  })
})
