/**
 * The whole cache against a simple reference, over random sequences of calls, for each combination
 * of tiers. `SEED` plays a failure again, `RUNS` plays more.
 */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'vitest'
import type {
  Cache,
  CacheOptions,
  Collection,
  EntryOptions,
  Random,
  Store,
} from '../../src/index.ts'
import { createCache } from '../../src/index.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { FakeClock } from '../../src/testing/fake-clock.ts'
import {
  type Expected,
  type Play,
  Reference,
  type ReferenceEntry,
  type ReferenceOptions,
} from './cache-model.ts'

const RUNS = Number(process.env['RUNS'] ?? 500)
const SEED = process.env['SEED'] === undefined ? {} : { seed: Number(process.env['SEED']) }

const KEYS = ['a', 'b', 'a*b', '__proto__'] as const
const TAGS = ['red', 'blue', '__proto__'] as const
const VALUES: readonly unknown[] = [null, 0, -0, '', false, Number.NaN, 0n, 'text', { n: 1 }, []]
const PATTERNS: readonly (readonly [string | undefined, (key: string) => boolean])[] = [
  [undefined, () => true],
  ['*', () => true],
  ['?', (key) => key.length === 1],
  ['a\\*b', (key) => key === 'a*b'],
  ['[^a]*', (key) => !key.startsWith('a')],
]

const DEFAULT: ReferenceOptions = {
  ttl: 300_000,
  grace: 0,
  negativeTtl: 'off',
  sliding: false,
  tags: [],
  endsIn: Number.POSITIVE_INFINITY,
}
const OF_THINGS: ReferenceOptions = { ...DEFAULT, ttl: 10_000, grace: 5_000, negativeTtl: 3_000 }

/** Mostly one key, so that a sequence has something to say about it. */
const key = fc.oneof(
  { weight: 4, arbitrary: fc.constant('a') },
  { weight: 1, arbitrary: fc.constantFrom(...KEYS) },
)
const value = fc.constantFrom(...VALUES)
const tags = fc.uniqueArray(fc.constantFrom(...TAGS), { maxLength: 2 })
const options = fc.record<ReferenceOptions>({
  ttl: fc.constantFrom(1_000, 4_000, 10_000, 90_000, Number.POSITIVE_INFINITY),
  grace: fc.constantFrom(0, 0, 3_000, 60_000),
  negativeTtl: fc.constantFrom('off' as const, 'auto' as const, 2_000),
  sliding: fc.boolean(),
  tags,
  endsIn: fc.oneof(
    { weight: 3, arbitrary: fc.constant(Number.POSITIVE_INFINITY) },
    { weight: 1, arbitrary: fc.constantFrom(5_000, 25_000) },
  ),
})
const play = fc.oneof(
  { weight: 4, arbitrary: value.map((it): Play => ({ kind: 'value', value: it })) },
  { weight: 1, arbitrary: fc.constant<Play>({ kind: 'absent' }) },
  { weight: 1, arbitrary: value.map((it): Play => ({ kind: 'uncached', value: it })) },
  { weight: 2, arbitrary: fc.constant<Play>({ kind: 'failed' }) },
)

type SpaceName = 'plain' | 'things'
type Things = Collection<string, unknown>

/** A cache with its clock, its source, and what its events add up to. */
class World {
  readonly clock = new FakeClock()
  readonly rows = new Map<string, unknown>()
  readonly told = { memoryReads: 0, sharedReads: 0, hits: 0, loads: 0 }
  readonly cache: Cache
  readonly things: Things
  readonly tiers: Pick<CacheOptions, 'memory' | 'shared'>
  isDown = false
  loads = 0

