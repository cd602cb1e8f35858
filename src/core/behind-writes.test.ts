import { describe, expect, test } from 'vitest'
import type { BehindOptions, CollectionOptions } from '../contracts/collection.ts'
import { ConfigError, QueueFullError } from '../contracts/errors.ts'
import type { QueueEvent, WriteEvent } from '../contracts/events.ts'
import type { Store, StoreOutcome, StoreWrite } from '../contracts/source.ts'
import type { StandardSchema } from '../contracts/standard-schema.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier } from '../testing/chaos.ts'
import { FakeClock } from '../testing/fake-clock.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} } as const

interface Row {
  readonly value: string
  readonly version: bigint
}

/** A source that keeps versions, and notes each call. */
function guardedStore(rows: Map<string, Row>) {
  const calls: StoreWrite<string, string>[][] = []
  const scene: {
    fails: (write: StoreWrite<string, string>) => Error | undefined
    refuses: (write: StoreWrite<string, string>) => boolean
  } = { fails: () => undefined, refuses: () => false }
  const versions = new Map<string, bigint>()
  const store: Store<string, string> = {
    fencing: 'versioned',
    load: (key) => rows.get(key)?.value,
    async apply(writes) {
      calls.push([...writes])
      for (const write of writes) {
        const error = scene.fails(write)
        if (error !== undefined) throw error
      }
      return writes.map((write): StoreOutcome => {
        if (scene.refuses(write)) return { kind: 'conflict', reason: 'not this one' }
        const { key, version = 0n } = write
        const known = versions.get(key) ?? 0n
        if (known > version) return { kind: 'superseded', by: known, byEpoch: write.epoch ?? '' }
        versions.set(key, version)
        if (write.kind === 'remove') rows.delete(key)
        else rows.set(key, { value: write.value, version })
        return { kind: 'applied' }
      })
    },
  }
  return { store, calls, scene }
}

function setup(
  behind: BehindOptions = {},
  write: CollectionOptions<string, string>['write'] = { put: 'behind', remove: 'behind' },
  more: Partial<CollectionOptions<string, string>> = {},
) {
  const clock = new FakeClock()
  const shared = memoryTier({ shards: 2 })
  const rows = new Map<string, Row>()
  const { store, calls, scene } = guardedStore(rows)
  const away = { is: false }
  const fault = () =>
    away.is ? ({ kind: 'fail', error: new Error('cut off') } as const) : ({ kind: 'none' } as const)
  // By whichever instance.
  const told: QueueEvent[] = []
  const open = () => {
    const cache = createCache(
      {
        name: 'shop',
        shared: chaosTier(shared, fault, clock),
        logger: SILENT,
        defaults: { jitter: 0 },
      },
      { clock },
    )
    const things = cache.collection('thing', { ...more, store, write, behind })
    cache.on('queue', (event) => told.push(event))
    return { cache, things, told }
  }
  return { clock, rows, calls, scene, away, open, here: open(), there: open() }
}

const batchesOf = (calls: readonly (readonly StoreWrite<string, string>[])[]): unknown =>
  calls.map((writes) => writes.map((one) => `${one.kind} ${one.key}`).sort())

