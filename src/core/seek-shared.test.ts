import { describe, expect, test } from 'vitest'
import { TierError } from '../contracts/errors.ts'
import type { LoadEvent } from '../contracts/events.ts'
import type { SharedKey, SharedReading, SharedTier } from '../contracts/shared-tier.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier, type Fault } from '../testing/chaos.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { SeededRandom } from '../testing/seeded-random.ts'

/** Two instances on one tier; steps of the first meet `scene.plan`, and its loads are held open. */
function setup() {
  const clock = new FakeClock()
  const tier = memoryTier()
  const scene: { plan: (operation: string) => Fault; asked: string[] } = {
    plan: () => ({ kind: 'none' }),
    asked: [],
  }
  const shared = chaosTier(
    tier,
    (operation) => {
      scene.asked.push(operation)
      return scene.plan(operation)
    },
    clock,
  )
  const base = {
    name: 'shop',
    logger: { level: 'silent', warn: () => {}, error: () => {} },
    defaults: { jitter: 0 },
  } as const
  const here = createCache({ ...base, shared }, { clock })
  const there = createCache({ ...base, shared: tier }, { clock })
  const random = new SeededRandom(1)
  const session = tier.open({ name: 'shop', instance: 'raw', clock, random, report: () => {} })
  const outcomes: LoadEvent['outcome'][] = []
  here.on('load', ({ outcome }) => outcomes.push(outcome))
  const calls: PromiseWithResolvers<string>[] = []
  const load = (): Promise<string> => {
    const call = Promise.withResolvers<string>()
    calls.push(call)
    return call.promise
  }
  const failing = (...operations: string[]): void => {
    scene.plan = (operation) =>
      operations.includes(operation)
        ? { kind: 'fail', error: new Error('the server is down') }
        : { kind: 'none' }
  }
  return { clock, scene, here, there, session, calls, load, failing, outcomes }
}

