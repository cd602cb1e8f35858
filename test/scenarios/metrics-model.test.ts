/**
 * The figures add up, whatever is done: over random histories, what `stats()` says is what a count beside
 * it says. `SEED` plays a failure again, `RUNS` plays more.
 */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Cache,
  type Collection,
  createCache,
  type MetricsSnapshot,
  type RemovalCause,
} from '../../src/index.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { FakeClock } from '../../src/testing/fake-clock.ts'

const RUNS = Number(process.env['RUNS'] ?? 150)
const SEED = process.env['SEED'] === undefined ? {} : { seed: Number(process.env['SEED']) }
const CAPACITY = 5

type Call =
  | { readonly kind: 'get' | 'peek' | 'refresh' | 'delete' | 'expire' | 'put'; readonly id: number }
  | { readonly kind: 'set' | 'read' | 'load'; readonly id: number }
  | { readonly kind: 'getMany'; readonly ids: readonly number[] }
  | { readonly kind: 'clear' | 'tag' | 'compact' }
  | { readonly kind: 'wait'; readonly ms: number }

const id = fc.integer({ min: -3, max: 9 })
const call: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom('get', 'peek', 'refresh', 'delete', 'expire', 'put'),
      id,
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('set', 'read', 'load'), id }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('getMany'), ids: fc.array(id) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('clear', 'tag', 'compact') }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.constantFrom(1, 900, 4_000) }),
  },
) as fc.Arbitrary<Call>

/** A cache, what its callers did, and what its events have told. */
class World {
  readonly clock = new FakeClock()
  readonly told = { loads: 0, stale: 0, removed: emptyCauses() }
  asked = 0
  loads = 0
  readonly cache: Cache
  readonly things: Collection<number, { id: number }>

  constructor(shared: boolean) {
    this.cache = createCache(
      {
        name: 'shop',
        memory: { entries: CAPACITY },
        ...(shared ? { shared: memoryTier() } : {}),
        defaults: { ttl: 3_000, jitter: 0 },
        metrics: { sampleHits: 3 },
        logger: { level: 'silent', warn: () => {}, error: () => {} },
      },
      { clock: this.clock },
    )
    this.things = this.cache.collection('thing', {
      grace: 1_000,
      tags: ['all'],
      store: {
        fencing: 'unfenced',
        load: (key: number) => {
          this.loads += 1
          if (key === -1) throw new Error('The source fails.')
          return key < -1 ? undefined : { id: key }
        },
        apply: async (writes) => writes.map(() => ({ kind: 'applied' as const })),
      },
    })
    this.cache.on('load', () => this.#count('loads'))
    this.cache.on('stale', () => this.#count('stale'))
    this.cache.on('removal', ({ tier, cause, count }) => {
      if (tier === 'memory') this.told.removed[cause] += count
    })
  }

  #count(what: 'loads' | 'stale'): void {
    this.told[what] += 1
  }

  async play(one: Call): Promise<void> {
    const work = this.#begin(one).catch(() => {})
    await this.clock.settle()
    await work
    await this.clock.settle()
  }

  async #begin(one: Call): Promise<unknown> {
    const { cache, things } = this
    switch (one.kind) {
      case 'get':
        this.asked += 1
        return await things.get(one.id)
      case 'peek':
        this.asked += 1
        return await things.peek(one.id)
      case 'getMany':
        this.asked += new Set(one.ids).size
        return await things.getMany(one.ids)
      case 'read':
        this.asked += 1
        return await cache.get(`user:${one.id}:cart`)
      case 'load':
        this.asked += 1
        return await cache.getOrLoad(`user:${one.id}:cart`, () => {
          this.loads += 1
          return one.id
        })
      case 'refresh':
        return await things.refresh(one.id)
      case 'set':
        return await cache.set(`user:${one.id}:cart`, one.id)
      case 'put':
        return await things.put(one.id, { id: one.id })
      case 'delete':
        return await things.delete(one.id)
      case 'expire':
        return await things.expire(one.id)
      case 'clear':
        return await cache.clear()
      case 'tag':
        return await cache.invalidateTags(['all'])
      case 'compact':
        return cache.compact(0.5)
      case 'wait':
        return await this.clock.advance(one.ms)
      default:
        return one satisfies never
    }
  }
}

function emptyCauses(): Record<RemovalCause, number> {
  return { deleted: 0, replaced: 0, expired: 0, evicted: 0, invalidated: 0 }
}

/** Every count of the patterns together is that of all. */
function expectSums({ total, patterns }: MetricsSnapshot): void {
  for (const field of ['hits', 'misses', 'stale', 'invalidations', 'undecodable'] as const) {
    expect(
      patterns.reduce((sum, one) => sum + one[field], 0),
      field,
    ).toBe(total[field])
  }
  for (const group of ['memory', 'shared', 'loads', 'writes', 'removals'] as const) {
    const sums = patterns.map((one) => JSON.parse(JSON.stringify(one[group])))
    expect(addUp(sums, total[group]), group).toEqual(total[group])
  }
}

function addUp(all: readonly object[], shape: object): object {
  const sum = (path: (one: object) => unknown): number =>
    all.reduce((so, one) => so + (path(one) as number), 0)
  return Object.fromEntries(
    Object.entries(shape).map(([field, value]) => {
      const of = (one: object): unknown => (one as Record<string, unknown>)[field]
      return [
        field,
        typeof value === 'number'
          ? sum(of)
          : addUp(
              all.map((one) => of(one) as object),
              value,
            ),
      ]
    }),
  )
}

test.each([
  ['the memory tier alone', false],
  ['both tiers', true],
])(
  'figures add up over random histories: %s',
  async (_, shared) => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 60 }), async (calls) => {
        const world = new World(shared)
        await world.clock.advance(1)
        for (const one of calls) await world.play(one)
        await world.clock.advance(1)
        const stats = await world.cache.stats()
        const { total, memory } = stats
        // Reads, as their callers made them and as the tiers saw them.
        expect(total.hits + total.misses).toBe(world.asked)
        expect(total.memory.hits + total.memory.misses).toBe(world.asked)
        expect(total.hits).toBeGreaterThanOrEqual(total.memory.hits)
        if (!shared) expect(total.hits).toBe(total.memory.hits + total.stale)
        // Loads, as the source saw them and as events told them.
        const { loaded, absent, uncached, failed, fenced } = total.loads
        expect(loaded + absent + uncached + failed + fenced).toBe(world.loads)
        expect(world.told.loads).toBe(world.loads)
        expect(total.stale).toBe(world.told.stale)
        // Entries: what left is what was told, and never more than came.
        expect(total.removals.memory).toEqual(world.told.removed)
        expect(memory.entries).toBeLessThanOrEqual(CAPACITY)
        expectSums(stats)
        await world.cache.close()
      }),
      { numRuns: RUNS, ...SEED },
    )
  },
  60_000,
)
