import { describe, expect, test } from 'vitest'
import {
  type CacheOptions,
  type CollectionOptions,
  createCache,
  type ShadowEvent,
} from '../index.ts'
import { memoryTier } from '../memory/index.ts'
import { FakeClock } from '../testing/index.ts'

type Row = { readonly name: string; readonly parts?: readonly number[] }

/** Instances on one tier, a source that answers as a test says, and what was told. */
function setup(
  own: Partial<CollectionOptions<number, Row>> = {},
  options: Partial<CacheOptions> = { shared: memoryTier() },
) {
  const clock = new FakeClock()
  const asked: number[] = []
  const source = {
    answer: async (id: number): Promise<Row | undefined> => ({ name: `row ${id}` }),
  }
  const open = () => {
    const cache = createCache({ name: 'shadow', defaults: { jitter: 0 }, ...options }, { clock })
    const told: ShadowEvent['outcome'][] = []
    cache.on('shadow', ({ outcome }) => told.push(outcome))
    const loads: string[] = []
    cache.on('load', ({ outcome }) => loads.push(outcome))
    const things = cache.collection<number, Row>('thing', {
      source: {
        load: (id) => {
          asked.push(id)
          return source.answer(id)
        },
        concurrency: 16,
      },
      ...own,
    })
    return { cache, things, told, loads }
  }
  return { clock, asked, source, open }
}

/** So often, one after the other, each with what follows from it. */
async function times(count: number, work: (at: number) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    await work(at)
    for (let turn = 0; turn < 3; turn += 1) {
      await new Promise<void>((resolve) => void setImmediate(resolve))
    }
  }
}

const SETTLED_MS = 1_100

describe('shadow mode', () => {
  test('finds the loader that differs once in a thousand times', async () => {
    const { clock, source, open, asked } = setup({ shadow: 0.25 })
    const { things, told, loads } = open()
    await things.get(1)
    let calls = 0
    source.answer = async (id) => {
      calls += 1
      return { name: calls % 1_000 === 0 ? 'another' : `row ${id}` }
    }
    await times(4_400, () => things.get(1))
    await clock.advance(SETTLED_MS)
    expect(told.filter((outcome) => outcome === 'different')).toHaveLength(1)
    expect(told.filter((outcome) => outcome === 'same').length).toBeGreaterThan(1_000)
    expect(asked.length - 1).toBeLessThanOrEqual(4_400 / 4)
    expect(loads).toEqual(['loaded'])
    expect(await things.get(1)).toEqual({ name: 'row 1' })
  }, 60_000)

  test('compares hits of either tier, and of the ways past the hit path', async () => {
    const { open } = setup({ shadow: 1 })
    const [one, two] = [open(), open()]
    await one.things.get(1)
    await times(3, () => one.things.read(1))
    expect(one.told).toEqual(['same', 'same', 'same'])
    await two.things.setMode('shared')
    await times(3, () => two.things.get(1))
    await times(2, () => two.things.read(1))
    await times(2, () => two.things.peek(1))
    expect(two.told).toEqual(Array.from({ length: 7 }, () => 'same'))
  })

  test('never loads more than its share, whatever happens at once', async () => {
    const { open, asked, source, clock } = setup({ shadow: 0.1 })
    const { things } = open()
    await things.getMany([1, 2, 3, 4, 5])
    const release = Promise.withResolvers<void>()
    source.answer = async (id) => {
      await release.promise
      return { name: `row ${id}` }
    }
    const before = asked.length
    await Promise.all(Array.from({ length: 1_000 }, (_, at) => things.get(1 + (at % 5))))
    await clock.settle()
    // A quarter of the places of the source, and four at most.
    expect(asked.length - before).toBe(4)
    release.resolve()
    await clock.settle()
    await times(200, () => things.get(1))
    expect(asked.length - before).toBeLessThanOrEqual(4 + 21)
  })

  test('that is not asked for loads nothing, and can be begun and ended', async () => {
    const { open, asked } = setup()
    const { things, told } = open()
    await times(50, () => things.get(1))
    expect(asked).toEqual([1])
    things.setShadow(1)
    expect(things.describe().shadowShare).toBe(1)
    await times(5, () => things.get(1))
    things.setShadow(0)
    const counted = told.length
    expect(counted).toBeGreaterThan(2)
    await times(5, () => things.get(1))
    expect(told.length).toBe(counted)
    expect(() => things.setShadow(1.5)).toThrow(/`share`/)
  })

  test('tells of a source that fails, and harms nobody', async () => {
    const { open, source } = setup({ shadow: 1 })
    const { things, told, cache } = open()
    await things.get(1)
    source.answer = async () => {
      throw new Error('down')
    }
    const states: string[] = []
    cache.on('connection', ({ state }) => states.push(state))
    await times(40, async () => expect(await things.get(1)).toEqual({ name: 'row 1' }))
    expect(new Set(told)).toEqual(new Set(['failed']))
    expect(told.length).toBeGreaterThan(30)
    // Its breaker opens after 20 loads that fail; none of these counted.
    expect(states).toEqual([])
  })

  test('gives up a source that does not answer in time, and lets it keep its place', async () => {
    const { open, source, clock, asked } = setup({ shadow: 1, timeouts: { hard: '1s' } })
    const { things, told } = open()
    await things.get(1)
    source.answer = () => new Promise<never>(() => {})
    await times(20, () => things.get(1))
    expect(asked.length).toBe(1 + 4)
    await clock.advance(1_000)
    expect(told).toEqual(['failed', 'failed', 'failed', 'failed'])
  })
})

