import { describe, expect, test } from 'vitest'
import type { Cache } from '../contracts/cache.ts'
import type { CollectionOptions } from '../contracts/collection.ts'
import type { LoadEvent, UndecodableEvent } from '../contracts/events.ts'
import type { Store, StoreOutcome, StoreWrite } from '../contracts/source.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { answersOf } from '../testing/shared-steps.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} } as const

/** What release `version` makes of a row. */
interface Shape {
  readonly version: number
  readonly text: string
}

type Own = Partial<CollectionOptions<string, Shape>>

/** Releases of one collection, each an instance of its own, over one tier and one source. */
function setup() {
  const clock = new FakeClock()
  const shared = memoryTier()
  const rows = new Map<string, string>([['a', 'one']])
  const writes: StoreWrite<string, Shape>[] = []
  const scene = { away: false }
  const open = (version: number, own: Own = {}) => {
    const store: Store<string, Shape> = {
      fencing: 'versioned',
      load: (key) => {
        const text = rows.get(key)
        return text === undefined ? undefined : { version, text }
      },
      apply: async (some) => {
        if (scene.away) throw new Error('the store is away')
        writes.push(...some)
        for (const one of some) {
          if (one.kind === 'remove') rows.delete(one.key)
          else rows.set(one.key, one.value.text)
        }
        return some.map((): StoreOutcome => ({ kind: 'applied' }))
      },
    }
    const cache = createCache(
      { name: 'shop', shared, logger: SILENT, defaults: { jitter: 0, ttl: '5m' } },
      { clock },
    )
    const loads: LoadEvent[] = []
    const reasons: UndecodableEvent['reason'][] = []
    cache.on('load', (event) => loads.push(event))
    cache.on('undecodable', ({ reason }) => reasons.push(reason))
    const things = cache.collection<string, Shape>('thing', { version, ...own, store })
    return { cache, things, loads, reasons }
  }
  const migrating = {
    migrate: (value: unknown): Shape => ({ version: 2, text: (value as Shape).text }),
  }
  /** With what waits left behind. */
  const end = async ({ cache }: { readonly cache: Cache }): Promise<void> => {
    scene.away = true
    const closing = cache.close({ timeout: 0 })
    await clock.advance(100)
    await closing
    scene.away = false
  }
  return { clock, rows, writes, open, end, migrating }
}

