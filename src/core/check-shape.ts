/**
 * Whether what a user passed has the shape that its type says: from JavaScript, or from a parsed file,
 * anything may come. Checked where options are made, not on each call.
 */

import type { CacheOptions } from '../contracts/cache.ts'
import type { BehindOptions, CollectionOptions } from '../contracts/collection.ts'
import type { ConflictMerge } from '../contracts/conflict-policy.ts'
import type { AlertOptions } from '../contracts/health.ts'
import { checkKnown, type Known } from '../contracts/known-options.ts'
import type { MetricsOptions } from '../contracts/metrics.ts'
import type { OldVersions } from '../contracts/old-versions.ts'
import type {
  CodecOptions,
  CoherenceOptions,
  CompressionOptions,
  EntryOptions,
  IdleOptions,
  MemoryOptions,
  Timeouts,
} from '../contracts/options.ts'
import type { ShadowOptions } from '../contracts/shadow.ts'
import type { CacheKey } from '../contracts/source.ts'
import type {
  CollectionWarming,
  HeatOptions,
  HotWarming,
  PredictWarming,
  ScheduledWarming,
  StartWarming,
  WarmingOptions,
} from '../contracts/warming.ts'
import { refuseOption } from './field-check.ts'

export const ENTRY: Known<EntryOptions> = {
  ttl: true,
  memoryTtl: true,
  expiresAt: true,
  renewal: true,
  grace: true,
  jitter: true,
  refreshAhead: true,
  negativeTtl: true,
  tags: true,
  size: true,
  priority: true,
}
export const TIMEOUTS: Known<Timeouts> = { soft: true, hard: true }
const MEMORY: Known<MemoryOptions> = {
  entries: true,
  bytes: true,
  weight: true,
  copy: true,
  expiryScan: true,
  compaction: true,
}
const CACHE: Known<CacheOptions> = {
  name: true,
  shared: true,
  memory: true,
  defaults: true,
  codec: true,
  compression: true,
  version: true,
  migrate: true,
  oldVersions: true,
  sharedTimeout: true,
  coherence: true,
  instance: true,
  shardBy: true,
  logger: true,
  slowAfter: true,
  logKeys: true,
  auditEvery: true,
  idle: true,
  summaryEvery: true,
  warming: true,
  metrics: true,
  alerts: true,
  workload: true,
  waitUntil: true,
}
const METRICS: Known<MetricsOptions> = { patterns: true, sampleHits: true, shareEvery: true }
const ALERTS: Known<AlertOptions> = {
  hitRate: true,
  patternHitRate: true,
  minReads: true,
  size: true,
  cleanUpFailures: true,
  queueAge: true,
  deadLetters: true,
}
const COLLECTION: Known<CollectionOptions<CacheKey, unknown>> = {
  ...ENTRY,
  codec: true,
  compression: true,
  timeouts: true,
  source: true,
  store: true,
  write: true,
  tagsOf: true,
  version: true,
  migrate: true,
  oldVersions: true,
  schema: true,
  shardBy: true,
  behind: true,
  idle: true,
  whenUnprotected: true,
  warm: true,
  shadow: true,
  workload: true,
}
const WRITE: Known<NonNullable<CollectionOptions<CacheKey, unknown>['write']>> = {
  create: true,
  put: true,
  remove: true,
}
const BEHIND: Known<BehindOptions> = {
  delay: true,
  batch: true,
  batchBytes: true,
  keep: true,
  records: true,
  bytes: true,
  age: true,
  whenFull: true,
  lowWater: true,
  attempts: true,
  storeTimeout: true,
  conflicts: true,
}
const MERGE: Known<ConflictMerge<CacheKey, unknown>> = { merge: true }
const SHADOW: Known<ShadowOptions<unknown>> = { share: true, same: true }
const OLD_VERSIONS: Known<Exclude<OldVersions, string>> = { removeAfter: true, perSecond: true }
const WARMING: Known<WarmingOptions> = {
  concurrency: true,
  batch: true,
  perSecond: true,
  yieldAt: true,
  restAt: true,
}
const WARM: Known<CollectionWarming<CacheKey, unknown>> = {
  start: true,
  schedule: true,
  hot: true,
  heat: true,
  predict: true,
}
const WARM_START: Known<StartWarming<CacheKey, unknown>> = { ...ENTRY, from: true, ready: true }
const WARM_SCHEDULE: Known<ScheduledWarming<CacheKey, unknown>> = { ...ENTRY, at: true, from: true }
const HOT: Known<HotWarming<CacheKey, unknown>> = { every: true, from: true, keys: true }
const PREDICT: Known<PredictWarming> = { ...ENTRY, keys: true, reads: true, lead: true }
const HEAT: Known<HeatOptions> = { reads: true, ttl: true, priority: true }
const COHERENCE: Known<CoherenceOptions> = {
  maxBlindness: true,
  whenBlind: true,
  delivery: true,
  follow: true,
  pollEvery: true,
}

const COMPRESSION: Known<CompressionOptions> = {
  algorithm: true,
  above: true,
  maxInflatedBytes: true,
}
const IDLE: Known<IdleOptions> = { after: true, every: true }

