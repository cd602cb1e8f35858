import { describe, expect, test } from 'vitest'
import {
  type CacheMode,
  type CacheOptions,
  type CollectionOptions,
  ConfigError,
  createCache,
  type ModeEvent,
} from '../index.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier, FakeClock, type Fault } from '../testing/index.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} }

type Row = { readonly version: number }

/** Instances on one shared tier, and a table that counts how often it is asked. */
function setup(
  options: Partial<CacheOptions> = {},
  own: Partial<CollectionOptions<number, Row>> = {},
) {
  const clock = new FakeClock()
  const shared = memoryTier()
  const rows = new Map<number, Row>()
  const asked: number[] = []
  let hold: Promise<void> | undefined
  const open = () => {
    const cache = createCache(
      { name: 'switched', shared, ...options, defaults: { jitter: 0, ...options.defaults } },
      { clock },
    )
    const events: ModeEvent[] = []
    cache.on('mode', (event) => events.push(event))
    const things = cache.collection<number, Row>('thing', {
      store: {
        fencing: 'unfenced',
        loadMany: async (ids) => {
          asked.push(...ids)
          const found = new Map(ids.map((id) => [id, rows.get(id) ?? { version: 0 }]))
          await hold
          return found
        },
        apply: async (writes) => {
          for (const write of writes) if (write.kind !== 'remove') rows.set(write.key, write.value)
          return writes.map(() => ({ kind: 'applied' as const }))
        },
      },
      ...own,
    })
    return { cache, things, events }
  }
  return {
    clock,
    rows,
    asked,
    open,
    hold: (until: Promise<void> | undefined) => {
      hold = until
    },
  }
}

/** Within some turns of the event loop, or never. */
async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 100 && !holds(); turn += 1) {
    await new Promise<void>((resolve) => void setImmediate(resolve))
  }
  expect(holds()).toBe(true)
}

const row = (version: number): Row => ({ version })

describe('a collection that is off', () => {
  test('asks the source for every read, and keeps nothing anywhere', async () => {
    const { open, asked, rows } = setup()
    const [one, two] = [open(), open()]
    await one.things.setMode('off')
    await one.things.get(1)
    rows.set(1, row(5))
    expect(await one.things.read(1)).toMatchObject({ value: row(5), tier: 'source' })
    expect(asked).toEqual([1, 1])
    expect(await two.things.inspect(1)).toBeUndefined()
  })

  test('serves nothing afterwards that it had kept before', async () => {
    const { open, rows } = setup({}, { memoryTtl: '4m' })
    const [one, two] = [open(), open()]
    await one.things.get(1)
    await one.things.setMode('off')
    await two.things.put(1, row(2))
    await one.things.setMode('on')
    expect(await one.things.get(1)).toEqual(row(2))
    rows.set(1, row(3))
    await one.things.setMode('off')
    await one.things.delete(1)
    await one.things.setMode('on')
    expect(await one.things.get(1)).toEqual(row(3))
  })

  test('still tells the shared tier of writes, deletes and tags', async () => {
    const { open, rows, clock } = setup({}, { tagsOf: () => ['all'], write: { put: 'through' } })
    const [one, two] = [open(), open()]
    await two.things.getMany([1, 2, 3])
    await one.things.setMode('off')
    await one.things.put(1, row(1))
    rows.set(2, row(2))
    await one.things.delete(2)
    expect(await two.things.get(1)).toEqual(row(1))
    expect(await two.things.get(2)).toEqual(row(2))
    rows.set(3, row(3))
    await one.cache.invalidateTags(['all'])
    await clock.settle()
    expect(await two.things.get(3)).toEqual(row(3))
  })

  test('shares no load that has begun before the read', async () => {
    const { open, hold, rows, asked } = setup()
    const { things } = open()
    await things.setMode('off')
    const release = Promise.withResolvers<void>()
    hold(release.promise)
    const early = [things.get(1), things.get(1)]
    await until(() => asked.length > 0)
    rows.set(1, row(1))
    hold(undefined)
    expect(await things.get(1)).toEqual(row(1))
    release.resolve()
    expect(await Promise.all(early)).toEqual([row(0), row(0)])
    expect(asked).toEqual([1, 1])
  })

  test('warms nothing, and finds nothing without a load', async () => {
    const { open, asked } = setup()
    const { things } = open()
    await things.get(1)
    await things.setMode('off')
    expect(await things.warm([2, 3])).toMatchObject({ loaded: 0, failed: 0 })
    expect(await things.peek(1)).toBeUndefined()
    expect(await things.has(1)).toBe(false)
    expect(await things.ttl(1)).toBeUndefined()
    expect(await things.touch(1)).toBe(false)
    expect((await things.inspect(1))?.tiers).toEqual(['shared'])
    expect(asked).toEqual([1])
  })
})