describe('an entry of a newer release', () => {
  test('is a miss for an older one, which keeps its own value beside it', async () => {
    const { open } = setup()
    const [older, newer, third] = [open(1), open(2), open(2)]
    expect(await newer.things.get('a')).toEqual({ version: 2, text: 'one' })
    expect(await older.things.get('a')).toEqual({ version: 1, text: 'one' })
    expect(older.reasons).toEqual(['newer'])
    // It is still there for the others, and the older release does not ask again.
    expect(await older.things.read('a')).toMatchObject({ value: { version: 1 }, tier: 'memory' })
    expect(await third.things.read('a')).toMatchObject({ value: { version: 2 }, tier: 'shared' })
    expect([older, newer, third].map(({ loads }) => loads.length)).toEqual([1, 1, 0])
  })

  test('stays where an older release is without a memory of its own, and wherever it reads', async () => {
    const { open } = setup()
    const [older, newer] = [open(1, { memoryTtl: '1ms' }), open(2)]
    await newer.things.get('a')
    expect(await older.things.peek('a')).toBeUndefined()
    expect(await older.things.getMany(['a', 'b'])).toEqual(
      new Map([['a', { version: 1, text: 'one' }]]),
    )
    expect(await older.things.refresh('a')).toEqual({ version: 1, text: 'one' })
    expect((await older.things.read('a', { read: 'source' })).found).toBe(true)
    expect(await older.things.touch('b')).toBe(false)
    const third = open(2)
    expect(await third.things.read('a')).toMatchObject({ value: { version: 2 }, tier: 'shared' })
  })

  test('is followed: what an older release keeps beside it goes with each change', async () => {
    const { open, rows, clock } = setup()
    const [older, newer] = [open(1, { tags: ['all'] }), open(2, { tags: ['all'] })]
    await newer.things.get('a')
    await older.things.get('a')
    await newer.things.put('a', { version: 2, text: 'two' })
    await clock.settle()
    expect(await older.things.get('a')).toEqual({ version: 1, text: 'two' })
    await newer.things.get('a')
    expect(await older.things.get('a')).toEqual({ version: 1, text: 'two' })
    rows.set('a', 'three')
    await newer.cache.invalidateTags(['all'])
    await clock.settle()
    expect(await older.things.get('a')).toEqual({ version: 1, text: 'three' })
  })

  test('does not renew its life when an older release reads what it keeps beside it', async () => {
    const { open, clock } = setup()
    const sliding = { renewal: 'sliding', ttl: '10s', memoryTtl: '1m' } as const
    const [older, newer] = [open(1, sliding), open(2, { ...sliding, memoryTtl: '1ms' })]
    await newer.things.get('a')
    await older.things.get('a')
    for (let second = 0; second < 11; second += 1) {
      await clock.advance(1_000)
      await older.things.get('a')
    }
    expect(await newer.things.peek('a')).toBeUndefined()
  })

  test('in a later form of envelope stays too, until it is removed', async () => {
    const { clock } = setup()
    const shared = memoryTier()
    const common = { name: 'shop', shared, logger: SILENT }
    const cache = createCache(common, { clock })
    const things = cache.collection<string, string>('thing', { source: () => 'own' })
    const { random, report } = { random: new SeededRandom(1), report: () => {} }
    const session = shared.open({ name: 'shop', instance: 'later', clock, random, report })
    const envelope = new Uint8Array([0xf7, 0x54, 9, 1, 2, 3])
    const key = { id: 'thing:s1:a', collection: 'thing' }
    const stands = async (): Promise<boolean> => {
      const [reading] = answersOf(await session.read([key]))
      return reading?.entry?.envelope.length === envelope.length
    }
    await session.set([{ ...key, envelope, ttlMs: 60_000, graceMs: 0, tags: [] }])
    expect(await things.get('a')).toBe('own')
    expect(await stands()).toBe(true)
    await things.clear()
    expect(await things.get('a')).toBe('own')
    expect(await stands()).toBe(false)
  })

  test('gives way when its life is over, or a removal has made it unservable', async () => {
    const { open, clock } = setup()
    const [older, newer] = [open(1, { grace: '1h' }), open(2, { grace: '1h' })]
    await newer.things.get('a')
    await clock.advance(301_000)
    expect(await older.things.get('a')).toEqual({ version: 1, text: 'one' })
    const second = open(1)
    expect(await second.things.read('a')).toMatchObject({ value: { version: 1 }, tier: 'shared' })
    await newer.things.get('a')
    await newer.things.delete('a')
    await clock.settle()
    await older.things.get('a')
    expect(await second.things.read('a', { read: 'shared' })).toMatchObject({ tier: 'shared' })
  })

  test('gives way to a change, which begins a life of its own', async () => {
    const { open, clock, writes } = setup()
    const [older, newer] = [open(1, { write: { put: 'through' } }), open(2)]
    await newer.things.get('a')
    await older.things.put('a', { version: 1, text: 'two' })
    await clock.settle()
    expect(await open(1).things.read('a')).toMatchObject({
      value: { version: 1, text: 'two' },
      tier: 'shared',
    })
    expect(await newer.things.get('a')).toEqual({ version: 2, text: 'two' })
    // Once for each version, whoever reads how often.
    for (let round = 0; round < 5; round += 1) {
      await older.things.get('a')
      await open(1).things.get('a')
      await newer.things.get('a')
    }
    expect(newer.loads).toHaveLength(2)
    expect(writes).toHaveLength(1)
  })

  test('while loads fail, is not asked for at each read', async () => {
    const { open, clock, rows } = setup()
    const older = open(1, { ttl: '1s', grace: '1h' })
    await older.things.get('a')
    await clock.advance(1_100)
    await open(2, { ttl: '1h' }).things.get('a')
    rows.get = () => {
      throw new Error('the source is away')
    }
    for (let read = 0; read < 5; read += 1) {
      expect(await older.things.read('a')).toMatchObject({ stale: true, value: { version: 1 } })
    }
    expect(older.loads.filter(({ outcome }) => outcome === 'failed')).toHaveLength(1)
  })
})