describe('a load', () => {
  test('whose read was not answered keeps its value here for a short time alone', async () => {
    const { here, there, failing, clock } = setup()
    failing('read')
    expect(await here.getOrLoad('a', () => 'loaded', { ttl: '1h' })).toBe('loaded')
    expect(await here.get('a')).toBe('loaded')
    expect(await there.get('a')).toBeUndefined()
    await clock.advance(4_999)
    expect(await here.read('a', { read: 'memory' })).toMatchObject({ value: 'loaded' })
    await clock.advance(1)
    expect(await here.read('a', { read: 'memory' })).toMatchObject({ found: false })
  })

  test('whose claim was not answered gives back what may have been granted', async () => {
    const { here, there, scene, clock } = setup()
    scene.plan = (operation) => (operation === 'claim' ? { kind: 'lost' } : { kind: 'none' })
    const reading = here.getOrLoad('a', () => 'blind')
    await clock.advance(200)
    expect(await reading).toBe('blind')
    expect(scene.asked).toContain('release')
    let tookMs = -clock.monotonic()
    expect(await there.getOrLoad('a', () => 'loaded')).toBe('loaded')
    tookMs += clock.monotonic()
    expect(tookMs).toBe(0)
  })

  test('whose fill was not answered keeps its value here for a short time alone', async () => {
    const { here, failing, clock } = setup()
    failing('fill')
    expect(await here.getOrLoad('a', () => 'loaded', { ttl: '1h' })).toBe('loaded')
    expect(await here.get('a')).toBe('loaded')
    await clock.advance(5_000)
    expect(await here.read('a', { read: 'memory' })).toMatchObject({ found: false })
  })

  test('of a key whose removal waits to be told is handed out and kept nowhere', async () => {
    const { here, failing, outcomes } = setup()
    await here.set('a', 'old')
    failing('invalidate')
    await here.delete('a')
    expect(await here.getOrLoad('a', () => 'loaded')).toBe('loaded')
    expect(outcomes).toEqual(['uncached'])
    expect(await here.peek('a')).toBeUndefined()
    expect(await here.getOrLoad('a', () => 'again')).toBe('again')
  })

  test('of an entry whose tag waits to be removed in the tier is handed out and kept nowhere', async () => {
    const { here, there, failing } = setup()
    await there.set('a', 'old', { tags: ['red'] })
    failing('invalidate')
    await here.invalidateTags(['red'])
    expect(await here.getOrLoad('a', () => 'loaded')).toBe('loaded')
    expect(await here.getOrLoad('a', () => 'again')).toBe('again')
    expect(await there.get('a')).toBe('old')
  })

  test('of an entry that was removed, and whose bytes are still there, replaces it', async () => {
    const { here, there } = setup()
    await there.set('a', 'old', { tags: ['red'] })
    expect(await here.get('a')).toBe('old')
    await here.invalidateTags(['red'])
    expect(await here.getOrLoad('a', () => 'loaded')).toBe('loaded')
    expect(await there.get('a')).toBe('loaded')
  })

  test('that a delete elsewhere has overtaken is handed out and kept nowhere', async () => {
    const { here, there, calls, load, clock, outcomes } = setup()
    const reading = here.getOrLoad('a', load)
    await clock.settle()
    await there.delete('a')
    calls[0]?.resolve('read before')
    expect(await reading).toBe('read before')
    expect(outcomes).toEqual(['fenced'])
    expect([await here.peek('a'), await there.peek('a')]).toEqual([undefined, undefined])
  })

  test('one of whose tags was removed elsewhere meanwhile is handed out and kept nowhere', async () => {
    const { here, there, calls, load, clock, scene, outcomes } = setup()
    scene.plan = (operation) => (operation === 'signal' ? { kind: 'hang' } : { kind: 'none' })
    const reading = here.getOrLoad('a', load, { tags: ['red'] })
    await clock.settle()
    await there.invalidateTags(['red'])
    calls[0]?.resolve('read before')
    expect(await reading).toBe('read before')
    await clock.advance(400)
    expect(outcomes).toHaveLength(1)
    expect([await here.peek('a'), await there.peek('a')]).toEqual([undefined, undefined])
  })

  test('that brings nothing in place of an old value ends that value', async () => {
    const { here, there, clock } = setup()
    await there.set('a', 'old', { ttl: '1s', grace: '1h' })
    await clock.advance(1_000)
    expect(await here.getOrLoad('a', () => undefined)).toBeUndefined()
    await clock.settle()
    const down = (): never => {
      throw new Error('the source is down')
    }
    await expect(there.getOrLoad('a', down)).rejects.toThrow('the source is down')
  })

  test('that brings nothing in place of an old value ends that value later in an outage', async () => {
    const { here, there, clock, failing } = setup()
    await there.set('a', 'old', { ttl: '1s', grace: '1h' })
    await clock.advance(1_000)
    failing('invalidate')
    expect(await here.getOrLoad('a', () => undefined)).toBeUndefined()
    failing()
    await clock.advance(1_000)
    const down = (): never => {
      throw new Error('the source is down')
    }
    await expect(there.getOrLoad('a', down)).rejects.toThrow('the source is down')
  })

  test('of a refresh that the tier did not answer ends there what it has replaced', async () => {
    const { here, there, clock, failing } = setup()
    await there.set('a', 'old')
    failing('claim', 'read')
    expect(await here.refresh('a', () => 'new')).toBe('new')
    failing()
    await clock.advance(1_000)
    expect(await there.get('a')).toBeUndefined()
  })

  test('of a key whose last load failed is not tried while it rests: others answer from grace', async () => {
    const { here, clock } = setup()
    await here.set('a', 'old', { ttl: '1s', grace: '1h', memoryTtl: '1s' })
    await clock.advance(1_000)
    const down = (): never => {
      throw new Error('the source is down')
    }
    expect(await here.getOrLoad('a', down)).toBe('old')
    expect(await here.getOrLoad('a', () => expect.fail('it rests'))).toBe('old')
  })
})

