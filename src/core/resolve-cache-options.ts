/** The options of a cache and of its collections, checked when they are given (H5). */

import type { CacheOptions } from '../contracts/cache.ts'
import type { CollectionOptions } from '../contracts/collection.ts'
import { ConfigError } from '../contracts/errors.ts'
import type { Workload } from '../contracts/metrics.ts'
import type { Duration, MemoryOptions } from '../contracts/options.ts'
import type { CacheKey, Source, SourceBreaker } from '../contracts/source.ts'
import { checkCacheShape, checkCollectionShape } from './check-shape.ts'
import { DEFAULTS } from './defaults.ts'
import { checkNumber, checkWord, durationMs, refuseOption } from './field-check.ts'
import { type ResolvedCoherence, resolveCoherence } from './resolve-coherence.ts'
import {
  DEFAULT_ENTRY_OPTIONS,
  type ResolvedEntryOptions,
  resolveEntryOptions,
} from './resolve-entry-options.ts'
import { type ResolvedIdle, resolveIdle } from './resolve-idle.ts'
import {
  checkWorkload,
  type ResolvedAlerts,
  type ResolvedMetrics,
  resolveAlerts,
  resolveMetrics,
} from './resolve-metrics.ts'
import { type RemovalPlan, resolveOldVersions } from './resolve-old-versions.ts'
import { DEFAULT_TIMEOUTS, resolveTimeouts } from './resolve-timeouts.ts'
import { type ResolvedWarming, resolveWarming } from './resolve-warming.ts'
import type { ResolvedTimeouts } from './space.ts'

export interface ResolvedMemoryOptions {
  readonly entries: number
  /** `Infinity`: no bound. */
  readonly bytes: number
  readonly weight: number
  readonly copy: 'share' | 'clone' | 'freeze'
  readonly expiryScanMs: number
  readonly compaction: number
}

export interface ResolvedCacheOptions {
  readonly name: string
  readonly memory: ResolvedMemoryOptions | undefined
  readonly entry: ResolvedEntryOptions
  readonly timeouts: ResolvedTimeouts
  readonly version: number
  readonly oldVersions: RemovalPlan | undefined
  readonly sharedTimeoutMs: number
  readonly coherence: ResolvedCoherence
  readonly instance: string | undefined
  readonly summaryEveryMs: number | undefined
  readonly slowAfterMs: number | undefined
  readonly logKeys: 'hash' | 'shown'
  readonly auditEveryMs: number | undefined
  /** Of collections that do not say otherwise. */
  readonly idle: ResolvedIdle | undefined
  /** `undefined`: nothing is warmed. */
  readonly warming: ResolvedWarming | undefined
  /** `undefined`: nothing is counted. */
  readonly metrics: ResolvedMetrics | undefined
  readonly alerts: ResolvedAlerts
  /** Of plain keys. */
  readonly workload: Workload | undefined
}

/** Letters, digits and three signs: a name stands in keys, in events and in file names. */
const NAME = /^[A-Za-z0-9._-]{1,64}$/
const MAX_ENTRIES = 2 ** 24

/** @throws ConfigError for the first option that cannot work. */
export function resolveCacheOptions(options: CacheOptions): ResolvedCacheOptions {
  checkCacheShape(options)
  const { summaryEvery = DEFAULTS.summaryEvery, slowAfter = DEFAULTS.slowAfter } = options
  const { auditEvery = DEFAULTS.auditEvery, sharedTimeout = DEFAULTS.sharedTimeout } = options
  const { memory = {}, logKeys = DEFAULTS.logKeys } = options
  const resolved: ResolvedCacheOptions = {
    name: checkName('name', options.name),
    memory: memory === 'off' ? undefined : resolveMemory(memory),
    entry: resolveEntryOptions(options.defaults ?? {}, {
      base: DEFAULT_ENTRY_OPTIONS,
      path: 'defaults.',
      refuse: refuseOption,
    }),
    timeouts: resolveTimeouts(options.defaults?.timeouts, {
      base: DEFAULT_TIMEOUTS,
      path: 'defaults.',
      refuse: refuseOption,
    }),
    version: checkVersion(options.version, 'version'),
    oldVersions: resolveOldVersions(options.oldVersions, 'oldVersions'),
    sharedTimeoutMs: durationMs(sharedTimeout, {
      field: 'sharedTimeout',
      refuse: refuseOption,
    }),
    coherence: resolveCoherence(options.coherence ?? {}),
    instance: options.instance === undefined ? undefined : checkInstance(options.instance),
    summaryEveryMs: optionalSpan('summaryEvery', summaryEvery),
    slowAfterMs: optionalSpan('slowAfter', slowAfter),
    logKeys: checkLogKeys(logKeys),
    idle: resolveIdle(options.idle ?? DEFAULTS.idle, undefined, 'idle'),
    auditEveryMs: optionalSpan('auditEvery', auditEvery),
    warming: options.warming === 'off' ? undefined : resolveWarming(options.warming ?? {}),
    metrics: options.metrics === 'off' ? undefined : resolveMetrics(options.metrics ?? {}),
    alerts: resolveAlerts(options.alerts ?? {}),
    workload: checkWorkload(options.workload, 'workload'),
  }
  if (resolved.memory === undefined && options.shared === undefined) {
    throw new ConfigError({
      field: 'memory',
      expected: 'on where there is no `shared` tier, or nothing could hold an entry',
      actual: options.memory,
    })
  }
  return resolved
}

function optionalSpan(field: string, value: number | string): number | undefined {
  return value === 'off' ? undefined : durationMs(value as number, { field, refuse: refuseOption })
}

