import { describe, expect, test } from 'vitest'
import type { CacheOptions } from '../contracts/cache.ts'
import type { CollectionOptions } from '../contracts/collection.ts'
import { TierError } from '../contracts/errors.ts'
import type { WriteEvent } from '../contracts/events.ts'
import type { SharedTier } from '../contracts/shared-tier.ts'
import type { Store, StoreOutcome } from '../contracts/source.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier, type Fault } from '../testing/chaos.ts'
import { FakeClock } from '../testing/fake-clock.ts'

const TIERS = [
  ['memory alone', () => ({})],
  ['both tiers', () => ({ shared: memoryTier() })],
] as const

describe.each(TIERS)('a write round the cache, with %s', (_, tiers) => {
  function setup(apply: Store<number, string>['apply']) {
    const clock = new FakeClock()
    const silent = { level: 'silent', warn: () => {}, error: () => {} }
    const cache = createCache(
      { name: 'shop', ...tiers(), logger: silent, defaults: { jitter: 0 } },
      { clock },
    )
    const outcomes: string[] = []
    cache.on('write', ({ kind, outcome }) => outcomes.push(`${kind} ${outcome}`))
    let loads = 0
    const load = (): string => {
      loads += 1
      return `load ${loads}`
    }
    const store: Store<number, string> = { fencing: 'unfenced', load, apply }
    return {
      clock,
      outcomes,
      things: cache.collection('thing', { store, timeouts: { hard: 500 } }),
    }
  }
  const answering = (...outcomes: StoreOutcome[]) => setup(async () => outcomes)

  test('that is superseded is done', async () => {
    const { things } = answering({ kind: 'superseded', by: 2n, byEpoch: 'e' })
    expect(await things.put(1, 'x')).toMatchObject({ protected: true })
  })

  test.each<[string, StoreOutcome | undefined, string]>([
    ['refuses', { kind: 'conflict', reason: 'it is there' }, 'it is there'],
    ['fails', { kind: 'failed', error: new Error('disk full'), retry: 'permanent' }, 'disk full'],
    ['forgets', undefined, 'an array with one outcome'],
  ])('that the store %s rejects, and invalidates all the same', async (...drawn) => {
    const [, outcome, message] = drawn
    const { things, outcomes } = answering(...(outcome === undefined ? [] : [outcome]))
    expect(await things.get(1)).toBe('load 1')
    await expect(things.remove(1)).rejects.toThrow(message)
    expect(outcomes).toEqual(['remove failed'])
    expect(await things.get(1)).toBe('load 2')
  })

  test('that takes too long rejects, tells the store to stop, and invalidates', async () => {
    const signals: AbortSignal[] = []
    const { things, clock } = setup((_, { signal }) => {
      signals.push(signal)
      return new Promise(() => {})
    })
    await things.get(1)
    const writing = things.put(1, 'x')
    writing.catch(() => {})
    await clock.advance(500)
    await expect(writing).rejects.toThrow('longer than the hard timeout of 500 ms')
    expect(signals[0]?.aborted).toBe(true)
    expect(await things.get(1)).toBe('load 2')
  })

  test('that is aborted tells the store, and what the store then says is the outcome', async () => {
    const controller = new AbortController()
    const { things } = setup(
      (_, { signal }) =>
        new Promise((__, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true })
          controller.abort(new Error('enough'))
        }),
    )
    const { signal } = controller
    await expect(things.create(1, 'x', { signal })).rejects.toThrow('enough')
    await expect(things.create(1, 'x', { signal })).rejects.toThrow('enough')
  })

  test('with tags that cannot be writes nothing', async () => {
    const { things, outcomes } = answering({ kind: 'applied' })
    const writing = things.put(1, 'x', { invalidateTags: [''] })
    await expect(writing).rejects.toMatchObject({ field: 'invalidateTags[0]' })
    const timing = things.put(1, 'x', { timeouts: { hard: 0 } })
    await expect(timing).rejects.toMatchObject({ field: 'timeouts.hard' })
    expect(outcomes).toEqual([])
  })
})