  constructor(tiers: Pick<CacheOptions, 'memory' | 'shared'>) {
    this.tiers = tiers
    // Copies of a shared tier are short-lived here, so that both tiers are asked.
    const memoryTtl = tiers.shared === undefined ? {} : { memoryTtl: 3_000 }
    const silent = { level: 'silent', warn: () => {}, error: () => {} }
    this.cache = createCache(
      { name: 'model', ...tiers, logger: silent, defaults: { jitter: 0, ...memoryTtl } },
      { clock: this.clock, random: countingRandom() },
    )
    this.things = this.cache.collection<string, unknown>('things', {
      ttl: OF_THINGS.ttl,
      grace: OF_THINGS.grace,
      negativeTtl: 3_000,
      tagsOf: (it) => tagsOfThing(it),
      store: this.#store(),
    })
    this.cache.on('reads', ({ tier, hits, misses }) => {
      this.told[tier === 'memory' ? 'memoryReads' : 'sharedReads'] += hits + misses
      this.told.hits += hits
    })
    this.cache.on('load', () => {
      this.told.loads += 1
    })
  }

  readable(name: SpaceName): Cache | Things {
    return name === 'plain' ? this.cache : this.things
  }

  /** What the source would do now. */
  playOf(name: string): Play {
    if (this.isDown) return { kind: 'failed' }
    return this.rows.has(name) ? { kind: 'value', value: this.rows.get(name) } : { kind: 'absent' }
  }

  #store(): Store<string, unknown> {
    return {
      fencing: 'unfenced',
      load: (it) => {
        this.loads += 1
        if (this.isDown) throw new Error('down')
        return this.rows.get(it)
      },
      apply: async (writes) => {
        if (this.isDown) throw new Error('down')
        return writes.map((write) => {
          const it = write.key
          if (write.kind === 'create' && this.rows.has(it)) {
            return { kind: 'conflict', reason: 'it is there' }
          }
          if (write.kind === 'remove') this.rows.delete(it)
          else this.rows.set(it, write.value)
          return { kind: 'applied' }
        })
      },
    }
  }
}

/** No chance at all: what is random in the engine takes its least. */
function countingRandom(): Random {
  let ids = 0
  return {
    next: () => 0,
    id: () => {
      ids += 1
      return `id${ids}`
    },
  }
}

function tagsOfThing(it: unknown): readonly string[] {
  return typeof it === 'string' ? ['red'] : []
}

/** The reference's options in the words of the library; those of the default are left out. */
function written(it: ReferenceOptions, now: number): EntryOptions {
  return {
    ttl: it.ttl === Number.POSITIVE_INFINITY ? 'none' : it.ttl,
    grace: it.grace,
    negativeTtl: it.negativeTtl,
    renewal: it.sliding ? 'sliding' : 'fixed',
    tags: it.tags,
    ...(it.endsIn === Number.POSITIVE_INFINITY ? {} : { expiresAt: now + it.endsIn }),
  }
}

/** One call, on the reference and on the cache. */
class Step implements fc.AsyncCommand<Reference, World> {
  readonly #words: string
  readonly #play: (reference: Reference, world: World) => Promise<void>

  constructor(words: string, run: (reference: Reference, world: World) => Promise<void>) {
    this.#words = words
    this.#play = run
  }

  check(): boolean {
    return true
  }

  async run(reference: Reference, world: World): Promise<void> {
    reference.now = world.clock.monotonic()
    await this.#play(reference, world)
    await world.clock.settle()
    assert.equal(world.loads, reference.loads, 'loads')
  }

  toString(): string {
    return this.#words
  }
}

const show = (it: unknown): string => fc.stringify(it)

function step<T>(
  name: string,
  drawn: fc.Arbitrary<T>,
  run: (what: T, reference: Reference, world: World) => Promise<void>,
): fc.Arbitrary<Step> {
  return drawn.map(
    (what) => new Step(`${name} ${show(what)}`, (reference, world) => run(what, reference, world)),
  )
}

/** The outcome of a call that rejects is its error. */
async function outcomeOf<T>(work: Promise<T>): Promise<T | Error> {
  return await work.catch((error: unknown) => error as Error)
}

