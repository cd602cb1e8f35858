import { describe, expect, test } from 'vitest'
import type { CacheOptions } from '../contracts/cache.ts'
import type { LoadEvent, WriteEvent } from '../contracts/events.ts'
import type { SharedSession, SharedSignal, SharedTier } from '../contracts/shared-tier.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { blindCopy } from './commit.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} }

/** A tier of two servers, of which the second knows nothing of the first: its numbers begin anew. */
function failingOver() {
  const servers = [memoryTier(), memoryTier()] as const
  const scene = { current: 0 }
  const tier: SharedTier = {
    kind: 'memory',
    open(context) {
      const sessions = servers.map((server) => server.open(context))
      const current = (): SharedSession => sessions[scene.current] as SharedSession
      return new Proxy(current(), {
        get(_, property) {
          if (property === 'listen') {
            return (listener: (signal: SharedSignal) => void) => {
              for (const session of sessions) session.listen(listener)
            }
          }
          const member: unknown = Reflect.get(current(), property)
          return typeof member === 'function' ? member.bind(current()) : member
        },
      })
    },
  }
  return { tier, scene }
}

function setup(options: Partial<CacheOptions> = {}) {
  const clock = new FakeClock()
  const { tier, scene } = failingOver()
  const open = () =>
    createCache(
      { name: 'shop', shared: tier, logger: SILENT, defaults: { jitter: 0 }, ...options },
      { clock },
    )
  const [here, there] = [open(), open()]
  const outcomes: LoadEvent['outcome'][] = []
  here.on('load', ({ outcome }) => outcomes.push(outcome))
  const calls: PromiseWithResolvers<string>[] = []
  const load = (): Promise<string> => {
    const call = Promise.withResolvers<string>()
    calls.push(call)
    return call.promise
  }
  return { clock, scene, here, there, outcomes, calls, load }
}

