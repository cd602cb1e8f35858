import { describe, expect, test } from 'vitest'
import type { Cache } from '../contracts/cache.ts'
import type { CollectionOptions } from '../contracts/collection.ts'
import { ArgumentError, ClosedError, ConfigError, TierError } from '../contracts/errors.ts'
import type { OldVersionsEvent } from '../contracts/events.ts'
import type { SharedTier } from '../contracts/shared-tier.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier } from '../testing/chaos.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { SeededRandom } from '../testing/seeded-random.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} } as const

type Own = Partial<CollectionOptions<number, string>>

/** Releases of a collection over one tier, each an instance of its own. */
function setup() {
  const clock = new FakeClock()
  const tier = memoryTier({ shards: 3 })
  const open = (version: number, own: Own = {}, shared: SharedTier = tier) => {
    const cache = createCache(
      { name: 'shop', shared, logger: SILENT, defaults: { jitter: 0, ttl: '10d' } },
      { clock },
    )
    const things = cache.collection<number, string>('thing', {
      ...('store' in own ? {} : { source: (key: number) => `${key} in version ${version}` }),
      version,
      ...own,
    })
    const told: OldVersionsEvent[] = []
    cache.on('old-versions', (event) => told.push(event))
    const fill = async (from: number, count: number): Promise<void> => {
      await things.getMany(Array.from({ length: count }, (_, at) => from + at))
    }
    /** As the tier has them, whoever can read them. */
    const held = async (): Promise<number[]> => {
      const found: number[] = []
      const fresh = open(version).things
      for await (const key of fresh.keys()) found.push(key)
      return found.sort((one, other) => one - other)
    }
    return { cache, things, told, fill, held }
  }
  return { clock, tier, open }
}

/** What it comes to, when the pauses of a short walk are over. */
async function walked<T>(clock: FakeClock, work: Promise<T>): Promise<T> {
  work.catch(() => {})
  await clock.advance(1_000)
  return await work
}

const range = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, at) => from + at)

/** The tier, where the way of an earlier walk leads nowhere: its servers are others by now. */
function withNewServers(tier: SharedTier): SharedTier {
  let isFirst = true
  return {
    kind: tier.kind,
    open(context) {
      const session = tier.open(context)
      const scan = session.scan.bind(session)
      return Object.assign(session, {
        scan: (...asked: Parameters<typeof scan>) => {
          const fails = isFirst && asked[1] !== undefined
          isFirst = false
          return fails ? Promise.reject(new Error('no such server')) : scan(...asked)
        },
      })
    },
  }
}

