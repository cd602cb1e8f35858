/** A shared tier that goes away and comes back: what is answered meanwhile, and what is known after. */

import { describe, expect, test } from 'vitest'
import type { Cache, CacheOptions } from '../../src/index.ts'
import { createCache } from '../../src/index.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { chaosTier, FakeClock, type Fault } from '../../src/testing/index.ts'

/** How the tier is away. `lost`: it does what it is asked, and its answers never arrive. */
const AWAY: readonly Fault[] = [
  { kind: 'fail', error: new Error('connection refused') },
  { kind: 'hang' },
  { kind: 'lost' },
]
const AWAY_BY_NAME = AWAY.map((fault) => [fault.kind, fault] as const)

/** The budget of one call of the shared tier, and the longest time between two tries. */
const SHARED_MS = 200
const LAST_RETRY_MS = 5_000

/** One instance behind a line that can be cut, and one beside it that always reaches the tier. */
function setup(options: Partial<CacheOptions> = {}) {
  const clock = new FakeClock()
  const tier = memoryTier()
  const warnings: string[] = []
  const line: { fault: Fault } = { fault: { kind: 'none' } }
  const open = (shared: CacheOptions['shared'] & {}, own: Partial<CacheOptions>): Cache =>
    createCache(
      {
        name: 'shop',
        shared,
        defaults: { jitter: 0 },
        logger: { level: 'warn', warn: (_, message) => warnings.push(message), error: () => {} },
        ...own,
      },
      { clock },
    )
  // Nothing arrives from a tier whose answers do not.
  const silence = (operation: string): boolean =>
    operation === 'signal' && line.fault.kind === 'lost'
  const plan = (operation: string): Fault => (silence(operation) ? { kind: 'hang' } : line.fault)
  const cut = chaosTier(tier, plan, clock)
  /** What `work` comes to within `ms`; `undefined` where it takes longer. */
  const within = async <T>(ms: number, work: Promise<T>): Promise<{ value: T } | undefined> => {
    let outcome: { value: T } | undefined
    const settled = work.then((value) => {
      outcome = { value }
    })
    await clock.advance(ms)
    if (outcome !== undefined) await settled
    return outcome
  }
  return {
    clock,
    line,
    warnings,
    within,
    cache: open(cut, options),
    other: open(tier, { memory: 'off' }),
  }
}

/** Each way to make the entry of `key`, tagged `red`, unservable, with what it answers while the tier is away. */
const INVALIDATIONS: readonly (readonly [string, (cache: Cache) => Promise<unknown>, unknown])[] = [
  ['delete', (cache) => cache.delete('key'), { state: 'pending', found: true }],
  ['deleteMany', (cache) => cache.deleteMany(['key']), { succeeded: 1, failed: [] }],
  ['invalidateTags', (cache) => cache.invalidateTags(['red']), { state: 'pending' }],
  ['clear', (cache) => cache.clear(), { state: 'pending' }],
  ['expire', (cache) => cache.expire('key'), { state: 'pending' }],
]

