/**
 * What happens in one seed, drawn before it begins: operations and faults, each with its moment. A
 * plan is data, so that parts of it can be left out to find the shortest that still fails.
 */

import type { SeededRandom } from '../../src/testing/seeded-random.ts'
import type { Setting } from './setting.ts'

export type Operation = {
  readonly at: number
  /** By number: of an instance, which may have been replaced meanwhile. */
  readonly instance: number
  /** By number; several for those that take several. */
  readonly keys: readonly number[]
} & (
  | {
      readonly kind: 'get' | 'read' | 'getMany' | 'refresh' | 'put' | 'remove' | 'expire' | 'touch'
    }
  /** Where entries leave that nobody reads, and where they are loaded ahead. */
  | {
      readonly kind: 'cleanUp' | 'warm'
    }
  /** Where something is written behind the cache. */
  | {
      readonly kind: 'create' | 'flush' | 'flushAll'
    }
  /** A write that makes entries with the tag stale, and changes the row of one of them. */
  | { readonly kind: 'putTagged' }
  | { readonly kind: 'expireTag' }
  /** With the token of a write made lately, if there is one. `token`: which of them, from 0 to 1. */
  | { readonly kind: 'readVersion'; readonly token: number }
  /** Another program writes the keys, and tells of it through the instance that never dies. */
  | { readonly kind: 'external'; readonly tell: Telling }
)

export type Telling = 'keys' | 'tag' | 'all-tags' | 'pattern' | 'collection' | 'clear'

export type Fault = { readonly at: number } & (
  | {
      readonly kind: 'cut'
      readonly instance: number
      readonly shard: number
      readonly forMs: number
    }
  | {
      readonly kind: 'crash'
      readonly instance: number
      readonly backAfterMs: number
      /** A writer that dies then has committed, and tells nobody. */
      readonly when: 'now' | 'at its next commit'
    }
  | { readonly kind: 'pause'; readonly instance: number; readonly forMs: number }
  | { readonly kind: 'jump'; readonly instance: number; readonly byMs: number }
  | {
      readonly kind: 'failover'
      readonly shard: number
      /** The replica has stopped following so long before. */
      readonly lagMs: number
      readonly split: boolean
      /** A proxy leads connections to the new master without closing them. */
      readonly quiet: boolean
      readonly healAfterMs: number
    }
  | { readonly kind: 'restart'; readonly shard: number; readonly lostMs: number }
  | { readonly kind: 'full'; readonly shard: number; readonly forMs: number }
  | { readonly kind: 'control' | 'numbers' | 'flush'; readonly shard: number }
)

export interface Plan {
  readonly operations: readonly Operation[]
  readonly faults: readonly Fault[]
}

const OPERATIONS = 300
/** Share of the writes that meet another operation on purpose. */
const COMPANIONS = 0.5
const CHANGING = [
  ...(['put', 'put', 'put', 'put', 'remove', 'putTagged', 'putTagged', 'putTagged'] as const),
  ...(['external', 'external', 'external', 'external', 'expire', 'expire'] as const),
  ...(['refresh', 'touch'] as const),
]
const SLOW_CHANGING = [
  ...(['put', 'put', 'putTagged', 'putTagged', 'putTagged', 'external'] as const),
]
/** Other programs keep no versions, and write such rows seldom. */
const BEHIND_CHANGING = [
  ...(['put', 'put', 'put', 'put', 'put', 'put', 'putTagged', 'putTagged'] as const),
  ...(['remove', 'remove', 'remove', 'create', 'create', 'flush', 'flush', 'flushAll'] as const),
  ...(['external', 'expire', 'refresh', 'refresh', 'touch'] as const),
]
const TELLINGS: readonly Telling[] = [
  'keys',
  'keys',
  'tag',
  'all-tags',
  'pattern',
  'collection',
  'clear',
]
const FAULTS: Readonly<Record<Setting['profile'], readonly Fault['kind'][]>> = {
  mixed: [
    ...(['cut', 'cut', 'cut', 'crash', 'crash', 'crash', 'pause', 'pause'] as const),
    ...(['jump', 'failover', 'failover', 'failover', 'restart', 'control', 'numbers'] as const),
    ...(['flush', 'full'] as const),
  ],
  'slow writes': ['crash', 'crash', 'crash', 'crash', 'pause', 'cut', 'failover'],
  'cut off': ['cut', 'cut', 'cut', 'pause', 'pause', 'pause', 'crash'],
  behind: [
    ...(['cut', 'cut', 'crash', 'crash', 'crash', 'crash', 'pause', 'pause', 'pause'] as const),
    ...(['jump', 'failover', 'failover', 'failover', 'restart', 'restart', 'control'] as const),
    ...(['numbers', 'flush', 'full'] as const),
  ],
  idle: ['crash', 'pause', 'pause', 'pause', 'cut', 'jump', 'failover', 'restart', 'flush'],
  ahead: ['crash', 'pause', 'jump'],
}
const CHANGING_IN = {
  mixed: CHANGING,
  'slow writes': SLOW_CHANGING,
  'cut off': CHANGING,
  behind: BEHIND_CHANGING,
  idle: CHANGING,
  ahead: CHANGING,
} as const
/** Longer than the right to carry out writes lasts, at times. */
const BEHIND_PAUSE_MS: readonly number[] = [300, 2_000, 8_000, 11_000]
/** Longer than copies may be served without hearing anything. */
const LONG_MS: readonly number[] = [6_000, 8_000, 10_000]
const PAUSES_MS: Readonly<Record<Setting['profile'], readonly number[]>> = {
  mixed: [300, 1_000, 2_000, 4_000],
  'slow writes': [300, 1_000, 2_000, 4_000],
  'cut off': LONG_MS,
  behind: BEHIND_PAUSE_MS,
  // Longer than the right to clean up is held.
  idle: [2_000, 14_000, 14_000],
  ahead: [300, 2_000],
}
const SLOW_TELLINGS: readonly Telling[] = ['pattern', 'pattern', 'pattern', 'keys']
/** An old master accepts no writes once its replica has been silent for so long. */
export const MAX_LAG_MS = 2_000