describe('the readers of a source', () => {
  test('are not in the way of shadow mode: it waits for them, and lets a source rest', async () => {
    const scene = setup({ shadow: 1 })
    const asked: number[] = []
    const { cache } = scene.open()
    let answer = async (id: number): Promise<Row> => ({ name: `row ${id}` })
    const things = cache.collection<number, Row>('few', {
      shadow: 1,
      source: {
        load: (id) => {
          asked.push(id)
          return answer(id)
        },
        concurrency: 3,
        breaker: { failures: 2, rest: '1h' },
      },
    })
    await things.get(1)
    const held = Promise.withResolvers<Row>()
    answer = () => held.promise
    const readers = [things.get(2), things.get(3)]
    await scene.clock.settle()
    await times(3, () => things.get(1))
    expect(asked).toEqual([1, 2, 3])
    held.resolve({ name: 'late' })
    await Promise.all(readers)
    answer = async () => {
      throw new Error('down')
    }
    for (const id of [4, 5]) await expect(things.get(id)).rejects.toThrow('down')
    asked.length = 0
    await times(3, () => things.get(1))
    expect(asked).toEqual([])
  })
})

describe('a value that changed meanwhile', () => {
  const changed = { name: 'changed' }

  /** A hit is under way to be compared with `changed`, and `meanwhile` happens. */
  async function compare(
    meanwhile: (
      scene: ReturnType<typeof setup>,
      at: readonly ReturnType<ReturnType<typeof setup>['open']>[],
    ) => Promise<unknown>,
  ): Promise<readonly string[]> {
    const scene = setup({ shadow: 1, tagsOf: () => ['all'] })
    const [one, two] = [scene.open(), scene.open()]
    await one.things.get(1)
    await two.things.get(1)
    const held = Promise.withResolvers<Row>()
    scene.source.answer = () => held.promise
    await times(1, () => one.things.get(1))
    scene.source.answer = async () => changed
    await meanwhile(scene, [one, two])
    held.resolve(changed)
    await scene.clock.advance(SETTLED_MS)
    return one.told
  }

  test('is no difference where it was deleted, loaded anew or lost its tag, by anybody', async () => {
    expect(await compare(async (_, [one]) => await one?.things.delete(1))).toEqual([])
    expect(await compare(async (_, [, two]) => await two?.things.delete(1))).toEqual([])
    expect(await compare(async (_, [one]) => await one?.cache.invalidateTags(['all']))).toEqual([])
    expect(await compare(async (_, [, two]) => await two?.cache.invalidateTags(['all']))).toEqual(
      [],
    )
    expect(await compare(async (_, [one]) => await one?.things.refresh(1))).toEqual([])
    expect(await compare(async (_, [one]) => await one?.things.clear())).toEqual([])
  })

  test('is no difference where the change is told a moment after the source has it', async () => {
    const scene = setup({ shadow: 1 })
    const { things, told, cache } = scene.open()
    await things.get(1)
    scene.source.answer = async () => changed
    await times(1, () => things.get(1))
    await scene.clock.advance(500)
    await cache.onExternalChange({ collection: 'thing', keys: [1] })
    await scene.clock.advance(SETTLED_MS)
    expect(told).toEqual([])
  })

  test('is no difference where a load ahead has taken its place', async () => {
    const scene = setup({ shadow: 1, ttl: '10s', refreshAhead: 0.5 })
    const { things, told } = scene.open()
    await things.get(1)
    await scene.clock.advance(6_000)
    scene.source.answer = async () => changed
    await times(1, () => things.get(1))
    await scene.clock.advance(SETTLED_MS)
    expect(await things.get(1)).toEqual(changed)
    expect(told.filter((outcome) => outcome === 'different')).toEqual([])
  })

  test('is no difference where another instance has loaded it anew into the shared tier', async () => {
    const scene = setup({ shadow: 1 })
    const [one, two] = [scene.open(), scene.open()]
    await two.things.get(1)
    await one.things.setMode('shared')
    scene.source.answer = async () => changed
    await times(1, () => one.things.get(1))
    await two.things.refresh(1)
    await scene.clock.advance(SETTLED_MS)
    expect(one.told).toEqual([])
  })

  test('is one where nobody has told of it', async () => {
    expect(await compare(async () => {})).toEqual(['different'])
  })
})

describe('two values', () => {
  test.each([
    [{ name: 'a', parts: [1, 2] }, { parts: [1, 2], name: 'a' }, 'same'],
    [{ name: 'a', parts: [1, 2] }, { name: 'a', parts: [2, 1] }, 'different'],
    [undefined, undefined, 'same'],
    [undefined, { name: 'a' }, 'different'],
    [{ name: 'a' }, undefined, 'different'],
  ] as const)('%o and %o are %s', async (cached, loaded, outcome) => {
    const { source, open, clock } = setup({ shadow: 1, negativeTtl: '1m' })
    const { things, told } = open()
    source.answer = async () => cached
    await things.get(1)
    source.answer = async () => loaded
    await things.get(1)
    await clock.advance(SETTLED_MS)
    expect(told).toEqual([outcome])
  })

  test('are the same if the application says so', async () => {
    const same = (one: Row, other: Row): boolean => one.name.length === other.name.length
    const { source, open } = setup({ shadow: { share: 1, same } }, {})
    const { things, told } = open()
    await things.get(1)
    source.answer = async () => ({ name: 'ROW 1' })
    await times(1, () => things.get(1))
    expect(told).toEqual(['same'])
  })

  test('cannot be compared by what throws, which is told', async () => {
    const same = (): boolean => {
      throw new Error('no')
    }
    const { open } = setup({ shadow: { share: 1, same } }, {})
    const { things, told } = open()
    await times(2, () => things.get(1))
    expect(told).toEqual(['failed'])
  })
})