describe.each(AWAY_BY_NAME)('a shared tier that is away by %s', (_, fault) => {
  test('costs a read its budget and no more, and the load goes on', async () => {
    const { cache, clock, line, within } = setup()
    await clock.settle()
    line.fault = fault
    const slow = (): Promise<string> =>
      new Promise((resolve) => void clock.schedule(50, () => resolve('loaded')))

    expect(await within(SHARED_MS + 50, cache.getOrLoad('key', slow))).toEqual({ value: 'loaded' })
    expect(await within(SHARED_MS, cache.get('other'))).toEqual({ value: undefined })
    expect(await within(SHARED_MS, cache.has('other'))).toEqual({ value: false })
  })

  test('a value loaded meanwhile is kept no longer than maxBlindness', async () => {
    const { cache, other, clock, line, within } = setup({ coherence: { maxBlindness: '3s' } })
    line.fault = fault
    let loads = 0
    let loadedAt = 0
    const load = (): string => {
      loads += 1
      loadedAt = clock.monotonic()
      return `load ${loads}`
    }
    // Nothing has been followed yet: that is waited for once, and then the tier is asked.
    await within(2 * SHARED_MS, cache.getOrLoad('key', load, { ttl: '1h', grace: '1h' }))
    await other.set('key', 'newer')
    await clock.advance(loadedAt + 2_999 - clock.monotonic())
    expect(await within(0, cache.getOrLoad('key', load))).toEqual({ value: 'load 1' })
    line.fault = { kind: 'none' }
    await clock.advance(1)
    expect(await cache.getOrLoad('key', load)).toBe('newer')
    expect(loads).toBe(1)
  })

  test('a value that is set meanwhile is read here for maxBlindness, and the old one by nobody', async () => {
    const { cache, other, clock, line, within } = setup({ coherence: { maxBlindness: '8s' } })
    await cache.set('key', 'old', { ttl: '1h' })
    line.fault = fault
    expect(await within(SHARED_MS, cache.set('key', 'new', { ttl: '1h' }))).toEqual({
      value: '1~source',
    })
    await clock.advance(7_999 - SHARED_MS)
    expect(await cache.get('key')).toBe('new')
    await clock.advance(SHARED_MS + 1)
    expect(await within(SHARED_MS, cache.get('key'))).toEqual({ value: undefined })
    line.fault = { kind: 'none' }
    await clock.advance(LAST_RETRY_MS)
    // Told at last: it is gone for everybody.
    expect(await other.get('key')).toBeUndefined()
    expect(await cache.get('key')).toBeUndefined()
  })

  test.each(INVALIDATIONS)(
    '%s is kept, respected here, and told when the tier is back',
    async (...drawn) => {
      const [, invalidate, answer] = drawn
      const { cache, other, clock, line, warnings, within } = setup()
      await cache.set('key', 'old', { ttl: '1h', tags: ['red'] })
      line.fault = fault
      const receipt = await within(SHARED_MS, invalidate(cache))
      expect(receipt?.value).toMatchObject(answer as object)

      // While it is away, and as long as the tier has not been told, the old value is not served.
      expect(await within(SHARED_MS, cache.get('key'))).toEqual({ value: undefined })
      expect(
        await within(
          2 * SHARED_MS,
          cache.getOrLoad('key', () => 'loaded'),
        ),
      ).toEqual({
        value: 'loaded',
      })
      line.fault = { kind: 'none' }
      expect(await within(0, cache.get('key'))).not.toEqual({ value: 'old' })
      expect(await within(0, cache.read('key', { read: 'shared' }))).toMatchObject({
        value: { found: false },
      })

      await clock.advance(LAST_RETRY_MS)
      expect(await other.get('key')).toBeUndefined()
      // Nothing waits any more: a value of the tier is trusted again.
      await other.set('key', 'newer', { ttl: '1h', tags: ['red'] })
      await clock.advance(LAST_RETRY_MS)
      expect(await cache.get('key')).toBe('newer')
      await cache.close()
      expect(warnings.filter((message) => message.includes('never told'))).toEqual([])
      await other.close()
      expect(clock.timers).toBe(0)
    },
  )

  test('a collection that is cleared meanwhile is cleared for the others too', async () => {
    const { cache, other, clock, line, within } = setup()
    let version = 1
    const source = (): string => `version ${version}`
    const here = cache.collection<number, string>('thing', { source, ttl: '1h' })
    const there = other.collection<number, string>('thing', { source, ttl: '1h' })
    await here.get(1)
    expect(await there.get(1)).toBe('version 1')
    version = 2
    line.fault = fault
    expect(await within(SHARED_MS, here.clear())).toMatchObject({ value: { state: 'pending' } })
    expect(await within(2 * SHARED_MS, here.get(1))).toEqual({ value: 'version 2' })
    line.fault = { kind: 'none' }
    await clock.advance(LAST_RETRY_MS)
    expect(await there.get(1)).toBe('version 2')
    expect(await here.get(1)).toBe('version 2')
  })

  test('a write reaches the source, says that it is not protected, and is told later', async () => {
    const { cache, other, clock, line, within } = setup()
    const rows = new Map([[1, 'old']])
    const store = {
      fencing: 'unfenced',
      load: (key: number) => rows.get(key),
      apply: async (writes: readonly { key: number; kind: string; value?: string }[]) =>
        writes.map(({ key, value }) => {
          rows.set(key, value ?? '')
          return { kind: 'applied' } as const
        }),
    } as const
    const here = cache.collection<number, string>('thing', { store, ttl: '1h' })
    const there = other.collection<number, string>('thing', { store, ttl: '1h' })
    await here.get(1)
    await other.set('list', ['old'], { ttl: '1h', tags: ['lists'] })
    line.fault = fault
    const receipt = within(2 * SHARED_MS, here.put(1, 'new', { invalidateTags: ['lists'] }))
    expect(await receipt).toMatchObject({ value: { protected: false } })
    expect(await within(2 * SHARED_MS, here.get(1))).toEqual({ value: 'new' })
    line.fault = { kind: 'none' }
    await clock.advance(LAST_RETRY_MS)
    expect(await there.get(1)).toBe('new')
    expect(await other.get('list')).toBeUndefined()
  })

  test('a copy without grace is not served past its hard age, though it is fresh and the source fails', async () => {
    const { cache, clock, line, within } = setup({ defaults: { jitter: 0, memoryTtl: '1s' } })
    await cache.set('key', 'copy', { ttl: '1h' })
    line.fault = fault
    await clock.advance(999)
    expect(await cache.get('key')).toBe('copy')
    await clock.advance(1)
    const down = (): never => {
      throw new Error('down')
    }
    const reading = cache.getOrLoad('key', down).catch((error: Error) => error.message)
    expect(await within(SHARED_MS, reading)).toEqual({ value: 'down' })
  })

  test('what was never told is warned of when the cache is closed', async () => {
    const { cache, line, warnings, within } = setup()
    line.fault = fault
    await within(SHARED_MS, cache.delete('key'))
    await within(10_000, cache.close())
    expect(warnings).toContain('1 invalidations were never told')
  })
})

test('a tier that is away for an hour is tried now and then, not all the time', async () => {
  let calls = 0
  const clock = new FakeClock()
  const shared = chaosTier(
    memoryTier(),
    (operation) => {
      // Following goes on as ever: that is how its return is seen.
      if (operation !== 'follow') calls += 1
      return { kind: 'fail', error: new Error('connection refused') }
    },
    clock,
  )
  const silent = { level: 'silent', warn: () => {}, error: () => {} }
  const cache = createCache({ name: 'shop', shared, logger: silent }, { clock })
  await cache.delete('key')
  await clock.advance(3_600_000)
  expect(calls).toBeGreaterThan(3_600_000 / LAST_RETRY_MS)
  expect(calls).toBeLessThan((2 * 3_600_000) / LAST_RETRY_MS + 10)
  await cache.close()
  expect(clock.timers).toBe(0)
})
