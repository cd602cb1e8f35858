import { describe, expect, test } from 'vitest'
import { ConfigError } from '../contracts/errors.ts'
import type { CacheEvent } from '../contracts/events.ts'
import type { SharedSession, SharedSignal, SharedValue } from '../contracts/shared-tier.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { answersOf } from '../testing/shared-steps.ts'
import { memoryTier, type SharedMemoryOptions } from './shared-memory-tier.ts'

/** A tier with sessions on one clock, and what each of them told. */
function setup(options: SharedMemoryOptions = {}) {
  const tier = memoryTier(options)
  const clock = new FakeClock()
  const random = new SeededRandom(1)
  const open = (name = 'shop') => {
    const events: CacheEvent[] = []
    const report = (event: CacheEvent): void => void events.push(event)
    const session = tier.open({ name, instance: 'desk', clock, random, report })
    return { session, events }
  }
  return { clock, open }
}

function value(id: string, size = 10, ttlMs = 1_000): SharedValue {
  const [collection = ''] = id.includes(':') ? id.split(':') : []
  return { id, collection, envelope: new Uint8Array(size), ttlMs, graceMs: 0, tags: [] }
}

const present = (readings: Awaited<ReturnType<SharedSession['read']>>): readonly boolean[] =>
  answersOf(readings).map(({ entry }) => entry !== undefined)

describe('the shared tier in memory', () => {
  test('a bound or a number of shards that is no whole number above 0 is refused', () => {
    for (const bad of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => memoryTier({ maxBytes: bad })).toThrow(ConfigError)
      expect(() => memoryTier({ shards: bad })).toThrow(ConfigError)
    }
    expect(() => memoryTier({ shards: 65 })).toThrow('from 1 to 64')
  })

  test('two tiers share nothing, caches of one name on one tier do', async () => {
    const first = setup()
    const { session } = first.open()
    await session.set([value('k')])
    expect(present(await first.open().session.read([value('k')]))).toEqual([true])
    expect(
      present(
        await setup()
          .open()
          .session.read([value('k')]),
      ),
    ).toEqual([false])
  })

  test('no step answers in the turn that asked', async () => {
    const { session } = setup().open()
    let answered = false
    const reading = session.read([value('k')]).then(() => {
      answered = true
    })
    expect(answered).toBe(false)
    await reading
  })

  test('what was used longest ago leaves when the bound is reached, and is told', async () => {
    const { session, events } = setup({ maxBytes: 10_000 }).open()
    for (const id of ['a', 'item:b', 'c']) await session.set([value(id, 3_000)])
    await session.read([value('a')])
    await session.set([value('d', 3_000)])
    const readings = await session.read(['a', 'item:b', 'c', 'd'].map((id) => value(id)))
    expect(present(readings)).toEqual([true, false, true, true])
    const removal = { type: 'removal', tier: 'shared', cause: 'evicted', count: 1 }
    expect(events).toEqual([{ ...removal, pattern: 'item:*' }])
    const { bytes, maxBytes, entries } = await session.usage()
    expect(entries).toBe(3)
    expect(bytes).toBeLessThanOrEqual(maxBytes)
  })

  test('a value larger than the bound is not kept, and takes the bound from nobody later', async () => {
    const { session } = setup({ maxBytes: 10_000 }).open()
    await session.set([value('large', 20_000)])
    expect(await session.usage()).toMatchObject({ entries: 0, bytes: 0 })
    await session.set([value('small')])
    expect(present(await session.read([value('small')]))).toEqual([true])
  })

  test('each minute a sweep removes all that is over, and tells the cache whose sweep it was', async () => {
    const { clock, open } = setup()
    const { session, events } = open()
    await session.set(Array.from({ length: 2_500 }, (_, index) => value(`item:${index}`)))
    await session.set([value('plain'), value('lasting', 10, 3_600_000)])
    await session.set([value('gone:1', 10, 3_600_000)])
    await session.invalidate({ kind: 'collection', collection: 'gone' })
    expect((await session.usage()).entries).toBe(2_503)
    await clock.advance(60_000)
    await clock.settle()
    expect((await session.usage()).entries).toBe(1)
    const counts = new Map<string, number>()
    for (const event of events) {
      if (event.type !== 'removal') continue
      const name = `${event.pattern} ${event.cause}`
      counts.set(name, (counts.get(name) ?? 0) + event.count)
    }
    expect(Object.fromEntries(counts)).toEqual({
      'item:* expired': 2_500,
      '* expired': 1,
      'gone:* invalidated': 1,
    })
  })

  test('nothing stored leaves no timer, and neither does a session that is closed', async () => {
    const { clock, open } = setup()
    const { session } = open()
    await session.read([value('k')])
    expect(clock.timers).toBe(0)
    await session.set([value('k')])
    expect(clock.timers).toBe(1)
    await clock.advance(120_000)
    expect(clock.timers).toBe(0)
    await session.claim([{ ...value('k'), token: 'a' }], { leaseMs: 10 })
    expect(clock.timers).toBe(1)
    await session.close()
    expect(clock.timers).toBe(0)
  })

  test('the session that is left hears of removals after the first was closed', async () => {
    const { open } = setup()
    const first = open()
    const second = open()
    await first.session.set([value('k')])
    await first.session.close()
    await second.session.invalidate({ kind: 'keys', keys: [value('k')], mode: 'delete' })
    expect(first.events).toEqual([])
    expect(second.events).toMatchObject([{ type: 'removal', cause: 'deleted', count: 1 }])
  })

  test('signals are delivered after the step, to every session that listens, its own too', async () => {
    const { clock, open } = setup()
    const [first, second, silent] = [open().session, open().session, open().session]
    const heard: string[] = []
    const listen = (name: string) => (signal: SharedSignal) =>
      void heard.push(`${name} ${signal.kind}`)
    first.listen(listen('first'))
    second.listen(listen('second'))
    const setting = first.set([value('k')])
    await setting
    expect(heard).toEqual([])
    await clock.settle()
    expect(heard).toEqual(['first changes', 'second changes'])
    await second.close()
    await silent.set([value('k')])
    await clock.settle()
    expect(heard).toEqual(['first changes', 'second changes', 'first changes'])
  })

  test('keys are spread over the shards, and each has its share of the bytes', async () => {
    const { open } = setup({ shards: 4, maxBytes: 40_000 })
    const { session } = open()
    const values = Array.from({ length: 100 }, (_, index) => value(`item:${index}`, 1_000))
    await session.set(values)
    const shards = new Set(values.map((one) => session.place(one).shard))
    expect([...shards].sort()).toEqual([0, 1, 2, 3])
    const { entries, bytes, maxBytes } = await session.usage()
    expect(maxBytes).toBe(40_000)
    expect(bytes).toBeLessThanOrEqual(40_000)
    expect(entries).toBeGreaterThan(20)
    const found: string[] = []
    let cursor: string | undefined
    do {
      const page = await session.scan('item', cursor, 7)
      found.push(...page.keys)
      cursor = page.cursor
    } while (cursor !== undefined)
    expect(new Set(found).size).toBe(entries)
    expect(found).toHaveLength(entries)
  })

  test('a sweep goes through all shards', async () => {
    const { clock, open } = setup({ shards: 3 })
    const { session } = open()
    await session.set(Array.from({ length: 30 }, (_, index) => value(`k${index}`)))
    await clock.advance(120_000)
    expect((await session.usage()).entries).toBe(0)
    expect(clock.timers).toBe(0)
  })
})
