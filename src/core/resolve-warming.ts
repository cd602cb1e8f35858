/** What users say about warming, checked where it is given. */

import type { Priority } from '../contracts/codec.ts'
import type { CacheKey } from '../contracts/source.ts'
import type {
  HotPlan,
  PredictPlan,
  SchedulePlan,
  StartPlan,
  WarmPlan,
} from '../contracts/warm-target.ts'
import type {
  CollectionWarming,
  HeatOptions,
  HotWarming,
  PredictWarming,
  ScheduledWarming,
  StartWarming,
  WarmingOptions,
} from '../contracts/warming.ts'
import { DEFAULTS } from './defaults.ts'
import { checkNumber, checkWord, durationMs, refuseOption } from './field-check.ts'
import { type ResolvedEntryOptions, resolveEntryOptions } from './resolve-entry-options.ts'

export interface ResolvedWarming {
  readonly concurrency: number
  readonly batch: number
  readonly perSecond: number
  readonly yieldAt: number
  readonly restAt: number
}

/** @throws ConfigError */
export function resolveWarming(options: WarmingOptions): ResolvedWarming {
  const given = { ...DEFAULTS.warming, ...options }
  const number = (field: keyof ResolvedWarming, least: number, most: number): number =>
    checkNumber(given[field], { field: `warming.${field}`, refuse: refuseOption, least, most })
  const whole = (field: 'concurrency' | 'batch'): number =>
    checkNumber(given[field], {
      field: `warming.${field}`,
      refuse: refuseOption,
      least: 1,
      most: 1_000,
      whole: true,
    })
  return {
    concurrency: whole('concurrency'),
    batch: whole('batch'),
    perSecond: number('perSecond', 0.1, 10_000_000),
    yieldAt: number('yieldAt', 0, 1),
    restAt: number('restAt', 1.1, 1_000),
  }
}

/** When a key is hot, and what it lives by then. */
export interface HeatPlan {
  /** In the last hour. */
  readonly reads: number
  readonly ttlMs: number
  readonly priority: Priority
}

export interface ResolvedCollectionWarming extends WarmPlan {
  readonly heat: HeatPlan | undefined
  /** Keys whose reads are counted by name; 0: they are handed on alone. `undefined`: nobody counts. */
  readonly counted: number | undefined
}

const MOST_SCHEDULES = 16
const MOST_HOT = 100_000
const LEAST_LEAD_MS = 1_000
const MOST_LEAD_MS = 1_800_000
/** Of the life of what is loaded before an hour, no more passes before the hour begins. */
const LEAD_SHARE = 0.5

type Given = CollectionWarming<CacheKey, unknown>

/** @throws ConfigError */
export function resolveCollectionWarming(
  name: string,
  given: Given,
  base: ResolvedEntryOptions,
): ResolvedCollectionWarming {
  const path = `collection(${name}).warm`
  const schedules = given.schedule === undefined ? [] : [given.schedule].flat()
  if (schedules.length > MOST_SCHEDULES) {
    throw refuseOption({
      field: `${path}.schedule`,
      expected: `at most ${MOST_SCHEDULES} of them`,
      actual: schedules.length,
    })
  }
  const hot = given.hot && resolveHot(`${path}.hot`, given.hot === 'on' ? {} : given.hot)
  const start = given.start && resolveStart(`${path}.start`, given.start, base)
  const heat = given.heat && resolveHeat(`${path}.heat`, given.heat === 'on' ? {} : given.heat)
  const predict =
    given.predict &&
    resolvePredict(`${path}.predict`, given.predict === 'on' ? {} : given.predict, base)
  const counts = hot?.from === 'reads' || start?.from === 'hottest' || heat !== undefined
  return {
    start,
    schedule: schedules.map((schedule) => resolveSchedule(`${path}.schedule`, schedule, base)),
    hot,
    heat,
    predict,
    counted: counts ? (hot?.keys ?? DEFAULTS.hot.keys) : predict && 0,
  }
}

function resolveStart(
  path: string,
  { from, ready = DEFAULTS.warmStart.ready, ...options }: StartWarming<CacheKey, unknown>,
  base: ResolvedEntryOptions,
): StartPlan {
  checkFrom(path, from, 'hottest')
  resolveEntryOptions(options, { base, path: `${path}.`, refuse: refuseOption })
  const field = `${path}.ready`
  const when = checkWord(ready, ['at-once', 'when-warm'], { field, refuse: refuseOption })
  return { from, options, blocksReady: when === 'when-warm' }
}

function resolveSchedule(
  path: string,
  { at, from, ...options }: ScheduledWarming<CacheKey, unknown>,
  base: ResolvedEntryOptions,
): SchedulePlan {
  if (typeof at?.next !== 'function') {
    throw refuseOption({
      field: `${path}.at`,
      expected: "a schedule, such as `cron('0 * * * *')` of `tiercel/warming`",
      actual: at,
    })
  }
  checkFrom(path, from, 'cached')
  resolveEntryOptions(options, { base, path: `${path}.`, refuse: refuseOption })
  return { at, from, options }
}

function resolveHot(path: string, options: HotWarming<CacheKey, unknown>): HotPlan {
  const { every, from, keys } = { ...DEFAULTS.hot, ...options }
  checkFrom(path, from, 'reads')
  return {
    from,
    everyMs: durationMs(every, { field: `${path}.every`, refuse: refuseOption }),
    keys: checkNumber(keys, {
      field: `${path}.keys`,
      refuse: refuseOption,
      least: 1,
      most: MOST_HOT,
      whole: true,
    }),
  }
}

function resolvePredict(
  path: string,
  { keys, reads, lead, ...options }: PredictWarming,
  base: ResolvedEntryOptions,
): PredictPlan {
  const field = (name: 'keys' | 'reads' | 'lead') => ({
    field: `${path}.${name}`,
    refuse: refuseOption,
  })
  const { ttlMs } = resolveEntryOptions(options, { base, path: `${path}.`, refuse: refuseOption })
  const asked = durationMs(lead ?? DEFAULTS.predict.lead, field('lead'))
  const range = { ...field('lead'), least: LEAST_LEAD_MS, most: MOST_LEAD_MS }
  return {
    keys: checkNumber(keys ?? DEFAULTS.predict.keys, {
      ...field('keys'),
      least: 1,
      most: MOST_HOT,
      whole: true,
    }),
    leastReads: checkNumber(reads ?? DEFAULTS.predict.reads, {
      ...field('reads'),
      least: 0,
      most: Number.MAX_SAFE_INTEGER,
    }),
    leadMs: Math.min(checkNumber(asked, range), ttlMs * LEAD_SHARE),
    ttlMs,
    options,
  }
}

function resolveHeat(path: string, options: HeatOptions): HeatPlan {
  const { reads, ttl, priority } = { ...DEFAULTS.heat, ...options }
  return {
    reads: checkNumber(reads, {
      field: `${path}.reads`,
      refuse: refuseOption,
      least: 1,
      most: Number.MAX_SAFE_INTEGER,
    }),
    ttlMs: durationMs(ttl, { field: `${path}.ttl`, refuse: refuseOption }),
    priority: checkWord(priority, ['low', 'normal', 'high', 'never-remove'], {
      field: `${path}.priority`,
      refuse: refuseOption,
    }),
  }
}

function checkFrom(path: string, from: unknown, word: string): void {
  if (typeof from === 'function' || from === word) return
  throw refuseOption({
    field: `${path}.from`,
    expected: `a function that answers with keys, or '${word}'`,
    actual: from,
  })
}