/** @throws ConfigError naming an option that does not exist, or one of the wrong shape. */
export function checkCacheShape(options: CacheOptions): void {
  checkFields('options', '', options, CACHE)
  if (options.memory !== undefined && options.memory !== 'off') {
    checkFields('memory', 'memory.', options.memory, MEMORY)
  }
  if (options.coherence !== undefined) {
    checkFields('coherence', 'coherence.', options.coherence, COHERENCE)
  }
  checkIdle('idle', options.idle)
  checkCompression('compression', options.compression)
  if (options.metrics !== undefined && options.metrics !== 'off') {
    checkFields('metrics', 'metrics.', options.metrics, METRICS)
  }
  if (options.alerts !== undefined) checkFields('alerts', 'alerts.', options.alerts, ALERTS)
  if (options.warming !== undefined && options.warming !== 'off') {
    checkFields('warming', 'warming.', options.warming, WARMING)
  }
  checkFunction('shardBy', options.shardBy)
  checkFunction('waitUntil', options.waitUntil)
  checkFunction('migrate', options.migrate)
  checkOldVersions('oldVersions', options.oldVersions)
  if (options.defaults !== undefined) {
    checkFields('defaults', 'defaults.', options.defaults, { ...ENTRY, timeouts: true })
    checkTimeouts('defaults.timeouts', options.defaults.timeouts)
  }
  checkMethods(
    'shared',
    options.shared,
    ['open'],
    'a shared tier, such as `redisTier(client)` or `sqliteTier(path)`',
  )
  checkMethods('logger', options.logger, ['warn', 'error'], 'a logger in the shape of pino')
}

/** @throws ConfigError as above. */
export function checkCollectionShape(
  path: string,
  options: CollectionOptions<CacheKey, unknown>,
): void {
  checkFields(path, `${path}.`, options, COLLECTION)
  const { write, behind } = options
  if (write !== undefined) checkFields(`${path}.write`, `${path}.write.`, write, WRITE)
  if (behind !== undefined) checkBehind(`${path}.behind`, behind)
  checkTimeouts(`${path}.timeouts`, options.timeouts)
  checkIdle(`${path}.idle`, options.idle)
  checkCompression(`${path}.compression`, options.compression)
  checkFunction(`${path}.tagsOf`, options.tagsOf)
  checkFunction(`${path}.shardBy`, options.shardBy)
  checkFunction(`${path}.migrate`, options.migrate)
  checkOldVersions(`${path}.oldVersions`, options.oldVersions)
  if (options.warm !== undefined) checkWarm(`${path}.warm`, options.warm)
  if (typeof options.shadow === 'object') {
    checkFields(`${path}.shadow`, `${path}.shadow.`, options.shadow, SHADOW)
    checkFunction(`${path}.shadow.same`, options.shadow.same)
  }
  const schema = options.schema?.['~standard']
  if (options.schema !== undefined) {
    checkMethods(`${path}.schema`, schema, ['validate'], 'a Standard Schema')
  }
}

function checkBehind(path: string, behind: BehindOptions<CacheKey, unknown>): void {
  checkFields(path, `${path}.`, behind, BEHIND)
  const { conflicts } = behind
  if (typeof conflicts === 'object') {
    checkFields(`${path}.conflicts`, `${path}.conflicts.`, conflicts, MERGE)
  }
}

function checkOldVersions(field: string, value: OldVersions | undefined): void {
  if (value === undefined || value === 'keep' || value === 'remove') return
  if (typeof value !== 'object') {
    throw refuseOption({ field, expected: "'keep', 'remove' or an object", actual: value })
  }
  checkFields(field, `${field}.`, value, OLD_VERSIONS)
}

function checkWarm(path: string, warm: CollectionWarming<CacheKey, unknown>): void {
  checkFields(path, `${path}.`, warm, WARM)
  const { start, schedule, hot, heat, predict } = warm
  const check = (name: string, given: object, known: Readonly<Record<string, true>>): void =>
    checkFields(`${path}.${name}`, `${path}.${name}.`, given, known)
  if (start !== undefined) check('start', start, WARM_START)
  for (const one of schedule === undefined ? [] : [schedule].flat()) {
    check('schedule', one, WARM_SCHEDULE)
  }
  if (hot !== undefined && hot !== 'on') check('hot', hot, HOT)
  if (heat !== undefined && heat !== 'on') check('heat', heat, HEAT)
  if (predict !== undefined && predict !== 'on') check('predict', predict, PREDICT)
}

function checkFunction(field: string, value: unknown): void {
  if (value === undefined || typeof value === 'function') return
  throw refuseOption({ field, expected: 'a function', actual: value })
}

function checkTimeouts(path: string, timeouts: Timeouts | undefined): void {
  if (timeouts !== undefined) checkFields(path, `${path}.`, timeouts, TIMEOUTS)
}

function checkIdle(path: string, idle: IdleOptions | 'off' | undefined): void {
  if (idle !== undefined && idle !== 'off') checkFields(path, `${path}.`, idle, IDLE)
}

/** Its words are checked where it is resolved. */
function checkCompression(path: string, compression: CodecOptions['compression']): void {
  if (typeof compression === 'object') checkFields(path, `${path}.`, compression, COMPRESSION)
}

function checkFields(
  name: string,
  path: string,
  options: unknown,
  known: Readonly<Record<string, true>>,
): void {
  checkKnown(options, known, { name, path })
}

function checkMethods(
  field: string,
  value: object | undefined,
  methods: readonly string[],
  expected: string,
): void {
  if (value === undefined && !field.endsWith('schema')) return
  const fits = methods.every(
    (method) =>
      typeof (value as Record<string, unknown> | null | undefined)?.[method] === 'function',
  )
  if (!fits) throw refuseOption({ field, expected, actual: value })
}