/** Two instances on one tier over one table; `here` writes through, and its steps meet the plan. */
function through(options: Partial<CollectionOptions<number, unknown>> = {}, shards = 1) {
  const clock = new FakeClock()
  const tier = memoryTier({ shards })
  const rows = new Map<number, unknown>()
  const scene: {
    plan: (operation: string) => Fault
    asked: string[]
    loads: number
    apply: Store<number, unknown>['apply']
  } = {
    plan: () => ({ kind: 'none' }),
    asked: [],
    loads: 0,
    apply: async (writes) =>
      writes.map((write): StoreOutcome => {
        if (write.kind === 'remove') rows.delete(write.key)
        else rows.set(write.key, write.value)
        return { kind: 'applied' }
      }),
  }
  const planned = chaosTier(
    tier,
    (operation) => {
      scene.asked.push(operation)
      return scene.plan(operation)
    },
    clock,
  )
  const silent = { level: 'silent', warn: () => {}, error: () => {} }
  const open = (shared: CacheOptions['shared'], own: Partial<CacheOptions> = {}) =>
    createCache(
      { name: 'shop', shared, logger: silent, defaults: { jitter: 0 }, ...own },
      { clock },
    )
  const store: Store<number, unknown> = {
    fencing: 'unfenced',
    load: (key) => {
      scene.loads += 1
      return rows.get(key)
    },
    apply: (writes, applying) => scene.apply(writes, applying),
  }
  const declared = { store, write: { create: 'through', put: 'through' }, ...options } as const
  const [one, two] = [open(planned), open(tier)]
  const [here, there] = [one.collection('thing', declared), two.collection('thing', declared)]
  const bare = open(tier, { memory: 'off' }).collection('thing', declared)
  return { clock, rows, scene, one, two, here, there, bare }
}

/** The store answers when it is told to. */
function held(scene: { apply: Store<number, unknown>['apply'] }) {
  const calls: PromiseWithResolvers<readonly StoreOutcome[]>[] = []
  scene.apply = () => {
    const call = Promise.withResolvers<readonly StoreOutcome[]>()
    calls.push(call)
    return call.promise
  }
  return (at: number): void => calls[at]?.resolve([{ kind: 'applied' }])
}