describe('removing old versions', () => {
  test('removes what is older, and nothing that is as new or newer', async () => {
    const { open, clock } = setup()
    const [first, second, third] = [open(1), open(2), open(3)]
    await first.fill(0, 20)
    await second.fill(20, 30)
    await third.fill(50, 10)
    const report = await walked(clock, second.things.removeOldVersions({ perSecond: 100_000 }))
    expect(report).toMatchObject({ state: 'done', scanned: 60, removed: 20, newer: 10 })
    expect(await second.held()).toEqual(range(20, 40))
    expect(await third.things.read(50)).toMatchObject({ tier: 'memory' })
    const fresh = await third.things.inspect(50)
    expect(fresh).toMatchObject({ tiers: ['memory', 'shared'] })
    expect(second.told.map(({ state }) => state)).toEqual(['begun', 'done'])
    expect(second.told.at(-1)).toMatchObject({ pattern: 'thing:*', below: 2, removed: 20 })
  })

  test('removes no more than asked for, of this collection alone', async () => {
    const { open, clock } = setup()
    const [first, second, third] = [open(1), open(2), open(3)]
    await first.fill(0, 3)
    await second.fill(10, 3)
    await first.cache.set('plain', 'one')
    expect(await walked(clock, third.things.removeOldVersions({ below: 2 }))).toMatchObject({
      removed: 3,
    })
    expect(await second.held()).toEqual([10, 11, 12])
    expect(await third.cache.get('plain')).toBe('one')
    expect(await walked(clock, third.cache.removeOldVersions())).toMatchObject({
      state: 'done',
      removed: 0,
    })
  })

  test('is no change: copies of an older release are served to their end', async () => {
    const { open, clock } = setup()
    const [first, second] = [open(1), open(2)]
    await first.fill(0, 1)
    await walked(clock, second.things.removeOldVersions())
    await clock.settle()
    expect(await first.things.read(0)).toMatchObject({ tier: 'memory' })
    expect(await open(1).things.read(0)).toMatchObject({ tier: 'source' })
  })

  test('leaves alone what comes in the place of an old entry', async () => {
    const { open, tier, clock } = setup()
    const [first, third] = [open(1), open(2)]
    await first.fill(0, 5)
    // Between the look at an entry and its removal, a newer release loads it.
    const racing: SharedTier = {
      kind: tier.kind,
      open(context) {
        const session = tier.open(context)
        const claim = session.claim.bind(session)
        let raced = false
        return Object.assign(session, {
          claim: async (...request: Parameters<typeof claim>) => {
            if (!raced && request[0].some(({ id }) => id.startsWith('thing:'))) {
              raced = true
              await third.fill(0, 2)
            }
            return await claim(...request)
          },
        })
      },
    }
    const second = open(2, {}, racing)
    const removal = second.things.removeOldVersions()
    await clock.advance(1_000)
    expect(await removal).toMatchObject({ removed: 3 })
    expect(await open(2).things.read(0)).toMatchObject({ tier: 'shared', value: '0 in version 2' })
    expect(await second.held()).toEqual([0, 1])
  })

  test('leaves alone what is being written, and what waits for the source', async () => {
    const { open, clock } = setup()
    const store = {
      load: (key: number) => String(key),
      apply: () => new Promise<never>(() => {}),
      fencing: 'versioned',
    } as const
    const own = { store, write: { put: 'behind' }, behind: { delay: '1h' } } as const
    const [older, second] = [open(1, own), open(2, own)]
    await older.fill(0, 2)
    await older.things.put(7, 'waits')
    second.things.create(0, 'is written').catch(() => {})
    await clock.settle()
    const removal = walked(clock, second.things.removeOldVersions())
    expect(await removal).toMatchObject({ removed: 1 })
    expect(await older.things.get(7)).toBe('waits')
  })

  test('goes at its pace, and tells how far it has come', async () => {
    const { open, clock } = setup()
    const [first, second] = [open(1), open(2)]
    await first.fill(0, 500)
    const began = clock.monotonic()
    const removal = second.things.removeOldVersions({ perSecond: 50 })
    await clock.advance(5_000)
    expect(second.told.at(-1)).toMatchObject({ state: 'running' })
    expect((second.told.at(-1)?.scanned ?? 0) <= 350).toBe(true)
    await clock.advance(60_000)
    expect(await removal).toMatchObject({ state: 'done', scanned: 500, removed: 500 })
    expect(second.told.at(-1)?.durationMs).toBeGreaterThan(7_000)
    expect(clock.monotonic()).toBeGreaterThan(began)
  })

  test('is the work of one instance at a time', async () => {
    const { open, clock } = setup()
    const [first, second, other] = [open(1), open(2), open(2)]
    await first.fill(0, 500)
    const removal = second.things.removeOldVersions({ perSecond: 100 })
    await clock.advance(1_500)
    expect(await walked(clock, other.things.removeOldVersions())).toMatchObject({
      state: 'elsewhere',
      scanned: 0,
    })
    await clock.advance(20_000)
    expect(await removal).toMatchObject({ state: 'done' })
    expect(await walked(clock, other.things.removeOldVersions())).toMatchObject({
      state: 'done',
      removed: 0,
    })
  })

  test('stopped, goes on where it was, with another instance too', async () => {
    const { open, clock } = setup()
    const [first, second, other] = [open(1), open(2), open(2)]
    await first.fill(0, 500)
    const stop = new AbortController()
    const { signal } = stop
    const removal = second.things.removeOldVersions({ perSecond: 100, signal })
    await clock.advance(2_500)
    stop.abort()
    const stopped = await removal
    expect(stopped.state).toBe('stopped')
    expect(stopped.scanned).toBeLessThan(500)
    await expect(second.things.removeOldVersions({ signal })).rejects.toThrow()
    const going = other.things.removeOldVersions({ perSecond: 100_000 })
    await clock.advance(1_000)
    const { told } = other
    expect(told[0]).toMatchObject({ state: 'begun', scanned: stopped.scanned })
    expect(await going).toMatchObject({ state: 'done', scanned: 500, removed: 500 })
  })

  test('ended by a death, is gone on with when its lock has run out', async () => {
    const { open, clock, tier } = setup()
    let dead = false
    const mortal = chaosTier(tier, () => ({ kind: dead ? 'hang' : 'none' }), clock)
    const [first, dying, other] = [open(1), open(2, {}, mortal), open(2)]
    await first.fill(0, 800)
    dying.things.removeOldVersions({ perSecond: 100 }).catch(() => {})
    await clock.advance(3_000)
    dead = true
    expect(await walked(clock, other.things.removeOldVersions())).toMatchObject({
      state: 'elsewhere',
    })
    await clock.advance(31_000)
    const going = walked(clock, other.things.removeOldVersions({ perSecond: 100_000 }))
    expect(await going).toMatchObject({ state: 'done' })
    // What was done between the last record and the death is gone already.
    expect(other.told[0]?.scanned).toBeGreaterThan(0)
    expect(await other.held()).toEqual([])
  })

  test('begins again where the way it was on leads nowhere', async () => {
    const { open, clock, tier } = setup()
    const [first, second, other] = [open(1), open(2), open(2, {}, withNewServers(tier))]
    await first.fill(0, 500)
    const stop = new AbortController()
    const removal = second.things.removeOldVersions({ perSecond: 100, signal: stop.signal })
    await clock.advance(2_500)
    stop.abort()
    expect(await removal).toMatchObject({ state: 'stopped' })
    const again = walked(clock, other.things.removeOldVersions({ perSecond: 100_000 }))
    expect(await again).toMatchObject({ state: 'done', removed: 500 })
    expect(await other.held()).toEqual([])
  })

  test("begins anew where the record of an earlier one is nobody's, or of other versions", async () => {
    const { open, clock, tier } = setup()
    await open(1).fill(0, 10)
    const { random, report } = { random: new SeededRandom(1), report: () => {} }
    const session = tier.open({ name: 'shop', instance: 'odd', clock, random, report })
    const text = (record: unknown): Uint8Array =>
      new Uint8Array(Buffer.from(JSON.stringify(record), 'utf16le'))
    const counts = { scanned: 99, removed: 99, newer: 99 }
    const records = [
      new Uint8Array([1, 2, 3]),
      text({ below: 2 }),
      text({ ...counts, below: 2, done: 'yes' }),
      text({ ...counts, below: 2, done: false, cursor: 7 }),
      text({ ...counts, below: 1, done: false }),
    ]
    for (const envelope of records) {
      const key = { id: '!old-versions:s5:thing', collection: '!old-versions' }
      await session.set([{ ...key, envelope, ttlMs: 60_000, graceMs: 0, tags: [] }])
      const { things, told } = open(2)
      expect(await walked(clock, things.removeOldVersions())).toMatchObject({ state: 'done' })
      expect(told[0]).toMatchObject({ state: 'begun', scanned: 0 })
    }
  })

  test('that cannot be kept, or granted, or asked, harms nothing', async () => {
    const { open, clock, tier } = setup()
    await open(1).fill(0, 30)
    let fault = ''
    const failing = chaosTier(
      tier,
      (operation) =>
        operation === fault ? { kind: 'fail', error: new Error('down') } : { kind: 'none' },
      clock,
    )
    const second = open(2, {}, failing)
    fault = 'claim'
    const unclaimed = walked(clock, second.things.removeOldVersions())
    expect(await unclaimed).toMatchObject({ state: 'done', removed: 0 })
    await clock.advance(5_000)
    fault = 'fill'
    const unfilled = walked(clock, second.things.removeOldVersions())
    expect(await unfilled).toMatchObject({ state: 'done', removed: 0 })
    await clock.advance(5_000)
    fault = 'read'
    const unread = walked(clock, second.things.removeOldVersions())
    await expect(unread).rejects.toThrow(TierError)
    fault = ''
    await clock.advance(15_000)
    const done = walked(clock, second.things.removeOldVersions())
    expect(await done).toMatchObject({ state: 'done', removed: 30 })
  })

  test('of a cache without a shared tier has nothing to do', async () => {
    const cache = createCache({ name: 'alone', version: 3, oldVersions: 'remove' })
    expect(await cache.removeOldVersions()).toMatchObject({ state: 'done', scanned: 0 })
    await cache.close()
    await expect(cache.removeOldVersions()).rejects.toThrow(ClosedError)
  })

  test('refuses what cannot work', async () => {
    const { open } = setup()
    const { things } = open(2)
    await expect(things.removeOldVersions({ below: 3 })).rejects.toThrow(ArgumentError)
    await expect(things.removeOldVersions({ perSecond: 0 })).rejects.toThrow(ArgumentError)
    const wrong = [{ removeAfter: -1 }, { perSecond: 0 }, { often: 1 }, 'never', 7]
    for (const oldVersions of wrong) {
      expect(() => open(2, { oldVersions } as unknown as Own)).toThrow(ConfigError)
    }
  })
})