describe('an entry of an older release', () => {
  test('is a miss, and is replaced once', async () => {
    const { open } = setup()
    const [older, newer] = [open(1), open(2)]
    await older.things.get('a')
    expect(await newer.things.get('a')).toEqual({ version: 2, text: 'one' })
    expect(newer.reasons).toContain('older')
    expect(await open(2).things.read('a')).toMatchObject({ tier: 'shared' })
  })

  test('is replaced once by those who find it at once', async () => {
    const { open, clock } = setup()
    const slow = { timeouts: { soft: '2s', hard: '10s' } } as const
    const instances = [open(2, slow), open(2, slow), open(2, slow)]
    await open(1).things.get('a')
    const stored = instances.map(({ things }) => things.get('a'))
    await clock.advance(1_000)
    for (const value of await Promise.all(stored))
      expect(value).toEqual({ version: 2, text: 'one' })
    expect(instances.flatMap(({ loads }) => loads)).toHaveLength(1)
  })

  test('is migrated, kept in this process, and left as it is for the older one', async () => {
    const { open, migrating } = setup()
    const seen: unknown[] = []
    const migrate = (value: unknown, from: number): Shape => {
      seen.push({ value, from })
      return migrating.migrate(value)
    }
    const [older, newer] = [open(1), open(2, { migrate })]
    await older.things.get('a')
    expect(await newer.things.read('a')).toMatchObject({
      value: { version: 2, text: 'one' },
      tier: 'shared',
    })
    expect(await newer.things.read('a')).toMatchObject({ value: { version: 2 }, tier: 'memory' })
    expect(seen).toEqual([{ value: { version: 1, text: 'one' }, from: 1 }])
    expect(newer.loads).toEqual([])
    expect(await open(1).things.read('a')).toMatchObject({ value: { version: 1 }, tier: 'shared' })
  })

  test('is a miss and counted where its migration throws, or answers later', async () => {
    const { open } = setup()
    const throwing = open(2, {
      migrate: () => {
        throw new Error('of no use')
      },
    })
    await open(1).things.get('a')
    expect(await throwing.things.peek('a')).toBeUndefined()
    expect(throwing.reasons).toEqual(['migrate'])
    const later = open(2, { migrate: (async () => ({})) as unknown as () => Shape })
    expect(await later.things.peek('a')).toBeUndefined()
    expect(later.reasons).toEqual(['migrate'])
    const undecided = open(2, { migrate: () => undefined })
    expect(await undecided.things.peek('a')).toBeUndefined()
    expect(undecided.reasons).toEqual(['older'])
    expect(await throwing.things.get('a')).toEqual({ version: 2, text: 'one' })
  })

  test('is written in the present version by a load that finds it unchanged', async () => {
    const { clock } = setup()
    const shared = memoryTier()
    const open = (version: number, own: Partial<CollectionOptions<string, Shape>>) => {
      const common = { name: 'shop', shared, logger: SILENT }
      const cache = createCache({ ...common, defaults: { jitter: 0, ttl: '10s' } }, { clock })
      return cache.collection<string, Shape>('thing', { version, source: () => undefined, ...own })
    }
    const source = () => ({ version: 1, text: 'one' })
    const older = open(1, { source, grace: '1m' })
    const migrate = (value: unknown): Shape => ({ ...(value as Shape), version: 2 })
    const newer = open(2, { migrate, source: (_, { unchanged }) => unchanged() })
    await older.get('a')
    await clock.advance(11_000)
    expect(await newer.get('a')).toEqual({ version: 2, text: 'one' })
    const another = open(2, { source: () => expect.fail('it is there') })
    expect(await another.read('a')).toMatchObject({ value: { version: 2 }, tier: 'shared' })
  })

  test('that says there is nothing needs no migration', async () => {
    const { open, migrating } = setup()
    const absent = { negativeTtl: '1m' } as const
    await open(1, absent).things.get('nobody')
    const newer = open(2, { ...absent, ...migrating })
    expect(await newer.things.read('nobody')).toEqual({ found: false, tier: 'shared' })
    expect(newer.loads).toEqual([])
  })

  test('has the tags that the newer release gives its value', async () => {
    const { open, migrating, rows, clock } = setup()
    const newer = open(2, { ...migrating, tagsOf: ({ text }) => [`text:${text}`] })
    const [older, other] = [open(1), open(2)]
    await older.things.get('a')
    await newer.things.get('a')
    rows.set('a', 'two')
    await other.cache.invalidateTags(['text:one'])
    await clock.settle()
    // Neither its copy nor the entry, which the tier itself knows by no such tag.
    expect(await newer.things.get('a')).toEqual({ version: 2, text: 'two' })
  })

  test('under a plain key is migrated by the cache', async () => {
    const { clock } = setup()
    const shared = memoryTier()
    const common = { name: 'plain', shared, logger: SILENT }
    const older = createCache(common, { clock })
    const migrate = (value: unknown): unknown => `${value}, migrated`
    const newer = createCache({ ...common, version: 1, migrate }, { clock })
    await older.set('a', 'text')
    expect(await newer.get('a')).toBe('text, migrated')
    await newer.set('b', 'new')
    expect(await older.get('b')).toBeUndefined()
    expect(await older.getOrLoad('b', () => 'own')).toBe('own')
    expect(await newer.get('b', { read: 'shared' })).toBe('new')
  })
})

