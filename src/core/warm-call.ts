/** `warm()` of a collection and of plain keys, and `forecast()`: checked, and handed to `warming/`. */

import { ArgumentError, ConfigError } from '../contracts/errors.ts'
import type { CacheKey } from '../contracts/source.ts'
import type { WarmPlan, WarmTarget } from '../contracts/warm-target.ts'
import type { Forecast, WarmItems, WarmOptions, WarmReport } from '../contracts/warming.ts'
import { CALLS, checkCall } from './check-call.ts'
import { DEFAULTS } from './defaults.ts'
import { checkOpen, type Engine } from './engine.ts'
import { checkNumber, checkWord, refuseArgument } from './field-check.ts'
import { DEFAULT_ENTRY_OPTIONS, resolveEntryOptions } from './resolve-entry-options.ts'

export type WarmCall = (
  items: WarmItems<CacheKey, unknown>,
  options: WarmOptions | undefined,
) => Promise<WarmReport>

const OFF: WarmReport = {
  outcome: 'cancelled',
  loaded: 0,
  fresh: 0,
  absent: 0,
  failed: 0,
  durationMs: 0,
}

export function warmCall(engine: Engine, target: WarmTarget): WarmCall {
  return async (items, options = {}) => {
    checkOpen(engine)
    checkItems(items)
    checkCall(options, CALLS.warm)
    const { load: asked = DEFAULTS.warm.load, signal, ...entry } = options
    const load = checkWord(asked, ['missing', 'all'], { field: 'load', refuse: refuseArgument })
    resolveEntryOptions(entry, { base: DEFAULT_ENTRY_OPTIONS, path: '', refuse: refuseArgument })
    signal?.throwIfAborted()
    return (await engine.warming?.warm(target, items, { ...options, load })) ?? OFF
  }
}

/** @throws ConfigError where nothing is planned that could be carried out again. */
export function warmNowCall(
  engine: Engine,
  target: WarmTarget,
  plan: WarmPlan | undefined,
): () => Promise<WarmReport> {
  return async () => {
    checkOpen(engine)
    if (plan !== undefined && (plan.start !== undefined || plan.schedule.length > 0)) {
      return (await engine.warming?.again(target)) ?? OFF
    }
    throw new ConfigError({
      field: `collection(${target.collection}).warm`,
      expected: 'with a `start` or a `schedule` that can be carried out, and warming not off',
      actual: undefined,
    })
  }
}

const MOST_FORECAST_KEYS = 100_000

export type ForecastCall = (limit: number | undefined) => Forecast<CacheKey> | undefined

export function forecastCall(engine: Engine, target: WarmTarget): ForecastCall {
  return (limit = DEFAULTS.forecast.limit) => {
    checkOpen(engine)
    const range = { least: 0, most: MOST_FORECAST_KEYS, whole: true }
    checkNumber(limit, { field: 'limit', refuse: refuseArgument, ...range })
    return engine.warming?.forecast(target, limit)
  }
}

/** @throws ArgumentError */
function checkItems(items: unknown): void {
  const fits =
    typeof items === 'object' &&
    items !== null &&
    (Symbol.iterator in items || Symbol.asyncIterator in items)
  if (fits) return
  throw new ArgumentError({
    field: 'items',
    expected: 'an iterable or an async iterable of keys, or of pairs of key and value',
    actual: items,
  })
}