describe('a collection that is kept in memory only', () => {
  test('asks the shared tier for nothing, and keeps what it loads', async () => {
    const { open, rows } = setup()
    const [one, two] = [open(), open()]
    await two.things.get(1)
    rows.set(1, row(1))
    await one.things.setMode('memory')
    expect(await one.things.read(1)).toMatchObject({ value: row(1), tier: 'source' })
    expect(await one.things.read(1)).toMatchObject({ value: row(1), tier: 'memory' })
    expect(await two.things.read(1)).toMatchObject({ value: row(0), tier: 'memory' })
    expect(await one.things.peek(2)).toBeUndefined()
  })

  test('gives a copy another life without asking a tier that never had it', async () => {
    const { open } = setup()
    const one = open()
    await one.things.setMode('memory')
    await one.things.get(1)
    await one.cache.setMode('memory')
    await one.cache.set('plain', 1, { ttl: '1m' })
    expect(await one.things.touch(1, '10m')).toBe(true)
    expect(await one.things.ttl(1)).toBeCloseTo(600_000, -2)
    expect(await one.cache.touch('plain', '10m')).toBe(true)
    expect(await one.cache.ttl('plain')).toBeCloseTo(600_000, -2)
    expect(await one.things.touch(2)).toBe(false)
  })

  test('hears of changes that others make', async () => {
    const { open } = setup()
    const [one, two] = [open(), open()]
    await one.things.setMode('memory')
    await one.things.get(1)
    await two.things.put(1, row(2))
    expect(await one.things.get(1)).toEqual(row(2))
  })

  test('leaves nothing in the shared tier that a write through the cache would leave there', async () => {
    const { open } = setup({}, { write: { put: 'through' } })
    const [one, two] = [open(), open()]
    await one.things.setMode('memory')
    await one.things.put(1, row(2))
    expect(await one.things.inspect(1)).toBeUndefined()
    expect(await two.things.read(1)).toMatchObject({ value: row(2), tier: 'source' })
  })

  test('keeps its copies when it is switched on again, and what it had before', async () => {
    const { open, asked } = setup()
    const { things } = open()
    await things.get(1)
    await things.setMode('memory')
    await things.getMany([1, 2])
    await things.setMode('on')
    await things.getMany([1, 2])
    expect(asked).toEqual([1, 2])
  })

  test('ends what stands in the shared tier when it is loaded anew', async () => {
    const { open, rows, clock } = setup()
    const [one, two] = [open(), open()]
    await two.things.get(1)
    rows.set(1, row(1))
    await one.things.setMode('memory')
    expect(await one.things.refresh(1)).toEqual(row(1))
    await clock.settle()
    expect(await two.things.get(1)).toEqual(row(1))
  })

  test('keeps what it loads for a short time while the shared tier cannot be followed', async () => {
    let fault: Fault = { kind: 'none' }
    const clock = new FakeClock()
    const shared = chaosTier(memoryTier(), () => fault, clock)
    let loads = 0
    await using cache = createCache(
      { name: 'away', shared, defaults: { memoryTtl: '4m' }, logger: SILENT },
      { clock },
    )
    const things = cache.collection<number, Row>('thing', { source: () => row(++loads) })
    await things.setMode('memory')
    await clock.advance(100)
    fault = { kind: 'fail', error: new Error('away') }
    await clock.advance(20_000)
    await things.get(1)
    await clock.advance(4_000)
    expect(await things.get(1)).toEqual(row(1))
    await clock.advance(2_000)
    expect(await things.get(1)).toEqual(row(2))
    fault = { kind: 'none' }
  })

  test('keeps plain values here, and removes what others had under the key', async () => {
    const { open, clock } = setup()
    const [one, two] = [open(), open()]
    await two.cache.set('a', 1)
    await one.cache.setMode('memory')
    await one.cache.set('a', 2)
    expect(await one.cache.get('a')).toBe(2)
    await clock.settle()
    expect(await two.cache.get('a')).toBeUndefined()
    await two.cache.set('a', 3)
    await clock.settle()
    expect(await one.cache.get('a')).toBeUndefined()
  })
})