describe('a loaded value', () => {
  test('that its loader wants to be kept nowhere is handed out, and ends what was there', async () => {
    const { here, there, outcomes, clock } = setup()
    await here.set('a', 'old', { ttl: '1s', grace: '1h' })
    await clock.advance(1_000)
    expect(await here.getOrLoad('a', ({ uncached }) => uncached('once'))).toBe('once')
    expect(outcomes).toEqual(['uncached'])
    await clock.settle()
    const down = (): never => {
      throw new Error('the source is down')
    }
    for (const cache of [here, there]) {
      await expect(cache.getOrLoad('a', down)).rejects.toThrow('the source is down')
    }
  })

  test('that is kept nowhere gives its lease to the next at once', async () => {
    const { here, there, clock } = setup()
    await here.getOrLoad('a', ({ uncached }) => uncached('once'))
    expect(await there.getOrLoad('a', () => 'kept')).toBe('kept')
    expect(clock.monotonic()).toBe(0)
  })

  test('whose life is over before it begins is handed out alone', async () => {
    const { here, outcomes } = setup()
    expect(await here.getOrLoad('a', () => 'late', { expiresAt: 1 })).toBe('late')
    expect(outcomes).toEqual(['uncached'])
  })

  test('that is no value to keep is handed out, and kept by nobody', async () => {
    const { here, there, outcomes } = setup()
    const failed: WriteEvent[] = []
    here.on('write', (event) => failed.push(event))
    const values: readonly unknown[] = [() => 'a function', Symbol('a symbol')]
    for (const value of values) {
      expect(await here.getOrLoad('a', () => value)).toBe(value)
      expect(await here.peek('a')).toBeUndefined()
    }
    expect(outcomes).toEqual(['uncached', 'uncached'])
    const refused = { kind: 'fill', outcome: 'failed', error: { field: 'value' } }
    expect(failed).toMatchObject([refused, refused])
    // Its lease went to the next at once.
    expect(await there.getOrLoad('a', () => 'kept')).toBe('kept')
  })

  test('one of whose tags is heard to be removed meanwhile is handed out, and kept by nobody', async () => {
    const { here, there, outcomes, calls, load, clock } = setup()
    const reading = here.getOrLoad('a', load, { tags: ['red'] })
    await clock.settle()
    await there.invalidateTags(['red'])
    await clock.settle()
    calls[0]?.resolve('read before')
    expect(await reading).toBe('read before')
    expect(outcomes).toEqual(['fenced'])
    expect([await here.peek('a'), await there.peek('a')]).toEqual([undefined, undefined])
  })

  test('one of whose tags is removed before this process hears that it is stored is not copied', async () => {
    const clock = new FakeClock()
    const tier = memoryTier()
    const slow: SharedTier = {
      kind: 'memory',
      open(context) {
        const session = tier.open(context)
        const fill = session.fill.bind(session)
        return Object.assign(session, {
          fill: async (values: Parameters<typeof fill>[0]) => {
            const answers = await fill(values)
            await new Promise<void>((resolve) => void clock.schedule(100, resolve))
            return answers
          },
        })
      },
    }
    const here = createCache({ name: 'shop', shared: slow }, { clock })
    const there = createCache({ name: 'shop', shared: tier }, { clock })
    const outcomes: string[] = []
    here.on('load', ({ outcome }) => outcomes.push(outcome))
    const reading = here.getOrLoad('a', () => 'loaded', { tags: ['red'] })
    await clock.settle()
    expect(await there.get('a')).toBe('loaded')
    await there.invalidateTags(['red'])
    await clock.advance(100)
    expect(await reading).toBe('loaded')
    expect(outcomes).toEqual(['fenced'])
    expect(await here.peek('a')).toBeUndefined()
  })

  test('another of whose tags is removed meanwhile is kept', async () => {
    const { here, there, outcomes, calls, load, clock } = setup()
    const reading = here.getOrLoad('a', load, { tags: ['red'] })
    await clock.settle()
    await there.invalidateTags(['blue'])
    await clock.settle()
    calls[0]?.resolve('loaded')
    expect(await reading).toBe('loaded')
    expect(outcomes).toEqual(['loaded'])
    expect(await here.read('a')).toMatchObject({ tier: 'memory' })
  })

  test('whose lease came from another epoch than is followed here is not copied', async () => {
    const { here, scene, clock } = setup()
    await here.get('anything')
    scene.current = 1
    expect(await here.getOrLoad('a', () => 'loaded')).toBe('loaded')
    expect(await here.read('a', { read: 'memory' })).toMatchObject({ found: false })
    await clock.advance(1_000)
    expect(await here.getOrLoad('a', () => 'again')).toBe('loaded')
    expect(await here.read('a', { read: 'memory' })).toMatchObject({ value: 'loaded' })
  })

  test('whose epoch ends while it is loaded is handed out alone', async () => {
    const { here, there, scene, clock, calls, load } = setup()
    const reading = here.getOrLoad('a', load)
    await clock.settle()
    scene.current = 1
    await clock.advance(1_000)
    calls[0]?.resolve('loaded')
    expect(await reading).toBe('loaded')
    expect([await here.peek('a'), await there.peek('a')]).toEqual([undefined, undefined])
  })
})

test('a value that is set under another epoch than is followed here is not copied, and is there', async () => {
  const { here, there, scene, clock } = setup()
  await here.get('anything')
  scene.current = 1
  await here.set('a', 'new')
  expect(await here.read('a', { read: 'memory' })).toMatchObject({ found: false })
  await clock.advance(1_000)
  expect([await here.get('a'), await there.get('a')]).toEqual(['new', 'new'])
})

test('a value without a place in a tier has none that could be judged', () => {
  expect(
    blindCopy({
      key: 'a',
      stamp: 1,
      kind: 'set',
      alive: true,
      outrunBy: 0,
      contested: false,
      shared: undefined,
    }),
  ).toBeUndefined()
})
