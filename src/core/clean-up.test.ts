import { describe, expect, test } from 'vitest'
import type { Cache, CacheOptions } from '../contracts/cache.ts'
import type { CleanUpReport } from '../contracts/clean-up.ts'
import type { Collection } from '../contracts/collection.ts'
import type { SharedSession, SharedTier } from '../contracts/shared-tier.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier, FakeClock, type Fault } from '../testing/index.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
const NO_FAULT: Fault = { kind: 'none' }

function quiet(options: Omit<CacheOptions, 'name'>): CacheOptions {
  return { name: 'shop', logger: { warn() {}, error() {} }, ...options }
}

/** Entries that stay by themselves, and are never loaded. */
async function setAll(cache: Cache, ...keys: readonly string[]): Promise<void> {
  await cache.setMany(
    keys.map((key) => [key, key] as const),
    { ttl: 'none' },
  )
}

async function keysOf(cache: { keys(): AsyncIterable<string> }): Promise<readonly string[]> {
  const keys: string[] = []
  for await (const key of cache.keys()) keys.push(key)
  return keys.sort()
}

/** What a clean-up comes to, which pauses between its slices. */
async function over<T>(clock: FakeClock, work: Promise<T>): Promise<T> {
  let isOver = false
  const ended = (): void => {
    isOver = true
  }
  work.then(ended, ended)
  while (!isOver) await clock.advance(10)
  return await work
}

/** Counts the calls of one operation. */
function counted(tier: SharedTier, clock: FakeClock, operation: string) {
  const counts = { calls: 0 }
  const plan = (name: string): Fault => {
    if (name === operation) counts.calls += 1
    return NO_FAULT
  }
  return { counts, tier: chaosTier(tier, plan, clock) }
}

describe('in one process', () => {
  test('who asks for it gets it, also in a program that has nothing else to do', async () => {
    const purposes: unknown[] = []
    class TellingClock extends FakeClock {
      override schedule(delayMs: number, task: () => void, purpose?: string): () => void {
        purposes.push(purpose)
        return super.schedule(delayMs, task)
      }
    }
    const clock = new TellingClock()
    await using cache = createCache(quiet({ idle: {}, shared: memoryTier() }), { clock })
    await setAll(cache, ...Array.from({ length: 3_000 }, (_, at) => `key ${at}`))
    await clock.advance(MINUTE_MS)
    purposes.length = 0
    await over(clock, cache.cleanUp())
    // Its pauses; what else is scheduled meanwhile is upkeep.
    expect(purposes.filter((purpose) => purpose !== 'upkeep').length).toBeGreaterThan(2)
  })

  test('after 31 days, exactly what nobody has read has left, and nothing before 30', async () => {
    const clock = new FakeClock()
    await using cache = createCache(quiet({ idle: {} }), { clock })
    const reports: CleanUpReport[] = []
    cache.on('clean-up', (report) => reports.push(report))
    await setAll(cache, 'unread', 'read on day 2', 'read every day', 'busy', 'replaced')
    const seen: (readonly string[])[] = []
    for (let day = 1; day <= 31; day += 1) {
      await clock.advance(DAY_MS)
      if (day === 2) await cache.get('read on day 2')
      if (day === 20) await setAll(cache, 'replaced')
      await cache.get('read every day')
      cache.noteActivity('busy')
      seen.push(await keysOf(cache))
    }
    expect(seen[29]).toHaveLength(5)
    expect(seen[30]).toEqual(['busy', 'read every day', 'read on day 2', 'replaced'])
    await clock.advance(2 * DAY_MS)
    expect(await keysOf(cache)).toEqual(['busy', 'read every day', 'replaced'])
    const removed = reports.filter((report) => report.removed > 0)
    expect(removed).toMatchObject([
      { outcome: 'done', removed: 1, before: 5, after: 4, copies: 1, memory: undefined },
      { removed: 1, before: 4, after: 3 },
    ])
    // At start-up and every six hours, give or take a tenth.
    expect(reports.length).toBeGreaterThan(33 * 3.5)
    expect(reports.length).toBeLessThan(33 * 4 + 2)
  })

  test('entries that are read without an end stay, on each way of reading', async () => {
    const clock = new FakeClock()
    const idle = { after: '10m', every: '1m' } as const
    await using cache = createCache(quiet({ idle, memory: { copy: 'clone' } }), { clock })
    await setAll(cache, 'get', 'getMany', 'peek', 'has', 'read', 'touch', 'none')
    await cache.set('sliding', 1, { ttl: '1d', renewal: 'sliding' })
    for (let minute = 0; minute < 30; minute += 1) {
      await clock.advance(MINUTE_MS)
      await cache.get('get')
      await cache.getMany(['getMany'])
      await cache.peek('peek')
      await cache.has('has')
      await cache.read('read')
      await cache.touch('touch')
      await cache.get('sliding')
    }
    expect(await keysOf(cache)).toEqual(
      ['get', 'getMany', 'has', 'peek', 'read', 'sliding', 'touch'].sort(),
    )
  })

  test('what does not say so, and says otherwise, stays', async () => {
    const clock = new FakeClock()
    await using cache = createCache(quiet({ idle: { after: '1h' } }), { clock })
    const source = { load: (id: number) => ({ id }) }
    const kept = cache.collection<number, { id: number }>('kept', {
      source,
      idle: 'off',
      ttl: 'none',
    })
    const left = cache.collection<number, { id: number }>('left', {
      source,
      idle: { after: '2h' },
      ttl: 'none',
    })
    await Promise.all([kept.get(1), left.get(1), setAll(cache, 'plain')])
    await clock.advance(1.5 * HOUR_MS)
    expect(await cache.cleanUp()).toMatchObject({ removed: 1, before: 2 })
    expect(await left.peek(1)).toEqual({ id: 1 })
    await clock.advance(3 * HOUR_MS)
    expect(await left.cleanUp()).toMatchObject({ outcome: 'done', removed: 1, before: 1, after: 0 })
    expect(await kept.peek(1)).toEqual({ id: 1 })
    await expect(kept.cleanUp()).rejects.toMatchObject({ code: 'config' })
  })

  test('without `idle` nothing leaves, and nothing is armed', async () => {
    const clock = new FakeClock()
    await using cache = createCache(quiet({}), { clock })
    await setAll(cache, 'a')
    cache.noteActivity('a')
    await clock.advance(60 * DAY_MS)
    expect(await cache.get('a')).toBe('a')
    await expect(cache.cleanUp()).rejects.toThrow(/idle/)
  })

  test.each([
    { after: '59s' },
    { after: 0 },
    { every: '21d' },
    { every: '10ms' },
    { afer: '1d' },
    'on',
    null,
  ])('`idle: %j` is refused', (idle) => {
    expect(() => createCache(quiet({ idle: idle as never }))).toThrow(/idle/)
  })
})