describe('a write behind the cache', () => {
  test('is read by every instance before the source has it, and reaches it once', async () => {
    const { clock, rows, calls, here, there } = setup()
    rows.set('a', { value: 'old', version: 0n })
    expect(await there.things.get('a')).toBe('old')
    const receipt = await here.things.put('a', 'new')
    expect(receipt).toMatchObject({ protected: true, durability: 'memory' })
    expect(await here.things.read('a')).toMatchObject({ value: 'new', tier: 'memory' })
    await clock.settle()
    expect(await there.things.get('a')).toBe('new')
    expect(rows.get('a')?.value).toBe('old')
    await clock.advance(3_000)
    expect(rows.get('a')?.value).toBe('new')
    expect(batchesOf(calls)).toEqual([['put a']])
    expect(await there.things.get('a')).toBe('new')
  })

  test('is settled where it waits, whatever places its key', async () => {
    const { clock, rows, calls, here } = setup({}, undefined, {
      shardBy: (key) => key.split('/')[0] ?? '',
    })
    const keys = Array.from({ length: 20 }, (_, at) => `p${at}/a`)
    for (const key of keys) await here.things.put(key, 'new')
    await clock.advance(5_000)
    expect([...rows.keys()].sort()).toEqual([...keys].sort())
    expect(calls.flat().length).toBe(keys.length)
    expect(await here.cache.close()).toEqual({
      flushed: 0,
      remaining: 0,
      deadLettered: 0,
      unknown: 0,
    })
  })

  test('takes the place of one that waits, and keeps its deadline', async () => {
    const { clock, rows, calls, here } = setup({ delay: '1s' })
    for (let at = 0; at < 40; at += 1) {
      await here.things.put('a', `v${at}`)
      await clock.advance(100)
    }
    // About once a second, of forty writes in four.
    expect(calls.length).toBeGreaterThanOrEqual(2)
    expect(calls.length).toBeLessThanOrEqual(5)
    await clock.advance(2_000)
    expect(rows.get('a')?.value).toBe('v39')
  })

  test('of a removal masks the key until the source has it', async () => {
    const { clock, rows, here, there } = setup()
    rows.set('a', { value: 'old', version: 0n })
    await here.things.remove('a')
    expect(await here.things.get('a')).toBeUndefined()
    await clock.settle()
    expect(await there.things.get('a')).toBeUndefined()
    expect(rows.has('a')).toBe(true)
    await clock.advance(3_000)
    expect(rows.has('a')).toBe(false)
    expect(await there.things.get('a')).toBeUndefined()
  })

  test('travels with others of its shard, no more at once than one batch', async () => {
    const { clock, calls, here } = setup({ batch: 10 })
    const keys = Array.from({ length: 60 }, (_, at) => `k${at}`)
    await Promise.all(keys.map((key) => here.things.put(key, key)))
    await clock.advance(3_000)
    expect(calls.flat()).toHaveLength(60)
    expect(Math.max(...calls.map(({ length }) => length))).toBe(10)
  })

  test('that the source fails for delays its own key alone, and becomes a dead letter', async () => {
    const { clock, rows, calls, scene, here } = setup({ attempts: 3, delay: 10 })
    scene.fails = ({ key }) => (key === 'bad' ? new Error('no such column') : undefined)
    const keys = Array.from({ length: 50 }, (_, at) => `k${at}`)
    await Promise.all([...keys, 'bad'].map((key) => here.things.put(key, key)))
    await clock.advance(1_000)
    expect(rows.size).toBe(50)
    // Halving a batch takes few more calls than it has writes.
    expect(calls.length).toBeLessThan(60)
    // It is tried again when something else shows that the store is there.
    for (let at = 0; at < 40 && !here.told.some(({ state }) => state === 'dead'); at += 1) {
      await Promise.all(keys.map((key) => here.things.put(key, `again ${at}`)))
      await clock.advance(2_000)
    }
    expect(here.told.filter(({ state }) => state === 'dead')).toMatchObject([{ count: 1 }])
    expect(await here.things.get('bad')).toBeUndefined()
    expect(here.told.find(({ state }) => state === 'dead')?.error).toContain('no such column')
  })

  test('waits for a source that is away, without using up its tries', async () => {
    const { clock, rows, calls, scene, here } = setup({ attempts: 2 })
    scene.fails = () => new Error('connection refused')
    const keys = Array.from({ length: 30 }, (_, at) => `k${at}`)
    await Promise.all(keys.map((key) => here.things.put(key, key)))
    await clock.advance(600_000)
    expect(here.told.some(({ state }) => state === 'dead')).toBe(false)
    const away = here.told.filter(({ state }) => state === 'away')
    expect(away[0]?.error).toMatchObject({ message: 'connection refused' })
    expect(away.at(-1)).toMatchObject({ pattern: 'thing:*', oldestMs: expect.any(Number) })
    expect(away.at(-1)?.oldestMs).toBeGreaterThan(500_000)
    // Of two shards.
    expect(away.length).toBeGreaterThan(20)
    expect(away.length).toBeLessThanOrEqual(2 * 61)
    // A few probes each ten seconds, and no more.
    expect(calls.length).toBeLessThan(660)
    scene.fails = () => undefined
    await clock.advance(11_000)
    expect(rows.size).toBe(30)
  })

  test('beyond its bound is refused, waits for room, or goes through the cache', async () => {
    for (const [whenFull, outcome] of [
      ['reject', 'rejected'],
      ['through', 'fulfilled'],
      ['block', 'fulfilled'],
    ] as const) {
      const { clock, here, rows } = setup({ records: 2, whenFull, delay: 500 })
      const keys = Array.from({ length: 12 }, (_, at) => `k${at}`)
      const writing = Promise.allSettled(keys.map((key) => here.things.put(key, key)))
      await clock.advance(5_000)
      const outcomes = await writing
      expect(outcomes.some(({ status }) => status === outcome)).toBe(true)
      const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
      if (whenFull === 'reject') expect(refused[0]).toBeInstanceOf(QueueFullError)
      else expect(refused).toEqual([])
      expect(rows.size).toBe(outcomes.length - refused.length)
    }
  })

  test.each([
    { lowWater: 0.5, leave: 6 },
    { lowWater: 1, leave: 1 },
  ])(
    'is refused by a queue that was full until no more waits than the low water, $lowWater',
    async ({ lowWater, leave }) => {
      const { clock, here } = setup(
        { records: 20, whenFull: 'reject', delay: '1h', lowWater },
        undefined,
        { shardBy: () => 'one' },
      )
      const put = async (key: string): Promise<boolean> =>
        await here.things.put(key, key).then(
          () => true,
          () => false,
        )
      const keys = Array.from({ length: 12 }, (_, at) => `k${at}`)
      const taken: boolean[] = []
      for (const key of keys) taken.push(await put(key))
      expect(taken.filter(Boolean)).toHaveLength(10)
      let left = 0
      while (!(await put('new'))) {
        // What takes the place of one that waits needs no room.
        expect(await put('k9')).toBe(true)
        const flushing = here.things.flush(keys[left])
        left += 1
        await clock.advance(1_000)
        await flushing
      }
      expect(left).toBe(leave)
      // From now on up to the bound again.
      const more: boolean[] = []
      for (let at = 0; at < 12; at += 1) more.push(await put(`more ${at}`))
      expect(more.filter(Boolean)).toHaveLength(leave - 1)
      expect((await here.things.queue.status()).waiting).toBe(10)
    },
  )

  test('is refused while the source lags further than is allowed, and taken again below the low water', async () => {
    const { clock, here, scene, rows } = setup(
      { age: '30s', whenFull: 'reject', lowWater: 0.5 },
      undefined,
      { shardBy: () => 'one' },
    )
    const put = (key: string): Promise<unknown> => here.things.put(key, key)
    scene.fails = () => new Error('connection refused')
    await put('a')
    await clock.advance(30_000)
    await put('b')
    await clock.advance(2_000)
    const refused = await put('c').catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(QueueFullError)
    expect((refused as Error).message).toMatch(/should have had a write of thing:\* 31\d{3} ms ago/)
    // What takes the place of one that waits needs no room.
    await put('a')
    expect(await here.things.get('a')).toBe('a')
    scene.fails = () => undefined
    await clock.advance(15_000)
    expect(rows.size).toBe(2)
    await put('c')
  })

  test('and one through the cache keep their order', async () => {
    const { clock, rows, here } = setup({ delay: '10s' }, { put: 'behind', remove: 'through' })
    await here.things.put('a', 'new')
    const removing = here.things.remove('a')
    await clock.advance(1_000)
    await removing
    expect(rows.has('a')).toBe(false)
    await clock.advance(20_000)
    expect(rows.has('a')).toBe(false)
    expect(await here.things.get('a')).toBeUndefined()
  })

  test('that died is no more once one through the cache has come after it', async () => {
    const { clock, rows, scene, here } = setup({}, { put: 'behind', remove: 'through' })
    scene.refuses = ({ kind }) => kind === 'put'
    await here.things.put('a', 'bad')
    await clock.advance(3_000)
    expect((await here.things.queue.status()).deadLetters).toBe(1)
    await here.things.remove('a')
    expect(await here.things.queue.retry()).toBe(0)
    await clock.advance(3_000)
    expect(rows.has('a')).toBe(false)
  })

  test('that was not taken is told of as failed', async () => {
    const { clock, here } = setup({ records: 2, whenFull: 'reject', delay: '1h' })
    const told: WriteEvent[] = []
    here.cache.on('write', (event) => told.push(event))
    const keys = Array.from({ length: 12 }, (_, at) => `k${at}`)
    const writing = Promise.allSettled(keys.map((key) => here.things.put(key, key)))
    await clock.advance(1_000)
    const failed = (await writing).filter(({ status }) => status === 'rejected')
    const events = told.filter(({ outcome }) => outcome === 'failed')
    expect(failed.length).toBeGreaterThan(0)
    expect(events).toHaveLength(failed.length)
    expect(events[0]).toMatchObject({ kind: 'put', count: 1, error: expect.any(QueueFullError) })
  })

  test('is served no longer than its entry lives, where copies of it were made while it waited', async () => {
    const { clock, rows, here, there } = setup({ delay: 50 }, undefined, { ttl: '200ms' })
    await here.things.put('a', 'new')
    await clock.settle()
    expect(await there.things.get('a')).toBe('new')
    await clock.advance(600)
    expect(rows.get('a')?.value).toBe('new')
    rows.set('a', { value: 'changed by somebody else', version: 0n })
    await clock.advance(300)
    expect(await here.things.get('a')).toBe('changed by somebody else')
    expect(await there.things.get('a')).toBe('changed by somebody else')
  })

  test('that its schema refuses is not read, and becomes a dead letter', async () => {
    const isLower = (value: unknown): value is string => value === String(value).toLowerCase()
    let judged = 0
    const schema: StandardSchema<string> = {
      '~standard': {
        validate: (value) => {
          judged += 1
          // A schema may change what it takes: that is for readers, and not for the source.
          return isLower(value) ? { value: `${value}!` } : { issues: [{ message: 'in capitals' }] }
        },
      },
    }
    const { clock, rows, here, there } = setup({}, undefined, { schema })
    rows.set('b', { value: 'of the source', version: 0n })
    await here.things.put('a', 'ada')
    await here.things.put('b', 'BOB')
    await clock.settle()
    expect(await there.things.get('a')).toBe('ada!')
    expect(await there.things.get('b')).toBe('of the source')
    await clock.advance(3_000)
    expect(judged).toBeGreaterThan(0)
    expect([rows.get('a')?.value, rows.get('b')?.value]).toEqual(['ada', 'of the source'])
    const letters = []
    for await (const { key, error } of here.things.queue.deadLetters()) letters.push([key, error])
    expect(letters).toEqual([['b', expect.stringContaining('in capitals')]])
  })

  test('that does not reach the source is waited for by one through the cache for its time', async () => {
    const { clock, scene, here } = setup({}, { put: 'behind', remove: 'through' })
    scene.fails = () => new Error('away')
    await here.things.put('a', 'new')
    const leaving = new AbortController()
    const outcomes = Promise.allSettled([
      here.things.remove('a', { timeouts: { hard: '1s' } }),
      here.things.remove('a', { signal: leaving.signal }),
      here.things.remove('a'),
    ])
    await clock.advance(100)
    leaving.abort(new Error('no time'))
    await clock.advance(1_500)
    const closing = here.cache.close({ timeout: 100 })
    await clock.advance(10_000)
    await closing
    expect(await outcomes).toMatchObject([
      { reason: { code: 'store-timeout' } },
      { reason: { message: 'no time' } },
      { reason: { code: 'closed' } },
    ])
  })

  test('is waited for by a flush, on whichever instance', async () => {
    const { clock, rows, here, there } = setup({ delay: '1h' })
    await here.things.put('a', 'new')
    await here.things.put('b', 'other')
    const flushing = there.things.flush('a')
    await clock.advance(1_000)
    await flushing
    expect([...rows.keys()]).toEqual(['a'])
    const all = there.things.flush()
    await clock.advance(1_000)
    await all
    expect([...rows.keys()].sort()).toEqual(['a', 'b'])
  })

  test('is hurried when the cache is closed, and what is left waits for the next start', async () => {
    const { clock, rows, scene, here, there, open } = setup({ delay: '1h' })
    await there.cache.close()
    await here.things.put('a', 'new')
    scene.fails = () => new Error('away')
    await here.things.put('b', 'other')
    const closing = here.cache.close({ timeout: 500 })
    await clock.advance(2_000)
    expect(await closing).toEqual({ flushed: 0, remaining: 2, deadLettered: 0, unknown: 0 })
    scene.fails = () => undefined
    const next = open()
    await clock.advance(20_000)
    expect(rows.size).toBe(2)
    expect(await next.things.get('a')).toBe('new')
    await next.things.put('c', 'last')
    const last = next.cache.close()
    await clock.advance(2_000)
    expect(await last).toEqual({ flushed: 1, remaining: 0, deadLettered: 0, unknown: 0 })
  })

  test('is not taken for carried out by a close whose tier is away', async () => {
    const { clock, rows, away, here, there, open } = setup({ delay: '1h' })
    await there.cache.close()
    for (const key of ['a', 'b', 'c']) await here.things.put(key, 'new')
    away.is = true
    const closing = here.cache.close({ timeout: 500 })
    await clock.advance(5_000)
    // One collection in two shards.
    expect(await closing).toEqual({ flushed: 0, remaining: 3, deadLettered: 0, unknown: 2 })
    away.is = false
    const next = open()
    const flushing = next.things.flush()
    await clock.advance(20_000)
    await flushing
    expect(rows.size).toBe(3)
  })

  test('is told by a close that another instance helps, and by one that others write beside', async () => {
    const { clock, scene, here, there, open } = setup({ delay: '1h', batch: 1 })
    for (const key of ['a', 'b', 'c']) await there.things.put(key, 'new')
    const flushing = there.things.flush()
    const closing = here.cache.close({ timeout: '5s' })
    await clock.advance(2_000)
    await flushing
    expect(await closing).toEqual({ flushed: 3, remaining: 0, deadLettered: 0, unknown: 0 })
    const other = open()
    scene.fails = () => new Error('away')
    for (const key of ['d', 'e']) await there.things.put(key, 'new')
    const late = there.cache.close({ timeout: 500 })
    await other.things.put('f', 'new')
    await clock.advance(2_000)
    expect(await late).toEqual({ flushed: 0, remaining: 3, deadLettered: 0, unknown: 0 })
  })

  test('removes the tags that it names once the source has it', async () => {
    const { clock, here, there, rows } = setup()
    const listed = { tags: ['lists'] }
    const list = (): Promise<string> =>
      there.cache.getOrLoad('list', () => [...rows.keys()].join(), listed)
    expect(await list()).toBe('')
    await here.things.put('a', 'new', { invalidateTags: ['lists'] })
    expect(await list()).toBe('')
    await clock.advance(3_000)
    expect(await list()).toBe('a')
  })

  test('needs a store and a shared tier', () => {
    const bare = createCache({ name: 'bare', logger: SILENT })
    const { store } = guardedStore(new Map())
    const write = { put: 'behind' } as const
    expect(() => bare.collection('thing', { store, write })).toThrow(ConfigError)
    expect(() => bare.collection('other', { source: () => 1, write })).toThrow(ConfigError)
    // What was refused is not declared.
    expect(() => bare.collection('thing', { store })).not.toThrow()
  })
})