function assertValue(actual: unknown, expected: Expected): void {
  if (expected.kind === 'failed') assert.ok(actual instanceof Error && actual.message === 'down')
  else assert.deepStrictEqual(actual, expected.kind === 'nothing' ? undefined : expected.value)
}

function assertReading(actual: unknown, expected: Expected): void {
  if (expected.kind === 'failed') {
    assertValue(actual, expected)
    return
  }
  const reading = actual as { found: boolean; tier: string; stale: boolean; ageMs: number }
  assert.equal(reading.found, expected.kind !== 'nothing')
  if (expected.kind === 'nothing') return
  assert.deepStrictEqual((actual as { value: unknown }).value, expected.value)
  assert.equal(reading.stale, expected.kind === 'stale')
  assert.equal(reading.tier === 'source', expected.kind === 'loaded')
  assert.equal(reading.ageMs, expected.kind === 'loaded' ? 0 : expected.ageMs)
}

/** A read of a collection loads from its source, one of plain keys does not. */
function expectedRead(name: SpaceName, it: string, reference: Reference, world: World): Expected {
  if (name === 'plain') return reference.plain.peek(it)
  const source = world.playOf(it)
  const own = source.kind === 'value' ? tagsOfThing(source.value) : []
  return reference.things.read(it, source, { ...OF_THINGS, tags: own })
}

const space = fc.constantFrom<SpaceName>('plain', 'plain', 'things')
const anywhere = fc.record({ space, key })
const many = fc.record({
  space,
  keys: fc.array(key, { maxLength: 4 }),
})

const reads: readonly fc.Arbitrary<Step>[] = [
  step('get', anywhere, async (what, reference, world) => {
    const expected = expectedRead(what.space, what.key, reference, world)
    assertValue(await outcomeOf(world.readable(what.space).get(what.key)), expected)
  }),
  step('read', anywhere, async (what, reference, world) => {
    const expected = expectedRead(what.space, what.key, reference, world)
    assertReading(await outcomeOf(world.readable(what.space).read(what.key)), expected)
  }),
  step('peek', anywhere, async (what, reference, world) => {
    const expected = reference[what.space].peek(what.key)
    assertValue(await world.readable(what.space).peek(what.key), expected)
  }),
  step('has', anywhere, async (what, reference, world) => {
    const expected = reference[what.space].peek(what.key)
    assert.equal(await world.readable(what.space).has(what.key), expected.kind === 'hit')
  }),
  step('getMany', many, async (what, reference, world) => {
    const found = new Map<string, unknown>()
    let isFailed = false
    for (const it of new Set(what.keys)) {
      const expected = expectedRead(what.space, it, reference, world)
      if (expected.kind === 'failed') isFailed = true
      else if (expected.kind !== 'nothing') found.set(it, expected.value)
    }
    const actual = await outcomeOf(world.readable(what.space).getMany(what.keys))
    if (isFailed) assert.ok(actual instanceof Error)
    else assert.deepStrictEqual(actual, found)
  }),
  step('keys', fc.tuple(anywhere, fc.constantFrom(...PATTERNS)), async (what, reference, world) => {
    const [where, [pattern, matches]] = what
    const listed: string[] = []
    for await (const it of world.readable(where.space).keys(pattern)) listed.push(it)
    assert.equal(new Set(listed).size, listed.length)
    const expected = reference[where.space].keys().filter(matches)
    const isShared = world.tiers.shared !== undefined
    const sure = listed.filter(
      (it) => expected.includes(it) || !(isShared && reference[where.space].lingers(it)),
    )
    assert.deepStrictEqual(sure.sort(), expected.sort())
    assert.ok(listed.every(matches))
  }),
  step('ttl', anywhere, async (what, reference, world) => {
    const entry = reference[what.space].present(what.key)
    const left = entry === undefined ? undefined : Math.max(0, entry.freshUntil - reference.now)
    const expected = entry?.absent === true ? undefined : left
    assert.equal(await world.readable(what.space).ttl(what.key), expected)
  }),
  step('inspect', anywhere, async (what, reference, world) => {
    const seen = await world.readable(what.space).inspect(what.key)
    const entry = reference[what.space].present(what.key)
    assert.equal(seen === undefined, entry === undefined)
    if (seen !== undefined && entry !== undefined) assertInspection(seen, entry, world)
  }),
]