describe('an entry that stands in the tier and cannot be served', () => {
  /** A tier that leaves judging to its readers: it answers again what it has once been seen to hold. */
  function unjudged() {
    const clock = new FakeClock()
    const tier = memoryTier()
    const scene: { seen: SharedReading | undefined; reads: number } = { seen: undefined, reads: 0 }
    const shared: SharedTier = {
      kind: 'memory',
      open(context) {
        const session = tier.open(context)
        const read = session.read.bind(session)
        return Object.assign(session, {
          read: async (keys: readonly SharedKey[]) => {
            scene.reads += 1
            const readings = await read(keys)
            return readings.map((reading) => {
              if (reading instanceof TierError) return reading
              if (reading.entry !== undefined) scene.seen ??= reading
              return { ...reading, entry: scene.seen?.entry }
            })
          },
        })
      },
    }
    const cache = createCache({ name: 'shop', shared, memory: 'off' }, { clock })
    return { clock, cache, scene }
  }

  test('since its tag was removed is loaded anew, and is none for whoever only looks', async () => {
    const { cache, clock } = unjudged()
    await cache.set('a', 'old', { tags: ['red'] })
    expect(await cache.get('a')).toBe('old')
    await cache.invalidateTags(['red'])
    await clock.settle()
    expect(await cache.get('a')).toBeUndefined()
    expect(await cache.ttl('a')).toBeUndefined()
    expect(await cache.getOrLoad('a', () => 'loaded')).toBe('loaded')
  })

  test('since its tag was expired is in grace', async () => {
    const { cache, clock } = unjudged()
    await cache.set('a', 'old', { tags: ['red'], grace: '1h' })
    expect(await cache.get('a')).toBe('old')
    await cache.expireTags(['red'])
    await clock.settle()
    expect(await cache.get('a')).toBeUndefined()
    const down = (): never => {
      throw new Error('the source is down')
    }
    expect(await cache.readOrLoad('a', down)).toMatchObject({ value: 'old', stale: true })
  })
})

describe('a process that has not followed changes for too long', () => {
  const blind = async () => {
    const scenario = setup()
    const { failing, clock, here } = scenario
    await here.get('anything')
    failing('follow')
    await clock.advance(6_000)
    scenario.scene.asked = []
    return scenario
  }

  test('leaves it to the steps of the tier to judge, and takes their word', async () => {
    const { here, there, scene } = await blind()
    await there.set('a', 'fresh')
    expect(await here.getOrLoad('a', () => expect.fail('it is there'))).toBe('fresh')
    expect(scene.asked).not.toContain('read')
  })

  test('asks again for what it cannot read', async () => {
    const { here, session, there } = await blind()
    const value = { ttlMs: 60_000, graceMs: 0, tags: [], envelope: new Uint8Array([1, 2, 3]) }
    await session.set([{ id: ':s1:a', collection: '', ...value }])
    expect(await here.getOrLoad('a', () => 'loaded')).toBe('loaded')
    expect(await there.get('a')).toBe('loaded')
  })

  test('gives the lease back where a tag of what it replaces waits to be removed', async () => {
    const { here, there, failing, clock, outcomes } = await blind()
    await there.set('a', 'old', { tags: ['red'], ttl: '1s', grace: '1h' })
    await clock.advance(1_000)
    failing('follow', 'invalidate')
    await here.invalidateTags(['red'])
    expect(await here.getOrLoad('a', () => 'loaded')).toBe('loaded')
    expect(outcomes).toEqual(['uncached'])
    const startedAt = clock.monotonic()
    expect(await there.getOrLoad('a', () => 'theirs')).toBe('theirs')
    expect(clock.monotonic()).toBe(startedAt)
  })
})

test('a key whose load has just failed is answered from the grace of the shared tier', async () => {
  const clock = new FakeClock()
  const bare = createCache(
    { name: 'shop', shared: memoryTier(), memory: 'off', defaults: { jitter: 0 } },
    { clock },
  )
  await bare.set('a', 'old', { ttl: '1s', grace: '1h' })
  await clock.advance(1_000)
  const down = (): never => {
    throw new Error('the source is down')
  }
  expect(await bare.getOrLoad('a', down)).toBe('old')
  expect(await bare.getOrLoad('a', () => expect.fail('it rests'))).toBe('old')
})

describe('a load of a key whose leases are taken away as fast as they are granted', () => {
  test('waits for two of them, and then loads for itself and keeps nothing', async () => {
    const { here, clock, scene, session, outcomes } = setup()
    const key = { id: ':s1:a', collection: '' }
    const removed = { kind: 'keys', keys: [key], mode: 'delete' } as const
    await session.claim([{ ...key, token: 'first' }], { leaseMs: 10_000 })
    const ends: string[] = []
    void here.getOrLoad('a', () => 'mine').then((value) => ends.push(value))
    await clock.settle()
    for (const token of ['second', 'third']) {
      expect(ends).toEqual([])
      // Nobody else comes between the two.
      await Promise.all([
        session.invalidate(removed),
        session.claim([{ ...key, token }], { leaseMs: 10_000 }),
      ])
      await clock.settle()
    }
    expect(ends).toEqual(['mine'])
    expect(clock.monotonic()).toBe(0)
    expect(scene.asked.filter((operation) => operation === 'claim')).toHaveLength(3)
    expect(outcomes).toEqual(['uncached'])
    expect(await here.peek('a')).toBeUndefined()
  })
})

