/** What one seed plays: how the caches are made, how bad the network is, how much is written. */

import type { BehindOptions, WritePolicy } from '../../src/contracts/collection.ts'
import type { IdleOptions, RefreshAhead } from '../../src/contracts/options.ts'
import type { SeededRandom } from '../../src/testing/seeded-random.ts'
import type { Poison } from './queued-batch.ts'

export type Profile = 'mixed' | 'slow writes' | 'cut off' | 'behind' | 'idle' | 'ahead'

/** A rule taken out of the simulated database, which is no part of the sources. */
export type StoreFault = 'no guard' | 'no tombstones'

export interface Setting {
  readonly instances: number
  readonly shards: number
  readonly keys: number
  /** Plain keys, beside those of the collection. */
  readonly plain: number
  /** Faults and operations end then; milliseconds. */
  readonly endMs: number
  /** From then on nothing is changed: what is stale has time to show. */
  readonly quietFromMs: number
  readonly ttlMs: number
  readonly graceMs: number
  readonly memory: 'on' | 'off' | 'tiny'
  readonly renewal: 'fixed' | 'sliding'
  readonly negativeTtl: number | 'off'
  readonly refreshAhead: RefreshAhead | 'off'
  /** When entries leave that nobody reads; `undefined`: never. */
  readonly idle: Required<IdleOptions> | undefined
  /** `undefined`: nobody judges what warming loads at once. */
  readonly warming: { readonly batch: number } | undefined
  readonly loads: 'one by one' | 'together'
  readonly follow: 'push' | 'poll'
  readonly whenBlind: 'bypass' | 'flush' | 'serve-stale'
  readonly put: 'through' | 'around'
  /** `undefined`: nothing is written behind the cache. */
  readonly behind: BehindSetting | undefined
  /** Share of the operations that change something. */
  readonly writes: number
  /**
   * `slow writes`: they overlap with whatever else happens, and writers die amid them. `cut off`:
   * instances hear nothing for longer than copies may be served, while loads are slow. `behind`: some
   * writes of the collection wait, and whoever carries them out dies or stands still. `idle`: minutes pass
   * in which some keys are not read, and clean-ups run. `ahead`: hardly anything goes wrong, so that
   * whatever is loaded needlessly shows.
   */
  readonly profile: Profile
  /** Plain reads of the tier are not judged there, as on Redis. */
  readonly reads: 'judged' | 'raw'
  readonly net: Net
}

export interface BehindSetting {
  readonly policies: Readonly<Record<'create' | 'put' | 'remove', WritePolicy>>
  readonly options: BehindOptions & { readonly attempts: number }
  readonly poison: Poison
}

/** Probabilities, of each message. */
export interface Net {
  /** A hint never comes. */
  hintLost: number
  /** A hint comes twice, or late, out of order. */
  hintAstray: number
  /** A request or an answer is lost. */
  lost: number
  /** A request arrives long after those that were sent after it. */
  stalled: number
  /** A step on writes that wait is carried out once more. */
  doubled: number
  /** A connection that is opened during a cut: opens all the same, or only afterwards. */
  readonly cutOpens: 'at once' | 'afterwards'
  /** Hints that were sent on a connection that has gone. */
  readonly oldHints: 'heard' | 'dropped'
}

const PROFILES: readonly Profile[] = [
  ...(['mixed', 'mixed', 'mixed', 'slow writes', 'cut off', 'behind', 'behind', 'behind'] as const),
]
const MEMORIES = [...Array<'on'>(10).fill('on'), 'off', 'tiny'] as const

const IN_ORDER = { hintLost: 0, hintAstray: 0, lost: 0, stalled: 0, doubled: 0 } as const

