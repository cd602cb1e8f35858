import { describe, expect, test } from 'vitest'
import { TierError } from '../contracts/errors.ts'
import type { LoadContext } from '../contracts/source.ts'
import { createCache } from '../create-cache.ts'
import type { Cache, CacheOptions, Collection, LoadEvent } from '../index.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier } from '../testing/chaos.ts'
import { FakeClock } from '../testing/fake-clock.ts'

const AHEAD = { ttl: '10s', refreshAhead: { after: 0.8, beta: 'off' }, jitter: 0 } as const

type Load = (context: LoadContext<string>) => unknown

interface Scene {
  readonly clock: FakeClock
  readonly loads: string[]
  readonly contexts: LoadContext<string>[]
  readonly events: LoadEvent[]
  answer: Load
}

function opener(shared: CacheOptions['shared'], options: Partial<CacheOptions> = {}) {
  const clock = new FakeClock()
  let count = 0
  const scene: Scene = {
    clock,
    loads: [],
    contexts: [],
    events: [],
    answer: () => {
      count += 1
      return `value ${count}`
    },
  }
  const open = (): { cache: Cache; things: Collection<string, unknown> } => {
    const cache = createCache({ name: 'shop', defaults: AHEAD, shared, ...options }, { clock })
    cache.on('load', (event) => scene.events.push(event))
    const things = cache.collection<string, unknown>('thing', {
      source: {
        load: (key, context) => {
          scene.loads.push(key)
          scene.contexts.push(context)
          return scene.answer(context)
        },
      },
    })
    return { cache, things }
  }
  return { scene, open }
}

const TIERS = [
  ['in this process alone', {}],
  ['with a shared tier', { shared: memoryTier }],
  ['with a shared tier alone', { shared: memoryTier, memory: 'off' }],
] as const

describe.each(TIERS)(
  'a hit near the end of its life, %s',
  (_, {
    shared,
    ...options
  }: {
    readonly shared?: typeof memoryTier
    readonly memory?: 'off'
  }) => {
    const setup = () => {
      const { scene, open } = opener(shared?.(), options)
      return { ...open(), scene }
    }

    test('is answered at once, and the next read finds a new value', async () => {
      const { things, scene } = setup()
      expect(await things.get('a')).toBe('value 1')
      await scene.clock.advance(7_999)
      expect(await things.get('a')).toBe('value 1')
      expect(scene.loads).toHaveLength(1)
      await scene.clock.advance(1)
      expect(await things.get('a')).toBe('value 1')
      await scene.clock.advance(0)
      expect(await things.get('a')).toBe('value 2')
      expect(scene.events.map(({ reason }) => reason)).toEqual(['miss', 'ahead'])
      // A whole life from then on.
      await scene.clock.advance(7_000)
      expect(await things.get('a')).toBe('value 2')
      expect(scene.loads).toHaveLength(2)
    })

    test('opens one load, however many read', async () => {
      const { things, scene } = setup()
      await things.get('a')
      await scene.clock.advance(9_000)
      const release = Promise.withResolvers<string>()
      scene.answer = () => release.promise
      for (let read = 0; read < 5; read += 1) {
        const values = await Promise.all(Array.from({ length: 20 }, () => things.get('a')))
        expect(new Set(values)).toEqual(new Set(['value 1']))
      }
      await scene.clock.advance(0)
      expect(scene.loads).toHaveLength(2)
      release.resolve('new')
      await scene.clock.advance(0)
      expect(await things.get('a')).toBe('new')
    })

    test('keeps its value to its end where the source fails, and asks it a few times', async () => {
      const { things, scene } = setup()
      await things.get('a')
      scene.answer = () => {
        throw new Error('down')
      }
      for (let at = 0; at < 99; at += 1) {
        await scene.clock.advance(100)
        expect(await things.get('a')).toBe('value 1')
      }
      expect(scene.loads.length).toBeGreaterThan(2)
      expect(scene.loads.length).toBeLessThan(8)
      await scene.clock.advance(200)
      await expect(things.get('a')).rejects.toThrow('down')
    })

    test('removes what the source does not have any more', async () => {
      const { things, scene } = setup()
      await things.get('a')
      scene.answer = () => undefined
      await scene.clock.advance(8_500)
      expect(await things.get('a')).toBe('value 1')
      await scene.clock.advance(0)
      expect(await things.peek('a')).toBeUndefined()
    })

    test('brings nothing where the key was changed meanwhile', async () => {
      const { cache, things, scene } = setup()
      await things.get('a')
      const release = Promise.withResolvers<string>()
      scene.answer = () => release.promise
      await scene.clock.advance(8_500)
      await things.get('a')
      await scene.clock.advance(0)
      await things.delete('a')
      release.resolve('older than the delete')
      await scene.clock.advance(0)
      expect(await things.peek('a')).toBeUndefined()
      await cache.close()
    })

    test('serves who comes after its end with what it brings', async () => {
      const { things, scene } = setup()
      await things.get('a')
      const release = Promise.withResolvers<string>()
      scene.answer = () => release.promise
      await scene.clock.advance(9_900)
      await things.get('a')
      await scene.clock.advance(200)
      const late = things.get('a')
      await scene.clock.advance(0)
      release.resolve('new')
      await scene.clock.advance(0)
      expect(await late).toBe('new')
      expect(scene.loads).toHaveLength(2)
    })

    test('goes on where those who came for it leave again', async () => {
      const { things, scene } = setup()
      await things.get('a')
      const release = Promise.withResolvers<string>()
      scene.answer = () => release.promise
      await scene.clock.advance(9_900)
      await things.get('a')
      await scene.clock.advance(200)
      const left = new AbortController()
      const late = things.get('a', { signal: left.signal })
      await scene.clock.advance(0)
      left.abort(new Error('left'))
      await expect(late).rejects.toThrow('left')
      expect(scene.contexts.at(-1)?.signal.aborted).toBe(false)
      release.resolve('new')
      await scene.clock.advance(0)
      expect(await things.get('a')).toBe('new')
      expect(scene.loads).toHaveLength(2)
    })

    test('gets a new life from a source where nothing has changed, with its tags', async () => {
      const { cache, things, scene } = setup()
      scene.answer = (context) => {
        context.options({ etag: 'v1', tags: ['t'] })
        return { big: true }
      }
      await things.get('a')
      scene.answer = (context) => {
        expect(context.previous).toEqual({ value: { big: true }, etag: 'v1' })
        return context.unchanged()
      }
      for (let life = 0; life < 3; life += 1) {
        await scene.clock.advance(8_500)
        expect(await things.get('a')).toEqual({ big: true })
        await scene.clock.advance(0)
      }
      expect(scene.loads).toHaveLength(4)
      await scene.clock.advance(7_000)
      expect(await things.get('a')).toEqual({ big: true })
      expect(scene.loads).toHaveLength(4)
      await cache.invalidateTags(['t'])
      expect(await things.peek('a')).toBeUndefined()
    })

    test('is told to a refresh too, which gives what has not changed a new life', async () => {
      const { things, scene } = setup()
      scene.answer = (context) => {
        context.options({ etag: 'v1' })
        return context.previous?.etag === 'v1' ? context.unchanged() : 'first'
      }
      await things.get('a')
      await scene.clock.advance(5_000)
      expect(await things.refresh('a')).toBe('first')
      await scene.clock.advance(7_000)
      expect(await things.get('a')).toBe('first')
      expect(scene.loads).toHaveLength(2)
    })

    test('is refused the word that nothing has changed where there is nothing', async () => {
      const { things, scene } = setup()
      scene.answer = (context) => context.unchanged()
      await expect(things.get('a')).rejects.toThrow('`context.unchanged`')
    })
  },
)