describe('a read that loads nothing', () => {
  test('finds nothing where its key waits to be removed, or the tier does not answer', async () => {
    const { here, there, failing } = setup()
    await there.setMany(['a', 'b'].map((key) => [key, 1]))
    failing('invalidate', 'read')
    await here.delete('a')
    expect(await here.get('b')).toBeUndefined()
    failing('invalidate')
    expect(await here.get('a')).toBeUndefined()
    expect(await here.get('b')).toBe(1)
  })

  test('catches up first where changes were not followed for too long', async () => {
    const { here, there, failing, clock, scene } = setup()
    await there.set('a', 1)
    failing('follow')
    await clock.advance(6_000)
    expect(await here.read('a')).toEqual({ found: false, tier: 'shared' })
    failing()
    scene.asked = []
    expect(await here.get('a')).toBe(1)
    expect(scene.asked).toContain('follow')
  })
})

describe('a load under way', () => {
  test('is not joined after a tag was removed here, nor after its key was', async () => {
    const { here, calls, load, clock } = setup()
    const first = here.getOrLoad('a', load)
    await clock.settle()
    await here.invalidateTags(['unknown to it'])
    const second = here.getOrLoad('a', load)
    await clock.advance(2_600)
    expect(calls).toHaveLength(2)
    for (const [at, call] of calls.entries()) call.resolve(`load ${at}`)
    expect(await Promise.all([first, second])).toEqual(['load 0', 'load 1'])
  })

  test('is not joined after its key was changed, here or elsewhere', async () => {
    const { here, there, calls, load, clock } = setup()
    const readings = [here.getOrLoad('a', load)]
    await clock.settle()
    await here.delete('a')
    readings.push(here.getOrLoad('a', load))
    await clock.settle()
    await there.delete('a')
    await clock.settle()
    readings.push(here.getOrLoad('a', load))
    await clock.settle()
    expect(calls).toHaveLength(3)
    for (const [at, call] of calls.entries()) call.resolve(`load ${at}`)
    expect(await Promise.all(readings)).toEqual(['load 0', 'load 1', 'load 2'])
  })

  test('is not joined once a tag was removed elsewhere for longer than a reader may be behind', async () => {
    const { here, there, calls, load, clock } = setup()
    const first = here.getOrLoad('a', load, { timeouts: { hard: '30s' } })
    await clock.settle()
    await there.invalidateTags(['of nobody knows what'])
    await clock.settle()
    await clock.advance(3_000)
    const second = here.getOrLoad('a', load, { timeouts: { hard: '30s' } })
    await clock.advance(16_000)
    expect(calls).toHaveLength(2)
    for (const [at, call] of calls.entries()) call.resolve(`load ${at}`)
    expect(await Promise.all([first, second])).toEqual(['load 0', 'load 1'])
  })

  test('of a refresh is joined by another before its loader was asked, and by none after', async () => {
    const { here, calls, load, clock } = setup()
    const both = [here.refresh('a', load), here.refresh('a', load)]
    await clock.settle()
    expect(calls).toHaveLength(1)
    const late = here.refresh('a', load)
    await clock.advance(2_600)
    expect(calls).toHaveLength(2)
    for (const [at, call] of calls.entries()) call.resolve(`load ${at}`)
    expect(await Promise.all([...both, late])).toEqual(['load 0', 'load 0', 'load 1'])
  })

  test('is joined for a second alone while changes are not followed', async () => {
    const { here, calls, load, clock, failing } = setup()
    await clock.advance(100)
    failing('follow', 'claim', 'read')
    await clock.advance(1_200)
    const first = here.getOrLoad('a', load)
    await clock.settle()
    const joined = here.getOrLoad('a', load)
    await clock.settle()
    expect(calls).toHaveLength(1)
    await clock.advance(1_001)
    const later = here.getOrLoad('a', load)
    await clock.settle()
    expect(calls).toHaveLength(2)
    for (const [at, call] of calls.entries()) call.resolve(`load ${at}`)
    expect(await Promise.all([first, joined, later])).toEqual(['load 0', 'load 0', 'load 1'])
  })
})