describe('a collection that is kept in the shared tier only', () => {
  test('keeps nothing in this process', async () => {
    const { open, asked } = setup()
    const { things, cache } = open()
    await things.get(1)
    await things.setMode('shared')
    expect((await cache.usage()).memory.entries).toBe(0)
    expect(await things.read(1)).toMatchObject({ tier: 'shared' })
    expect(await things.get(1)).toEqual(row(0))
    expect((await cache.usage()).memory.entries).toBe(0)
    expect(asked).toEqual([1])
  })

  test('hands values out as it is declared', async () => {
    const { open } = setup({ memory: { copy: 'clone' } })
    const { things } = open()
    await things.setMode('shared')
    const [first, second] = await Promise.all([things.get(1), things.get(1)])
    expect(first).toEqual(second)
    expect(first).not.toBe(second)
  })
})

describe('a switch', () => {
  test.each(['off', 'memory', 'shared', 'on'] as const)(
    'to %s hands out what is being loaded, and keeps nothing of it here',
    async (mode: CacheMode) => {
      const { open, hold, asked, rows } = setup()
      const { things } = open()
      await things.setMode(mode === 'on' ? 'off' : 'on')
      const release = Promise.withResolvers<void>()
      hold(release.promise)
      const read = things.get(1)
      await until(() => asked.length > 0)
      await things.setMode(mode)
      rows.set(1, row(7))
      release.resolve()
      expect(await read).toEqual(row(0))
      expect((await things.inspect(1))?.tiers ?? []).not.toContain('memory')
    },
  )

  test('is told once, with what was before', async () => {
    const { open } = setup()
    const { things, cache, events } = open()
    expect([things.mode(), cache.mode()]).toEqual(['on', 'on'])
    await things.setMode('off')
    await things.setMode('off')
    await cache.setMode('memory')
    expect([things.mode(), cache.mode()]).toEqual(['off', 'memory'])
    expect(things.describe().mode).toBe('off')
    const of = { type: 'mode', before: 'on', scope: 'instance' }
    expect(events).toEqual([
      { ...of, pattern: 'thing:*', mode: 'off' },
      { ...of, pattern: '*', mode: 'memory' },
    ])
  })

  test('to what cannot be is refused, and changes nothing', async () => {
    await using alone = createCache({ name: 'alone' })
    await using cache = createCache({ name: 'flat', memory: 'off', shared: memoryTier() })
    await expect(alone.setMode('shared')).rejects.toThrow(ConfigError)
    await expect(cache.setMode('memory')).rejects.toThrow(ConfigError)
    await expect(cache.setMode('slow' as CacheMode)).rejects.toThrow(/`mode`/)
    await expect(cache.setMode('off', { scope: 'all' as 'fleet' })).rejects.toThrow(/`scope`/)
    expect(cache.mode()).toBe('on')
    await cache.close()
    await expect(cache.setMode('off')).rejects.toThrow(/closed/)
  })

  test('of a cache without a shared tier is one of its fleet', async () => {
    await using alone = createCache({ name: 'alone' })
    await alone.set('a', 1)
    await alone.setMode('off', { scope: 'fleet' })
    expect(await alone.get('a')).toBeUndefined()
    await alone.set('a', 2)
    await alone.setMode('on', { scope: 'fleet' })
    expect(await alone.get('a')).toBeUndefined()
  })
})

describe('writes behind the cache', () => {
  test('are all that is found in the shared tier by who does not ask it', async () => {
    const { open } = setup({}, { write: { put: 'behind' }, behind: { delay: '1h' } })
    const { things } = open()
    await things.get(1)
    await things.setMode('off')
    expect(await things.peek(1)).toBeUndefined()
    await things.put(2, row(2))
    expect(await things.peek(2)).toEqual(row(2))
  })

  test.each(['off', 'memory', 'shared'] as const)(
    'are seen while they wait, on another instance that is %s',
    async (mode) => {
      const { open, rows, clock } = setup({}, { write: { put: 'behind' }, behind: { delay: '1h' } })
      const [one, two] = [open(), open()]
      await two.things.get(1)
      await two.things.setMode(mode)
      await one.things.put(1, row(1))
      await clock.settle()
      expect(await two.things.get(1)).toEqual(row(1))
      expect(await two.things.peek(1)).toEqual(row(1))
      expect((await two.things.getMany([1])).get(1)).toEqual(row(1))
      await two.things.put(1, row(2))
      await clock.settle()
      expect(await two.things.get(1)).toEqual(row(2))
      expect(await one.things.get(1)).toEqual(row(2))
      expect(rows.has(1)).toBe(false)
      await two.things.setMode('on')
      expect(await two.things.get(1)).toEqual(row(2))
    },
  )
})