/** Of the profiles in which time passes rather than something goes wrong. */
const CALM: Readonly<Partial<Record<Profile, Partial<Setting>>>> = {
  idle: {
    ...{ endMs: 360_000, quietFromMs: 360_000, ttlMs: 900_000, renewal: 'fixed', writes: 0.1 },
    ...{ idle: { after: 60_000, every: 20_000 }, refreshAhead: 'off', whenBlind: 'bypass' },
    net: { ...IN_ORDER, lost: 0.001, cutOpens: 'at once', oldHints: 'dropped' },
  },
  ahead: {
    ...{ endMs: 40_000, quietFromMs: 40_000, ttlMs: 6_000, graceMs: 0, renewal: 'fixed' },
    ...{
      warming: { batch: 1 },
      writes: 0.03,
      refreshAhead: { after: 0.5, beta: 2 },
      memory: 'on',
      negativeTtl: 'off',
    },
    ...{ whenBlind: 'bypass', net: { ...IN_ORDER, cutOpens: 'at once', oldHints: 'dropped' } },
  },
}

/** `given`: in place of the one that is drawn. */
export function drawSetting(random: SeededRandom, given?: Profile): Setting {
  const drawn = random.pick(PROFILES)
  const profile = given ?? drawn
  const long = profile === 'cut off'
  const isBehind = profile === 'behind'
  const lengths = isBehind ? [10_000, 16_000, 24_000] : [6_000, 10_000, 16_000, 16_000]
  const endMs = long ? 16_000 : random.pick(lengths)
  const instances = random.pick([2, 3, 3, 4])
  const shards = random.pick([1, 1, 2])
  const keys = random.pick([3, 4, 5, 6])
  const drawnAll: Setting = {
    instances,
    shards,
    keys,
    // Not drawn: what seeds have been found to show otherwise, they go on showing.
    idle: undefined,
    warming: undefined,
    refreshAhead: keys % 2 === 0 ? 'off' : { after: instances === 3 ? 0.5 : 'off', beta: 2 },
    plain: random.pick([0, 1, 2]),
    endMs,
    quietFromMs: endMs * random.pick([1, 0.7, 0.4]),
    ttlMs: long ? 20_000 : random.pick([1_000, 4_000, 20_000, 20_000]),
    graceMs: random.pick([0, 0, 5_000]),
    memory: random.pick(MEMORIES),
    renewal: random.pick(['fixed', 'fixed', 'fixed', 'sliding']),
    negativeTtl: random.pick(['off', 500]),
    loads: random.pick(['one by one', 'together']),
    follow: random.next() < 0.1 ? 'poll' : 'push',
    whenBlind: random.pick(['bypass', 'bypass', 'bypass', 'flush', 'serve-stale']),
    put: random.pick(['through', 'through', 'around']),
    behind: isBehind ? drawBehind(random) : undefined,
    writes: isBehind ? random.pick([0.15, 0.3, 0.5]) : random.pick([0.08, 0.15, 0.3]),
    profile,
    reads: random.pick(['judged', 'raw']),
    net: {
      hintLost: random.pick([0, 0.05, 0.3]),
      hintAstray: random.pick([0, 0.05, 0.3]),
      lost: random.pick([0, 0.005, 0.02]),
      stalled: random.pick([0, 0.01, 0.05, 0.15]),
      doubled: isBehind ? random.pick([0, 0.05, 0.2]) : 0,
      cutOpens: random.pick(['at once', 'afterwards']),
      oldHints: random.pick(['heard', 'dropped']),
    },
  }
  return { ...drawnAll, ...CALM[profile] }
}

/** Each operation its own way, on one collection. */
function drawBehind(random: SeededRandom): BehindSetting {
  const [put, remove] = random.pick<readonly [WritePolicy, WritePolicy]>([
    ['behind', 'behind'],
    ['behind', 'behind'],
    ['behind', 'through'],
    ['behind', 'around'],
    ['through', 'behind'],
    ['around', 'behind'],
  ])
  return {
    policies: { create: random.pick<WritePolicy>(['through', 'around']), put, remove },
    options: {
      delay: random.pick([1, 50, 300, 1_000, 3_000]),
      keep: random.pick(['last', 'last', 'every']),
      batch: random.pick([1, 2, 100]),
      records: random.pick([2, 100_000, 100_000, 100_000]),
      whenFull: random.pick(['block', 'reject', 'through']),
      storeTimeout: random.pick([300, 1_000, 3_000]),
      attempts: 4,
    },
    poison: random.pick(['none', 'none', 'some']),
  }
}