function assertInspection(
  seen: NonNullable<Awaited<ReturnType<Cache['inspect']>>>,
  entry: ReferenceEntry,
  { clock }: World,
): void {
  const wall = (at: number): number => clock.now() - clock.monotonic() + at
  assert.deepStrictEqual(
    {
      absent: seen.absent,
      ageMs: seen.ageMs,
      freshUntil: seen.freshUntil,
      graceUntil: seen.graceUntil,
      tags: [...seen.tags].sort(),
    },
    {
      absent: entry.absent,
      ageMs: clock.monotonic() - entry.createdAt,
      freshUntil: wall(entry.freshUntil),
      graceUntil: wall(entry.graceUntil),
      tags: [...entry.tags].sort(),
    },
  )
}

const ownLoad = fc.record({
  key,
  play,
  options,
  /** The loader says itself by what the value lives, instead of the caller. */
  decides: fc.boolean(),
  call: fc.constantFrom('getOrLoad' as const, 'readOrLoad' as const, 'refresh' as const),
})

const loads: readonly fc.Arbitrary<Step>[] = [
  step('load', ownLoad, async (what, reference, world) => {
    const { plain } = reference
    const expected =
      what.call === 'refresh'
        ? plain.load(what.key, what.play, what.options)
        : plain.read(what.key, what.play, what.options)
    const own = written(what.options, world.clock.now())
    const { cache } = world
    const actual = await outcomeOf(
      cache[what.call]<unknown>(
        what.key,
        (context) => {
          world.loads += 1
          if (what.decides) context.options(own)
          if (what.play.kind === 'failed') throw new Error('down')
          if (what.play.kind === 'absent') return undefined
          const { value: it } = what.play
          return what.play.kind === 'uncached' ? context.uncached(it) : it
        },
        what.decides ? {} : own,
      ),
    )
    if (what.call === 'readOrLoad') assertReading(actual, expected)
    else assertValue(actual, expected)
  }),
  step('refresh things', key, async (it, reference, world) => {
    const source = world.playOf(it)
    const own = source.kind === 'value' ? tagsOfThing(source.value) : []
    const expected = reference.things.load(it, source, { ...OF_THINGS, tags: own })
    assertValue(await outcomeOf(world.things.refresh(it)), expected)
  }),
]

const writes: readonly fc.Arbitrary<Step>[] = [
  step('set', fc.record({ key, value, options }), async (what, reference, world) => {
    await world.cache.set(what.key, what.value, written(what.options, world.clock.now()))
    reference.plain.store(what.key, what.value, what.options)
  }),
  step(
    'setMany',
    fc.record({ entries: fc.array(fc.tuple(key, value), { maxLength: 4 }), options }),
    async (what, reference, world) => {
      const own = written(what.options, world.clock.now())
      const report = await world.cache.setMany(what.entries, own)
      assert.deepStrictEqual([report.succeeded, report.failed], [what.entries.length, []])
      for (const [it, content] of what.entries) reference.plain.store(it, content, what.options)
    },
  ),
  step(
    'write',
    fc.record({
      kind: fc.constantFrom('create' as const, 'put' as const, 'remove' as const),
      key,
      value,
      invalidateTags: tags,
    }),
    async (what, reference, world) => {
      const isRefused = world.isDown || (what.kind === 'create' && world.rows.has(what.key))
      const own = { invalidateTags: what.invalidateTags }
      const outcome = await outcomeOf(
        what.kind === 'remove'
          ? world.things.remove(what.key, own)
          : world.things[what.kind](what.key, what.value, own),
      )
      assert.equal(outcome instanceof Error, isRefused)
      if (!(outcome instanceof Error)) assert.deepStrictEqual(outcome.protected, true)
      reference.things.delete(what.key)
      reference.invalidateTags(what.invalidateTags)
    },
  ),
]