/** Both have a copy of what the first of them has loaded, and little of its life is left. */
async function pairNearTheEnd() {
  const { scene, open } = opener(memoryTier())
  const one = open().things
  const two = open().things
  await one.get('a')
  await two.get('a')
  await scene.clock.advance(8_500)
  return { scene, one, two }
}

describe('of two instances', () => {
  test('one loads what both read near its end, and the other takes it over', async () => {
    const { scene, one, two } = await pairNearTheEnd()
    const release = Promise.withResolvers<string>()
    scene.answer = () => release.promise
    expect(await Promise.all([one.get('a'), two.get('a')])).toEqual(['value 1', 'value 1'])
    await scene.clock.advance(0)
    expect(scene.loads).toHaveLength(2)
    release.resolve('new')
    await scene.clock.advance(0)
    // The other looks again when the lease that it met would have ended, or at the end of its copy.
    await scene.clock.advance(1_600)
    expect(await Promise.all([one.get('a'), two.get('a')])).toEqual(['new', 'new'])
    expect(scene.loads).toHaveLength(2)
  })

  test("one that has missed the other one's load finds what it brought", async () => {
    const { scene, one, two } = await pairNearTheEnd()
    await one.get('a')
    await scene.clock.advance(0)
    expect(scene.loads).toHaveLength(2)
    expect(await two.get('a')).toBe('value 1')
    await scene.clock.advance(0)
    expect(await two.get('a')).toBe('value 2')
    expect(scene.loads).toHaveLength(2)
  })

  test('nothing is loaded ahead while the tier does not answer', async () => {
    const clock = { failing: false }
    const own = new FakeClock()
    const tier = chaosTier(
      memoryTier(),
      (operation) =>
        clock.failing && operation === 'claim'
          ? { kind: 'fail', error: new TierError('memory', 'down') }
          : { kind: 'none' },
      own,
    )
    const { scene, open } = opener(tier)
    const { things } = open()
    await things.get('a')
    clock.failing = true
    await scene.clock.advance(9_000)
    expect(await things.get('a')).toBe('value 1')
    await scene.clock.advance(0)
    expect(scene.loads).toHaveLength(1)
    clock.failing = false
    await things.get('a')
    await scene.clock.advance(0)
    expect(await things.get('a')).toBe('value 2')
  })
})

describe('an option that cannot work', () => {
  test.each([
    [0, '`defaults.refreshAhead`'],
    [1, '`defaults.refreshAhead`'],
    [Number.NaN, '`defaults.refreshAhead`'],
    ['yes', '`defaults.refreshAhead`'],
    [{ after: 2 }, '`defaults.refreshAhead.after`'],
    [{ beta: -1 }, '`defaults.refreshAhead.beta`'],
  ])('is refused: %o', (refreshAhead, field) => {
    const defaults = { refreshAhead } as never
    expect(() => createCache({ name: 'shop', defaults })).toThrow(field)
  })
})