describe('over a shared tier', () => {
  const idle = { after: '10m', every: '1h' } as const

  function setup(options: Partial<CacheOptions> = {}) {
    const clock = new FakeClock()
    const tier = memoryTier({ shards: 3 })
    const open = (shared: SharedTier = tier, more: Partial<CacheOptions> = {}): Cache =>
      createCache(quiet({ shared, idle, metrics: { shareEvery: 'off' }, ...options, ...more }), {
        clock,
      })
    return { clock, tier, open }
  }

  test('a key that is only read in one process, by hits alone, counts as read', async () => {
    const { clock, tier, open } = setup()
    const { counts, tier: watched } = counted(tier, clock, 'note')
    await using one = open(watched, { defaults: { memoryTtl: '1d' } })
    await using two = open()
    await setAll(one, 'hot', 'cold')
    await one.getMany(['hot', 'cold'])
    const calls = 900
    for (let second = 0; second < calls; second += 1) {
      await clock.advance(1_000)
      expect(await one.get('hot')).toBe('hot')
    }
    // Once in a sixtieth of the ten minutes: not with each read.
    expect(counts.calls).toBeGreaterThan(calls / 10 / 2)
    expect(counts.calls).toBeLessThanOrEqual(calls / 10)
    expect(await over(clock, two.cleanUp())).toMatchObject({
      outcome: 'done',
      removed: 1,
      before: 2,
      after: 1,
    })
    expect(await two.getMany(['hot', 'cold'])).toEqual(new Map([['hot', 'hot']]))
  })

  test('whatever the application calls activity keeps an entry, read or not', async () => {
    const { clock, open } = setup({ memory: 'off' })
    await using one = open()
    const users = one.collection<number, string>('user', {
      source: (id) => `user ${id}`,
      ttl: 'none',
    })
    await Promise.all([users.get(1), users.get(2)])
    for (let minute = 0; minute < 20; minute += 1) {
      await clock.advance(MINUTE_MS)
      users.noteActivity(1)
    }
    expect(await over(clock, users.cleanUp())).toMatchObject({ removed: 1, before: 2 })
    expect(await users.peek(1)).toBe('user 1')
    expect(await users.peek(2)).toBeUndefined()
    expect(() => users.noteActivity(Number.NaN)).toThrow(/key/i)
  })

  test('a copy that nobody reads leaves its process, while another keeps its own', async () => {
    const { clock, open } = setup({ defaults: { memoryTtl: '1d' } })
    await using one = open()
    await using two = open()
    await setAll(one, 'a')
    await clock.advance(1_000)
    await two.get('a')
    expect((await two.usage()).memory.entries).toBe(1)
    for (let minute = 0; minute < 15; minute += 1) {
      await clock.advance(MINUTE_MS)
      await one.get('a')
    }
    expect(await over(clock, two.cleanUp())).toMatchObject({ removed: 0, copies: 1 })
    expect((await two.usage()).memory.entries).toBe(0)
    expect((await one.usage()).memory.entries).toBe(1)
    expect(await two.get('a')).toBe('a')
  })

  test('a copy stays when the entry leaves: nothing has changed', async () => {
    const { clock, tier, open } = setup({ defaults: { memoryTtl: '1d' } })
    // Its notes never arrive.
    await using one = open(chaosTier(tier, lost('note'), clock))
    await using two = open()
    await setAll(one, 'a')
    const heard: unknown[] = []
    one.on('invalidation', (event) => heard.push(event))
    for (let minute = 0; minute < 15; minute += 1) {
      await clock.advance(MINUTE_MS)
      await one.get('a')
    }
    expect(await over(clock, two.cleanUp())).toMatchObject({ removed: 1 })
    await clock.advance(2_000)
    expect(heard).toEqual([])
    expect(await one.get('a')).toBe('a')
    expect(await two.get('a')).toBeUndefined()
  })

  test('of several processes one does the work each time', async () => {
    const { clock, open } = setup({ idle: { after: '10m', every: '10m' } })
    const caches = Array.from({ length: 3 }, () => open())
    const reports: CleanUpReport[] = []
    for (const cache of caches) cache.on('clean-up', (report) => reports.push(report))
    await setAll(caches[0] as Cache, 'a')
    await clock.advance(5_000)
    expect(reports).toHaveLength(1)
    await clock.advance(50 * MINUTE_MS)
    expect(reports.length).toBeGreaterThanOrEqual(5)
    expect(reports.length).toBeLessThanOrEqual(7)
    expect(reports.reduce((sum, { removed }) => sum + removed, 0)).toBe(1)
    await over(clock, Promise.all(caches.map((cache) => cache.close())))
  })

  test('a process that finds another at it does nothing', async () => {
    const { clock, tier, open } = setup()
    const slow = held(tier)
    await using one = open(slow.tier)
    await using two = open()
    await setAll(one, 'a')
    await clock.advance(15 * MINUTE_MS)
    slow.hold()
    const first = one.cleanUp()
    await clock.advance(100)
    expect(await over(clock, two.cleanUp())).toMatchObject({
      outcome: 'elsewhere',
      removed: 0,
      before: 0,
    })
    slow.letGo()
    expect(await over(clock, first)).toMatchObject({ outcome: 'done', removed: 1 })
  })

  test('one that stood still is overtaken, and removes nothing more', async () => {
    const { clock, tier, open } = setup({ sharedTimeout: '10m', idle: { after: '1m' } })
    const slow = held(tier)
    await using one = open(slow.tier)
    await using two = open()
    await setAll(one, 'a')
    await clock.advance(2 * MINUTE_MS)
    slow.hold()
    const first = one.cleanUp()
    await clock.advance(11_000)
    // Whoever died, or stands still, leaves the lock to the next; what he has begun is gone on with.
    expect(await over(clock, two.cleanUp())).toMatchObject({
      outcome: 'done',
      resumed: true,
      removed: 1,
    })
    await setAll(two, 'b')
    await clock.advance(2 * MINUTE_MS)
    await over(clock, two.cleanUp())
    await setAll(two, 'c')
    slow.letGo()
    expect(await over(clock, first)).toMatchObject({ outcome: 'overtaken', removed: 0 })
    expect(await two.get('c')).toBe('c')
  })

  test('one that was ended in its middle is gone on with', async () => {
    const { clock, open } = setup()
    const one = open()
    const keys = Array.from({ length: 9_000 }, (_, at) => `entry ${at}`)
    await setAll(one, ...keys)
    await clock.advance(15 * MINUTE_MS)
    const ending = one.cleanUp()
    const ended = expect(ending).rejects.toMatchObject({ code: 'closed' })
    await clock.advance(60)
    await over(clock, one.close())
    await ended
    await using two = open()
    const left = (await two.usage()).shared?.entries ?? 0
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThan(9_000)
    expect(await over(clock, two.cleanUp())).toMatchObject({ outcome: 'done', resumed: true })
    expect((await two.usage()).shared?.entries).toBe(0)
    expect(await over(clock, two.cleanUp())).toMatchObject({ resumed: false, before: 0 })
  })

  test('a caller may leave, and the lock is free for the next', async () => {
    const { clock, open } = setup()
    await using one = open()
    await setAll(one, ...Array.from({ length: 9_000 }, (_, at) => `entry ${at}`))
    const controller = new AbortController()
    const leaving = expect(one.cleanUp({ signal: controller.signal })).rejects.toThrow('enough')
    await clock.advance(30)
    controller.abort(new Error('enough'))
    await clock.advance(100)
    await leaving
    const next = one.cleanUp()
    await clock.advance(1_000)
    expect(await next).toMatchObject({ outcome: 'done', resumed: true, before: 9_000, removed: 0 })
  })

  test('where the tier does not answer, the caller hears of it', async () => {
    const { clock, tier, open } = setup()
    const failing = chaosTier(
      tier,
      (operation) =>
        operation === 'sweep' ? { kind: 'fail', error: new Error('cut off') } : NO_FAULT,
      clock,
    )
    await using one = open(failing)
    await expect(over(clock, one.cleanUp())).rejects.toMatchObject({ code: 'tier' })
  })

  test('a clean-up by the time of writing is found out', async () => {
    await expect(readEntriesStay((tier) => tier)).resolves.toBeUndefined()
    // As if what was read were not noted: entries count from when they were written.
    await expect(readEntriesStay(byWriteTime)).rejects.toThrow()
  })

  /** Two collections, read on different ways; what is read stays. */
  async function readEntriesStay(plant: (tier: SharedTier) => SharedTier): Promise<void> {
    const { clock, tier, open } = setup({ defaults: { memoryTtl: '1d' } })
    await using cache = open(plant(tier))
    const users: Collection<string, string> = cache.collection('user', {
      source: (id: string) => id,
      ttl: 'none',
    })
    await setAll(cache, 'read', 'unread')
    await Promise.all([users.get('read'), users.get('unread')])
    for (let minute = 0; minute < 15; minute += 1) {
      await clock.advance(MINUTE_MS)
      await Promise.all([cache.get('read'), users.get('read')])
    }
    await over(clock, cache.cleanUp())
    await using other = open(tier, { memory: 'off' })
    expect(await keysOf(other)).toEqual(['read'])
    const theirs = other.collection<string, string>('user', { source: (id) => id })
    expect(await keysOf(theirs)).toEqual(['read'])
  }

  function byWriteTime(tier: SharedTier): SharedTier {
    return {
      kind: tier.kind,
      open(context) {
        const session = tier.open(context)
        const idleSteps = { ...session.idle, note: async () => {} }
        return new Proxy<SharedSession>(session, {
          get: (target, property) => {
            if (property === 'idle') return idleSteps
            const member: unknown = Reflect.get(target, property, target)
            return typeof member === 'function' ? member.bind(target) : member
          },
        })
      },
    }
  }

  function lost(operation: string): (name: string) => Fault {
    return (name) => (name === operation ? { kind: 'fail', error: new Error('lost') } : NO_FAULT)
  }

  /** A tier whose slices of clean-ups can be kept on their way. */
  function held(tier: SharedTier) {
    let gate: PromiseWithResolvers<void> | undefined
    const wrapped: SharedTier = {
      kind: tier.kind,
      open(context) {
        const session = tier.open(context)
        const sweep: typeof session.idle.sweep = async (request) => {
          await gate?.promise
          return await session.idle.sweep(request)
        }
        const idleSteps = { ...session.idle, sweep }
        return new Proxy<SharedSession>(session, {
          get: (target, property) => {
            if (property === 'idle') return idleSteps
            const member: unknown = Reflect.get(target, property, target)
            return typeof member === 'function' ? member.bind(target) : member
          },
        })
      },
    }
    return {
      tier: wrapped,
      hold: () => {
        gate = Promise.withResolvers<void>()
      },
      letGo: () => gate?.resolve(),
    }
  }
})