export function drawPlan(random: SeededRandom, setting: Setting): Plan {
  const operations: Operation[] = []
  while (operations.length < OPERATIONS) {
    const operation = drawOperation(random, setting)
    operations.push(operation)
    const writes = operation.kind === 'put' || operation.kind === 'putTagged'
    if (writes && random.next() < COMPANIONS) {
      operations.push(drawCompanion(random, setting, operation))
    }
    if (operation.kind === 'external' && random.next() < COMPANIONS) {
      operations.push(drawWitness(random, setting, operation))
    }
  }
  if (setting.idle !== undefined) operations.push(...drawCleanUps(random, setting))
  if (setting.profile === 'ahead') operations.push(...drawWarmings(random, setting))
  const standstills = setting.idle === undefined ? [] : drawStandstills(random, operations, setting)
  const counts = setting.profile !== 'mixed' ? [3, 5, 7] : [0, 1, 2, 3, 5]
  const faults = Array.from({ length: random.pick(counts) }, () => drawFault(random, setting))
  return {
    operations: operations
      .map((one) => ({ ...one, keys: one.keys.map((key) => wanted(setting, key, one.at)) }))
      .sort((one, other) => one.at - other.at),
    faults: [...faults, ...standstills].sort((one, other) => one.at - other.at),
  }
}

function drawOperation(random: SeededRandom, setting: Setting): Operation {
  const at = random.next() * setting.endMs
  const instance = random.below(setting.instances)
  // One key is written more often than others, so that writers meet.
  const hot = random.next() < 0.3
  const key = hot ? 0 : random.below(setting.keys + setting.plain)
  const chance = random.next()
  const base = { at, instance, keys: [key] }
  if (chance >= setting.writes || at > setting.quietFromMs) {
    const kind = random.pick<'get' | 'read' | 'getMany' | 'readVersion'>([
      'get',
      'get',
      'read',
      'read',
      'read',
      'read',
      'getMany',
      'readVersion',
    ])
    if (kind === 'readVersion') return { ...base, kind, token: random.next() }
    if (kind !== 'getMany') return { ...base, kind }
    return { ...base, kind, keys: someKeys(random, setting.keys + setting.plain) }
  }
  const kind = random.pick(CHANGING_IN[setting.profile])
  if (kind === 'expire')
    return { ...base, kind: random.pick<'expire' | 'expireTag'>(['expire', 'expire', 'expireTag']) }
  if (kind !== 'external') return { ...base, kind }
  return {
    ...base,
    kind,
    tell: random.pick(setting.profile === 'slow writes' ? SLOW_TELLINGS : TELLINGS),
    keys: someKeys(random, setting.keys),
  }
}

const PHASE_MS = 120_000
const STANDSTILLS = 4
/** Longer than a clean-up holds its lock without a word. */
const OVERTAKEN_MS = 10_500

/** Where keys are to be idle, about half of them are left alone for a while. */
function wanted({ idle, keys, plain }: Setting, key: number, at: number): number {
  if (idle === undefined) return key
  const phase = Math.floor(at / PHASE_MS)
  const isLeft = (one: number): boolean => ((one * 7 + phase * 5) % 4) % 2 === 0
  for (let other = key; other < key + keys + plain; other += 1) {
    const candidate = other % (keys + plain)
    if (!isLeft(candidate)) return candidate
  }
  return key
}

