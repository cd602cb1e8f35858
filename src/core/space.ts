/**
 * The state of one collection: its entries in this process, the loads under way, and what its
 * entries live by. Plain keys are the collection without a name.
 */

import type { EnvelopeFormat, Migration } from '../contracts/codec.ts'
import { ArgumentError } from '../contracts/errors.ts'
import type { HotKeys } from '../contracts/hot-keys.ts'
import type { KeyWatch, WatchKeys } from '../contracts/key-watch.ts'
import type { MemorySpace } from '../contracts/memory-tier.ts'
import type { Workload } from '../contracts/metrics.ts'
import type { CacheMode } from '../contracts/mode.ts'
import type { SharedKey } from '../contracts/shared-tier.ts'
import type { CacheKey } from '../contracts/source.ts'
import type { StandardSchema } from '../contracts/standard-schema.ts'
import { encodeKey } from '../keys/key-encoding.ts'
import { ClearedMap } from './cleared-map.ts'
import type { Flight } from './flight.ts'
import type { Load } from './loads.ts'
import { ReadCounters } from './read-counters.ts'
import { Reservations } from './reservations.ts'
import type { ResolvedEntryOptions } from './resolve-entry-options.ts'
import type { ResolvedIdle } from './resolve-idle.ts'
import type { HeatPlan } from './resolve-warming.ts'
import { Resting } from './resting.ts'

const MAX_PIN_LENGTH = 512

export interface ResolvedTimeouts {
  readonly softMs: number
  readonly hardMs: number
}

export interface SpaceOptions {
  readonly name: string
  /** `undefined`: the memory tier is off. */
  readonly memory: MemorySpace | undefined
  readonly envelope: EnvelopeFormat
  readonly options: ResolvedEntryOptions
  /** Life in this process where the entry does not say; `Infinity` without a shared tier. */
  readonly memoryTtlMs: number
  readonly timeouts: ResolvedTimeouts
  readonly schemaVersion: number
  readonly migrate: Migration<unknown> | undefined
  readonly schema: StandardSchema<unknown> | undefined
  readonly tagsOf: ((value: unknown, key: CacheKey) => readonly string[]) | undefined
  /** From the collection's source; plain keys bring their own with each call. */
  readonly load: Load | undefined
  /** `undefined`: entries stay, whether they are read or not. */
  readonly idle: ResolvedIdle | undefined
  /** Some of its writes wait in the shared tier: the source alone may be behind them. */
  readonly behind: boolean
  /** Of the row of a key, where the store keeps versions. */
  readonly versionOf:
    | ((key: CacheKey, signal: AbortSignal) => Promise<bigint | undefined>)
    | undefined
  /** Counts what is read; `undefined`: nobody wants to know. */
  readonly reads: HotKeys<CacheKey> | undefined
  /** What is read often lives longer. */
  readonly heat: HeatPlan | undefined
  /** Who learns of its keys; `undefined`: nobody does. */
  readonly watchKeys?: WatchKeys | undefined
  /** How far its source may lag; `undefined`: not at all. */
  readonly lagMs?: number | undefined
  /** How it is said to be used. */
  readonly workload?: Workload | undefined
  /** Keys with one answer live in one shard. */
  readonly shardBy: ((key: CacheKey) => string) | undefined
}

/** Is told of hits, and compares a share of them with the source. */
export interface HitShadow {
  readonly share: number
  /** In front of what this process keeps: tells of the hits that the hit path answers. */
  over(memory: MemorySpace): MemorySpace
  /** A copy in this process was served past the hit path. */
  copyHit(key: CacheKey): void
  /** An entry of the shared tier was served; `undefined`: that the source has nothing. */
  sharedHit(key: CacheKey, value: unknown): void
}

/** Loads of entries that are still served. */
export interface AheadLoads {
  /** Keys whose load has just failed, or that another process loads. */
  readonly resting: Resting
  underWay: number
}

export interface Space extends Omit<SpaceOptions, 'memory' | 'watchKeys'> {
  /** How it is switched; `switch-mode.ts` alone changes it, and what follows from it. */
  mode: CacheMode
  /** What this process keeps now; `undefined`: nothing, by its mode or because the memory tier is off. */
  memory: MemorySpace | undefined
  /** The same whatever the mode: it says how values are handed out. */
  readonly declaredMemory: MemorySpace | undefined
  /** Compares a share of hits with the source; `undefined`: none are. */
  shadow: HitShadow | undefined
  /** How the collection is called in events: keys never stand in them. */
  readonly pattern: string
  readonly counters: ReadCounters
  readonly watch: KeyWatch | undefined
  /** How events call the key. */
  patternOf(key: CacheKey): string
  readonly reservations: Reservations
  /** The load that newcomers may join, for each key. */
  readonly flights: ClearedMap<CacheKey, Flight>
  readonly resting: Resting
  readonly ahead: AheadLoads
  /** The key as the shared tier knows it. @throws ArgumentError for one that cannot be. */
  sharedKey(key: CacheKey): SharedKey
}

export function createSpace(options: SpaceOptions): Space {
  const pattern = options.name === '' ? '*' : `${options.name}:*`
  const watch = options.watchKeys?.(pattern)
  const isPlain = options.name === ''
  return {
    ...options,
    mode: 'on',
    declaredMemory: options.memory,
    shadow: undefined,
    pattern,
    watch,
    patternOf: (key) => (isPlain && watch !== undefined ? watch.patternOf(key) : pattern),
    counters: new ReadCounters(pattern, isPlain ? watch?.patternOf : undefined),
    reservations: new Reservations(),
    flights: new ClearedMap(),
    resting: new Resting(),
    ahead: { resting: new Resting(), underWay: 0 },
    sharedKey: (key) => {
      const sharedKey = encodeKey(options.name, key)
      return options.shardBy === undefined
        ? sharedKey
        : { ...sharedKey, pin: checkPin(options.shardBy(key)) }
    },
  }
}

/** @throws ArgumentError */
function checkPin(pin: unknown): string {
  if (typeof pin === 'string' && pin.isWellFormed() && pin.length <= MAX_PIN_LENGTH) return pin
  throw new ArgumentError({
    field: 'shardBy',
    expected: `a function that answers text of at most ${MAX_PIN_LENGTH} characters`,
    actual: pin,
  })
}