describe('a write through the cache', () => {
  test('leaves its value in the memory of the writer before the call resolves', async () => {
    const { here, scene, rows } = through()
    const { protected: isProtected } = await here.put(1, 'new')
    expect(isProtected).toBe(true)
    expect(rows.get(1)).toBe('new')
    expect(await here.read(1)).toMatchObject({ tier: 'memory', value: 'new', stale: false })
    expect(await here.create(2, 'other')).toMatchObject({ protected: true })
    expect(await here.read(2)).toMatchObject({ tier: 'memory', value: 'other' })
    expect(scene.loads).toBe(0)
  })

  test('leaves its value in the shared tier, where others see it by its version', async () => {
    const { here, there, scene, clock } = through({ ttl: '1m' })
    expect(await there.get(1)).toBeUndefined()
    const { version: minVersion } = await here.put(1, 'new')
    scene.loads = 0
    expect(await there.read(1, { minVersion })).toMatchObject({ tier: 'shared', value: 'new' })
    expect(await there.ttl(1)).toBe(60_000)
    expect(scene.loads).toBe(0)
    await clock.settle()
    expect(await here.read(1)).toMatchObject({ tier: 'memory', value: 'new' })
  })

  test('leaves its value in the shared tier alone where the memory tier is off', async () => {
    const { bare, here, scene } = through()
    await bare.put(1, 'new')
    scene.loads = 0
    expect(await bare.read(1)).toMatchObject({ tier: 'shared', value: 'new' })
    expect(await here.get(1)).toBe('new')
    expect(scene.loads).toBe(0)
  })

  test('that could not be protected, and had to be, is told of as failed', async () => {
    const { one, here, scene } = through({ whenUnprotected: 'reject' })
    scene.plan = (operation) =>
      operation === 'beginIntent'
        ? { kind: 'fail', error: new TierError('shared', 'away') }
        : { kind: 'none' }
    const told: WriteEvent[] = []
    one.on('write', (event) => told.push(event))
    await expect(here.put(1, 'new')).rejects.toThrow(TierError)
    expect(told).toMatchObject([{ kind: 'put', outcome: 'failed', error: expect.any(TierError) }])
  })

  test('to which the store answers with no array is refused, and leaves nothing', async () => {
    const { here, scene } = through()
    scene.apply = async () => ({ kind: 'applied' }) as unknown as StoreOutcome[]
    await expect(here.put(1, 'new')).rejects.toThrow('an array with one outcome')
    expect(await here.peek(1)).toBeUndefined()
  })

  test('leaves its value where there is no shared tier', async () => {
    const clock = new FakeClock()
    const cache = createCache({ name: 'shop', defaults: { jitter: 0 } }, { clock })
    const things = cache.collection<number, string>('thing', {
      store: {
        fencing: 'unfenced',
        load: () => expect.fail('it is known'),
        apply: async () => [{ kind: 'applied' }],
      },
      write: { put: 'through' },
    })
    expect(await things.put(1, 'new')).toEqual({ protected: true, version: '1' })
    expect(await things.get(1)).toBe('new')
  })

  test('that removes leaves nothing', async () => {
    const { here, there, clock } = through({ write: { put: 'through', remove: 'through' } })
    await here.put(1, 'new')
    await here.remove(1)
    await clock.settle()
    expect([await here.peek(1), await there.peek(1)]).toEqual([undefined, undefined])
    expect(await here.get(1)).toBeUndefined()
  })

  test('that the store superseded leaves nothing: another value is there', async () => {
    const { here, there, scene, rows, clock } = through()
    scene.apply = async () => {
      rows.set(1, 'newer')
      return [{ kind: 'superseded', by: 2n, byEpoch: 'e' }]
    }
    await here.put(1, 'mine')
    await clock.settle()
    expect([await here.peek(1), await there.peek(1)]).toEqual([undefined, undefined])
    expect(await here.get(1)).toBe('newer')
  })

  test('that fails leaves nothing, and what stood before is gone', async () => {
    const { here, scene } = through()
    await here.put(1, 'old')
    scene.apply = async () => [
      { kind: 'failed', error: new Error('disk full'), retry: 'permanent' },
    ]
    await expect(here.put(1, 'new')).rejects.toThrow('disk full')
    expect(await here.peek(1)).toBeUndefined()
    expect(await here.get(1)).toBe('old')
  })

  test('beside another of this process leaves nothing of either', async () => {
    const { here, scene, clock } = through()
    const answer = held(scene)
    const [first, second] = [here.put(1, 'first'), here.put(1, 'second')]
    await clock.settle()
    answer(1)
    await second
    answer(0)
    await first
    expect(await here.peek(1)).toBeUndefined()
    answer(2)
    scene.apply = async () => [{ kind: 'applied' }]
    await here.put(1, 'alone')
    expect(await here.peek(1)).toBe('alone')
  })

  test('beside another of this process leaves nothing where there is no shared tier either', async () => {
    const calls: PromiseWithResolvers<readonly StoreOutcome[]>[] = []
    const clock = new FakeClock()
    const cache = createCache({ name: 'shop' }, { clock })
    const things = cache.collection<number, string>('thing', {
      store: {
        fencing: 'unfenced',
        load: () => 'row',
        apply: () => {
          const call = Promise.withResolvers<readonly StoreOutcome[]>()
          calls.push(call)
          return call.promise
        },
      },
      write: { put: 'through' },
    })
    const both = [things.put(1, 'first'), things.put(1, 'second')]
    await clock.settle()
    calls[0]?.resolve([{ kind: 'applied' }])
    await clock.settle()
    expect(await things.peek(1)).toBeUndefined()
    for (const call of calls) call.resolve([{ kind: 'applied' }])
    await Promise.all(both)
    expect(await things.peek(1)).toBeUndefined()
  })

  test('beside one of another instance leaves nothing of the one that ends first', async () => {
    const { here, there, scene, clock } = through()
    const answer = held(scene)
    const first = here.put(1, 'first')
    await clock.settle()
    const second = there.put(1, 'second')
    await clock.settle()
    answer(0)
    await first
    expect(await here.peek(1)).toBeUndefined()
    answer(1)
    await second
    await clock.settle()
    expect([await here.peek(1), await there.peek(1)]).toEqual([undefined, undefined])
  })

  test('during which the key is deleted leaves nothing', async () => {
    const { here, there, scene, clock } = through()
    const answer = held(scene)
    const writing = here.put(1, 'new')
    await clock.settle()
    await there.delete(1)
    await clock.settle()
    answer(0)
    expect(await writing).toMatchObject({ protected: true })
    expect([await here.peek(1), await there.peek(1)]).toEqual([undefined, undefined])
  })

  test('after which the key is deleted before this process has its answer leaves nothing', async () => {
    const clock = new FakeClock()
    const tier = memoryTier()
    const slow: SharedTier = {
      kind: 'memory',
      open(context) {
        const session = tier.open(context)
        const endIntent = session.endIntent.bind(session)
        return Object.assign(session, {
          endIntent: async (requests: Parameters<typeof endIntent>[0]) => {
            const answers = await endIntent(requests)
            await new Promise<void>((resolve) => void clock.schedule(100, resolve))
            return answers
          },
        })
      },
    }
    const store: Store<number, string> = {
      fencing: 'unfenced',
      load: () => 'row',
      apply: async () => [{ kind: 'applied' }],
    }
    const [here, there] = [slow, tier].map((shared) =>
      createCache({ name: 'shop', shared }, { clock }).collection('thing', {
        store,
        write: { put: 'through' },
      }),
    )
    const writing = here?.put(1, 'new')
    await clock.settle()
    await there?.delete(1)
    await clock.advance(100)
    expect(await writing).toMatchObject({ protected: true })
    expect(await here?.read(1, { read: 'memory' })).toMatchObject({ found: false })
  })

  test('during which one of its tags is removed leaves nothing', async () => {
    for (const who of ['one', 'two'] as const) {
      const scenario = through({ tags: ['red'] })
      const { here, there, scene, clock } = scenario
      const answer = held(scene)
      const writing = here.put(1, 'new')
      await clock.settle()
      await scenario[who].invalidateTags(['red'])
      await clock.settle()
      answer(0)
      expect(await writing, who).toMatchObject({ protected: true })
      expect([await here.peek(1), await there.peek(1)], who).toEqual([undefined, undefined])
    }
  })

  test('during which a tag of its value is removed leaves nothing without a shared tier', async () => {
    const call = Promise.withResolvers<readonly StoreOutcome[]>()
    const clock = new FakeClock()
    const cache = createCache({ name: 'shop' }, { clock })
    const things = cache.collection<number, string>('thing', {
      store: { fencing: 'unfenced', load: () => 'row', apply: () => call.promise },
      write: { put: 'through' },
      tagsOf: (value) => [value],
    })
    const writing = things.put(1, 'red')
    await clock.settle()
    await cache.invalidateTags(['red'])
    call.resolve([{ kind: 'applied' }])
    await writing
    expect(await things.peek(1)).toBeUndefined()
  })

  test('that removes a tag of its own value leaves nothing: it began before the removal', async () => {
    const { here, there, clock } = through({ tagsOf: (value) => [String(value)] })
    await there.put(2, 'red')
    await here.put(1, 'red', { invalidateTags: ['red'] })
    await clock.settle()
    expect([await here.peek(1), await there.peek(1), await there.peek(2)]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  test('of a value that cannot become bytes is done and told, and leaves nothing', async () => {
    const { here, there, one, rows } = through()
    const failures: unknown[] = []
    one.on('write', ({ kind, outcome, error }) =>
      failures.push([kind, outcome, (error as Error | undefined)?.name]),
    )
    const value = new Map([['a', 1]])
    expect(await here.put(1, value)).toMatchObject({ protected: true })
    expect(rows.get(1)).toBe(value)
    expect(failures).toEqual([
      ['fill', 'failed', 'CodecError'],
      ['put', 'done', undefined],
    ])
    expect([await here.peek(1), await there.peek(1)]).toEqual([undefined, undefined])
  })

  test('of a value whose life is over before it begins leaves nothing', async () => {
    const { here, rows } = through({ expiresAt: 1 })
    expect(await here.put(1, 'new')).toMatchObject({ protected: true })
    expect(rows.get(1)).toBe('new')
    expect(await here.peek(1)).toBeUndefined()
  })

  test('whose value has tags that cannot be is refused before anything is touched', async () => {
    const { here, scene, rows } = through({ tagsOf: () => [''] })
    await expect(here.put(1, 'new')).rejects.toMatchObject({ field: 'tagsOf[0]' })
    expect(rows.size).toBe(0)
    expect(scene.asked).not.toContain('beginIntent')
  })

  test('of what is no value is refused', async () => {
    const { here, scene } = through()
    await expect(here.put(1, undefined)).rejects.toMatchObject({ field: 'value' })
    await expect(here.put(1, Promise.resolve(1))).rejects.toThrow('await it first')
    await expect(here.put(1, () => 1)).rejects.toMatchObject({ field: 'value' })
    expect(scene.asked).not.toContain('beginIntent')
  })

  test('leaves a clone where values are cloned', async () => {
    const clock = new FakeClock()
    const cache = createCache({ name: 'shop', memory: { copy: 'clone' } }, { clock })
    const things = cache.collection<number, { n: number }>('thing', {
      store: {
        fencing: 'unfenced',
        load: () => undefined,
        apply: async () => [{ kind: 'applied' }],
      },
      write: { put: 'through' },
    })
    const value = { n: 1 }
    await things.put(1, value)
    value.n = 2
    expect(await things.get(1)).toEqual({ n: 1 })
  })
})

describe('the time of a write', () => {
  test('that is over before the store is asked asks it for nothing, and ends the intent', async () => {
    const { here, there, scene, clock, rows } = through({ timeouts: { hard: '100ms' } })
    scene.apply = () => expect.fail('its time is over')
    scene.plan = (operation) =>
      operation === 'beginIntent' ? { kind: 'delay', ms: 150 } : { kind: 'none' }
    const writing = here.put(1, 'new')
    writing.catch(() => {})
    await clock.advance(150)
    await expect(writing).rejects.toMatchObject({ code: 'store-timeout', timeoutMs: 100 })
    rows.set(1, 'row')
    expect(await there.get(1)).toBe('row')
    expect(await there.peek(1)).toBe('row')
  })

  test('that is over before the store answers leaves the key unfilled until it has', async () => {
    const { here, there, scene, clock, rows } = through({ timeouts: { hard: '100ms' } })
    const answer = held(scene)
    rows.set(1, 'old')
    await here.get(1)
    const writing = here.put(1, 'new')
    writing.catch(() => {})
    await clock.advance(100)
    await expect(writing).rejects.toMatchObject({ code: 'store-timeout' })
    expect(await there.get(1)).toBe('old')
    expect(await there.peek(1)).toBeUndefined()
    rows.set(1, 'new')
    answer(0)
    await clock.settle()
    expect(await there.get(1)).toBe('new')
    expect(await there.peek(1)).toBe('new')
    expect(await here.get(1)).toBe('new')
  })

  test('of a caller who has left before the store is asked: the store is told at once', async () => {
    const { here, scene, clock } = through()
    const controller = new AbortController()
    scene.plan = (operation) =>
      operation === 'beginIntent' ? { kind: 'delay', ms: 50 } : { kind: 'none' }
    const seen: boolean[] = []
    scene.apply = async (_, { signal }) => {
      seen.push(signal.aborted)
      throw signal.reason
    }
    const writing = here.put(1, 'new', { signal: controller.signal })
    writing.catch(() => {})
    await clock.settle()
    controller.abort(new Error('enough'))
    await clock.advance(50)
    await expect(writing).rejects.toThrow('enough')
    expect(seen).toEqual([true])
  })

  test('of a caller who has left before the call is not begun', async () => {
    const { here, scene } = through()
    const writing = here.put(1, 'new', { signal: AbortSignal.abort(new Error('enough')) })
    await expect(writing).rejects.toThrow('enough')
    expect(scene.asked).not.toContain('beginIntent')
  })
})

test('a write of a collection without a store, or of a cache that is closed, is refused', async () => {
  const { one, here } = through()
  const readOnly = one.collection('other', { source: () => 'row' })
  await expect(readOnly.put(1, 'x')).rejects.toMatchObject({ field: 'collection(other).store' })
  await one.close()
  await expect(here.put(1, 'x')).rejects.toMatchObject({ code: 'closed' })
})