describe('a write that waits', () => {
  const behind = { write: { put: 'behind' }, behind: { delay: '10s' } } as const

  test('of a newer release is not taken for the source: a read says what it may lack', async () => {
    const { open } = setup()
    const [older, newer] = [open(1, behind), open(2, behind)]
    await newer.things.put('a', { version: 2, text: 'two' })
    for (let read = 0; read < 2; read += 1) {
      expect(await older.things.read('a')).toMatchObject({
        value: { version: 1, text: 'one' },
        tier: 'source',
        stale: true,
      })
    }
    expect(await newer.things.get('a')).toEqual({ version: 2, text: 'two' })
  })

  test('of a newer release is not taken for the source by a read past it either', async () => {
    const { open } = setup()
    const [older, newer] = [open(1, behind), open(2, behind)]
    await newer.things.put('a', { version: 2, text: 'two' })
    await older.things.read('a', { read: 'source' })
    expect(await older.things.read('a')).toMatchObject({ tier: 'source', stale: true })
  })

  test('of a newer release is left to it', async () => {
    const { open, clock, writes, end } = setup()
    // Not even by its own migration, which knows nothing of what is newer.
    const older = open(1, { ...behind, migrate: () => ({ version: 1, text: 'misread' }) })
    const newer = open(2, behind)
    await newer.things.put('a', { version: 2, text: 'two' })
    await end(newer)
    await clock.advance(30_000)
    expect(writes).toEqual([])
    expect((await older.things.queue.status()).waiting).toBe(1)
    open(2, behind)
    await clock.advance(90_000)
    expect(writes).toMatchObject([{ value: { version: 2, text: 'two' } }])
  })

  test('of an older release is migrated before the store has it', async () => {
    const { open, clock, writes, end, migrating } = setup()
    const older = open(1, behind)
    await older.things.put('a', { version: 1, text: 'two' })
    await end(older)
    const newer = open(2, { ...behind, ...migrating })
    expect(await newer.things.get('a')).toEqual({ version: 2, text: 'two' })
    await clock.advance(30_000)
    expect(writes).toMatchObject([{ value: { version: 2, text: 'two' } }])
  })
})