/** Several at once, at times. */
function drawCleanUps(random: SeededRandom, setting: Setting): readonly Operation[] {
  return Array.from({ length: 12 }, () => {
    const at = Math.ceil(random.next() * 7) * (setting.endMs / 8) - random.next() * 40
    return { at, instance: random.below(setting.instances), keys: [0], kind: 'cleanUp' as const }
  })
}

/** Some stand still in the middle of a clean-up, and another goes on with it before they do. */
function drawStandstills(
  random: SeededRandom,
  operations: Operation[],
  { instances }: Setting,
): readonly Fault[] {
  const begun = operations.filter(({ kind }) => kind === 'cleanUp').slice(0, STANDSTILLS)
  return begun.map(({ at, instance }) => {
    const other = (instance + 1) % instances
    operations.push({ at: at + OVERTAKEN_MS, instance: other, keys: [0], kind: 'cleanUp' })
    const forMs = OVERTAKEN_MS + 1_500
    return { at: at + random.next() * 12, kind: 'pause', instance, forMs }
  })
}

function drawWarmings(random: SeededRandom, setting: Setting): readonly Operation[] {
  return Array.from({ length: 12 }, () => {
    const at = random.next() * setting.endMs
    const some = someKeys(random, setting.keys)
    // All of them now and then, so that there is more to warm than the budget lets through at once.
    const keys = some.length > 1 ? Array.from({ length: setting.keys }, (_, key) => key) : some
    return { at, instance: random.below(setting.instances), keys, kind: 'warm' as const }
  })
}

/** What happens while a write is under way, or soon after. */
function drawCompanion(random: SeededRandom, setting: Setting, write: Operation): Operation {
  const mostMs = setting.profile === 'slow writes' ? 1_000 : 10
  const at = write.at + random.next() * mostMs
  const instance = (write.instance + 1 + random.below(setting.instances - 1)) % setting.instances
  const base = { at, instance, keys: write.keys }
  const chance = random.next()
  if (write.kind === 'put' && chance < 0.5) return { ...base, kind: 'put' }
  if (chance < 0.7) return { ...base, kind: 'external', tell: 'pattern', keys: [0] }
  return { ...base, kind: 'read' }
}

/** A read that may be answered from before the change after its hint was heard. */
function drawWitness(random: SeededRandom, setting: Setting, change: Operation): Operation {
  const at = change.at + random.next() * 20
  return { at, instance: random.below(setting.instances), keys: change.keys, kind: 'getMany' }
}

function someKeys(random: SeededRandom, count: number): readonly number[] {
  const first = random.below(count)
  return random.next() < 0.5 ? [first] : [first, (first + 1 + random.below(count - 1)) % count]
}

/** Faults end with the operations. */
function drawFault(random: SeededRandom, setting: Setting): Fault {
  const at = 500 + random.next() * (setting.endMs - 500)
  const instance = random.below(setting.instances)
  const shard = random.below(setting.shards)
  const stretch = 0.5 + random.next()
  const kind = random.pick(FAULTS[setting.profile])
  switch (kind) {
    case 'cut': {
      // The last number is that of the instance that never dies.
      const whom = random.below(setting.instances + 1)
      const lengths = setting.profile === 'cut off' ? LONG_MS : [300, 1_200, 3_000, 5_500, 8_000]
      const forMs = Math.min(random.pick(lengths) * stretch, setting.endMs - at)
      return { at, kind, shard, instance: whom, forMs }
    }
    case 'crash':
      return {
        at,
        kind,
        instance,
        backAfterMs: random.next() * 2_000,
        when: random.next() < 0.3 ? 'now' : 'at its next commit',
      }
    case 'pause': {
      const lengths = PAUSES_MS[setting.profile]
      const forMs = Math.min(random.pick(lengths) * stretch, setting.endMs - at)
      return { at, kind, instance: random.below(setting.instances + 1), forMs }
    }
    case 'jump':
      return { at, kind, instance, byMs: random.pick([-3_600_000, -1_500, 700, 1_500, 3_600_000]) }
    case 'failover':
      return drawFailover(random, { at, shard })
    case 'restart':
      return { at, kind, shard, lostMs: random.pick([0, 0, 500]) }
    case 'full':
      return { at, kind, shard, forMs: random.next() * 8_000 }
    default:
      return { at, kind, shard }
  }
}

/** Promotion comes no sooner than the old master has stopped taking writes, or without it. */
function drawFailover(
  random: SeededRandom,
  where: { readonly at: number; readonly shard: number },
): Fault {
  const split = random.next() < 0.4
  const lagMs = split
    ? MAX_LAG_MS + 50 + random.next() * 1_000
    : random.pick([0, 0, 20, 300, 1_500])
  const quiet = !split && random.next() < 0.3
  return { ...where, kind: 'failover', lagMs, split, quiet, healAfterMs: random.next() * 6_000 }
}