const removals: readonly fc.Arbitrary<Step>[] = [
  step('delete', anywhere, async (what, reference, world) => {
    const space = reference[what.space]
    const expected = space.present(what.key)?.absent === false
    const isSure = world.tiers.shared === undefined || !space.lingers(what.key) || expected
    space.delete(what.key)
    const receipt = await world.readable(what.space).delete(what.key)
    assert.equal(receipt.state, 'done')
    if (isSure) assert.equal(receipt.found, expected)
  }),
  step('deleteMany', many, async (what, reference, world) => {
    for (const it of what.keys) reference[what.space].delete(it)
    const report = await world.readable(what.space).deleteMany(what.keys)
    assert.deepStrictEqual([report.succeeded, report.failed], [what.keys.length, []])
  }),
  step('clear', anywhere, async (what, reference, world) => {
    reference.things.clear()
    if (what.space === 'plain') reference.plain.clear()
    assert.equal((await world.readable(what.space).clear()).state, 'done')
  }),
  step('invalidateTags', tags, async (what, reference, world) => {
    reference.invalidateTags(what)
    assert.equal((await world.cache.invalidateTags(what)).state, 'done')
  }),
  step('expire', anywhere, async (what, reference, world) => {
    reference[what.space].expire(what.key)
    assert.equal((await world.readable(what.space).expire(what.key)).state, 'done')
  }),
  step(
    'touch',
    fc.tuple(anywhere, fc.constantFrom(undefined, 2_000, 20_000, Number.POSITIVE_INFINITY)),
    async ([what, ttl], reference, world) => {
      const expected = reference[what.space].touch(what.key, ttl)
      const own = ttl === Number.POSITIVE_INFINITY ? 'none' : ttl
      assert.equal(await world.readable(what.space).touch(what.key, own), expected)
    },
  ),
]

const circumstances: readonly fc.Arbitrary<Step>[] = [
  step(
    'advance',
    fc.constantFrom(1, 100, 500, 500, 1_000, 1_000, 3_000, 3_000, 10_000, 65_000),
    async (ms, _, { clock }) => clock.advance(ms),
  ),
  step('source is down', fc.boolean(), async (isDown, _, world) => {
    world.isDown = isDown
  }),
]

/** Events add up to what the test has counted, and nothing is left running. */
async function assertEnd(reference: Reference, world: World): Promise<void> {
  await world.cache.close()
  await world.clock.settle()
  const { told, tiers } = world
  assert.equal(tiers.memory === 'off' ? told.sharedReads : told.memoryReads, reference.reads)
  assert.equal(told.hits, reference.hits, 'hits told')
  assert.equal(told.loads, reference.loads, 'loads told')
  assert.equal(world.clock.timers, 0, 'timers left')
}

const combinations: readonly (readonly [string, () => Pick<CacheOptions, 'memory' | 'shared'>])[] =
  [
    ['the memory tier alone', () => ({})],
    ['the shared tier alone', () => ({ memory: 'off', shared: memoryTier() })],
    ['both tiers', () => ({ shared: memoryTier() })],
  ]

test.each(combinations)(
  'a cache answers as its reference does: %s',
  async (_, tiers) => {
    const changes = [...loads, ...writes, ...circumstances]
    const steps = [...reads, ...removals, ...changes, ...changes, ...changes]
    const commands = fc.commands(steps, { maxCommands: 60, size: 'max' })
    await fc.assert(
      fc.asyncProperty(commands, async (drawn) => {
        const [reference, world] = [new Reference(), new World(tiers())]
        await fc.asyncModelRun(() => ({ model: reference, real: world }), drawn)
        await assertEnd(reference, world)
      }),
      { numRuns: RUNS, ...SEED },
    )
  },
  120_000,
)