describe('old versions that are to be removed', () => {
  const remove: Own = { oldVersions: { removeAfter: '1m', perSecond: 1_000 } }

  test('leave some time after the start, once for all instances', async () => {
    const { open, clock } = setup()
    const first = open(1)
    await first.fill(0, 300)
    const [second, other] = [open(2, remove), open(2, remove)]
    await clock.advance(59_000)
    expect(second.told).toEqual([])
    await clock.advance(181_000)
    expect(await second.held()).toEqual([])
    const ends = [...second.told, ...other.told].filter(({ state }) => state === 'done')
    expect(ends).toMatchObject([{ removed: 300, scanned: 300 }])
    // Who starts later finds that it was done.
    const late = open(2, remove)
    await clock.advance(120_000)
    expect(late.told).toEqual([])
  })

  test('of a first version are none, and a closed cache does nothing', async () => {
    const { open, clock } = setup()
    const first = open(0, remove)
    const closed = open(2, { oldVersions: 'remove' })
    const closing: ReturnType<Cache['close']> = closed.cache.close()
    await clock.advance(1_000)
    await closing
    await clock.advance(3_600_000)
    expect([...first.told, ...closed.told]).toEqual([])
  })

  test('are tried again after a failure', async () => {
    const { open, clock, tier } = setup()
    await open(1).fill(0, 10)
    let away = true
    const failing: SharedTier = {
      kind: tier.kind,
      open(context) {
        const session = tier.open(context)
        const scan = session.scan.bind(session)
        return Object.assign(session, {
          scan: (...asked: Parameters<typeof scan>) =>
            away ? Promise.reject(new Error('away')) : scan(...asked),
        })
      },
    }
    const second = open(2, remove, failing)
    await clock.advance(70_000)
    expect(second.told.map(({ state }) => state)).toEqual(['begun', 'stopped'])
    away = false
    await clock.advance(70_000)
    expect(second.told.at(-1)).toMatchObject({ state: 'done', removed: 10 })
  })
})