function checkLogKeys(logKeys: unknown): 'hash' | 'shown' {
  if (logKeys === 'hash' || logKeys === 'shown') return logKeys
  throw new ConfigError({ field: 'logKeys', expected: "'hash' or 'shown'", actual: logKeys })
}

const MAX_INSTANCE_LENGTH = 128

function checkInstance(instance: unknown): string {
  const fits = typeof instance === 'string' && instance.length > 0 && instance.isWellFormed()
  if (fits && instance.length <= MAX_INSTANCE_LENGTH) return instance
  throw new ConfigError({
    field: 'instance',
    expected: `text of 1 to ${MAX_INSTANCE_LENGTH} characters`,
    actual: instance,
  })
}

/** @throws ConfigError */
export function checkName(field: string, name: string): string {
  if (typeof name === 'string' && NAME.test(name)) return name
  throw new ConfigError({
    field,
    expected: '1 to 64 letters, digits, `.`, `_` or `-`',
    actual: name,
  })
}

function resolveMemory(options: MemoryOptions): ResolvedMemoryOptions {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigError({
      field: 'memory',
      expected: "an object with bounds, or 'off'",
      actual: options,
    })
  }
  const { memory } = DEFAULTS
  const { entries = memory.entries, bytes = memory.bytes, weight = memory.weight } = options
  const { copy = memory.copy, expiryScan = memory.expiryScan } = options
  const { compaction = memory.compaction } = options
  const bound = (field: string, value: number | 'off'): number =>
    value === 'off'
      ? Number.POSITIVE_INFINITY
      : checkNumber(value, {
          field,
          refuse: refuseOption,
          least: 1,
          most: Number.MAX_SAFE_INTEGER,
        })
  return {
    entries: checkNumber(entries, {
      field: 'memory.entries',
      refuse: refuseOption,
      least: 1,
      most: MAX_ENTRIES,
      whole: true,
    }),
    bytes: bound('memory.bytes', bytes),
    weight: bound('memory.weight', weight),
    copy: checkWord(copy, ['share', 'clone', 'freeze'], {
      field: 'memory.copy',
      refuse: refuseOption,
    }),
    expiryScanMs: durationMs(expiryScan, { field: 'memory.expiryScan', refuse: refuseOption }),
    compaction: checkNumber(compaction, {
      field: 'memory.compaction',
      refuse: refuseOption,
      least: 0,
      most: 1,
    }),
  }
}

/** @throws ConfigError */
export function checkVersion(version: number | undefined, field: string): number {
  return checkNumber(version === undefined ? DEFAULTS.version : version, {
    field,
    refuse: refuseOption,
    least: 0,
    most: 2 ** 32 - 1,
    whole: true,
  })
}

export interface ResolvedSource {
  readonly source: Source<CacheKey, unknown>
  readonly concurrency: number
  readonly batchSize: number
  readonly breaker: { readonly failures: number; readonly restMs: number } | undefined
  /** `undefined`: it reads what was written last. */
  readonly lagMs: number | undefined
}

/** @throws ConfigError */
export function resolveSource<K extends CacheKey, V>(
  name: string,
  options: CollectionOptions<K, V>,
): ResolvedSource {
  const path = `collection(${name})`
  checkCollectionShape(path, options as unknown as CollectionOptions<CacheKey, unknown>)
  const { source, store } = options
  if ((source === undefined) === (store === undefined)) {
    throw new ConfigError({
      field: `${path}.source`,
      expected: 'given, or a `store`, and not both',
      actual: source,
      cure: 'A store is a source that also takes writes.',
    })
  }
  const given = typeof source === 'function' ? { load: source } : (source ?? store)
  if (typeof given?.load !== 'function' && typeof given?.loadMany !== 'function') {
    throw new ConfigError({
      field: `${path}.${store === undefined ? 'source' : 'store'}`,
      expected: 'a function, or an object with `load` or `loadMany`',
      actual: given,
    })
  }
  if (store !== undefined && typeof store.apply !== 'function') {
    throw new ConfigError({
      field: `${path}.store.apply`,
      expected: 'a function that takes writes',
      actual: store.apply,
      cure: 'What is only read is a `source`.',
    })
  }
  const count = (field: 'concurrency' | 'batchSize'): number =>
    checkNumber(given[field] ?? DEFAULTS[field], {
      field: `${path}.source.${field}`,
      refuse: refuseOption,
      least: 1,
      most: 100_000,
      whole: true,
    })
  return {
    // The engine knows keys and values as what any collection may hold.
    source: given as unknown as Source<CacheKey, unknown>,
    concurrency: count('concurrency'),
    batchSize: count('batchSize'),
    breaker: given.breaker === 'off' ? undefined : resolveBreaker(path, given.breaker ?? {}),
    lagMs: lagMs(path, given.lag),
  }
}

function lagMs(path: string, lag: Duration | 'none' = DEFAULTS.lag): number | undefined {
  if (lag === 'none' || lag === 0) return undefined
  const ms = durationMs(lag, { field: `${path}.source.lag`, refuse: refuseOption })
  if (ms > 0) return ms
  throw new ConfigError({
    field: `${path}.source.lag`,
    expected: "a duration above 0, or 'none'",
    actual: lag,
  })
}

function resolveBreaker(
  path: string,
  { failures = DEFAULTS.breaker.failures, rest = DEFAULTS.breaker.rest }: SourceBreaker,
): ResolvedSource['breaker'] {
  return {
    failures: checkNumber(failures, {
      field: `${path}.source.breaker.failures`,
      refuse: refuseOption,
      least: 1,
      most: 1_000_000,
      whole: true,
    }),
    restMs: durationMs(rest, { field: `${path}.source.breaker.rest`, refuse: refuseOption }),
  }
}
