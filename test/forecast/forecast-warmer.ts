/** Warms by a forecaster, as a cache does: told of reads and of the time, doing what it says. */

import {
  type ForecastEvent,
  Forecaster,
  type ForecasterOptions,
} from '../../src/warming/forecaster.ts'
import { setting, type Warmer } from './play-traffic.ts'
import { PARTS_AN_HOUR } from './traffic.ts'

const HOUR_MS = 3_600_000
/** Hour 0 of the traffic: the first of some Monday. */
const FIRST_HOUR = 96 + 3000 * 168

export interface ForecastWarmer extends Warmer {
  readonly forecaster: Forecaster<string>
  readonly events: readonly ForecastEvent<string>[]
  /** The hours that were warmed for. */
  readonly warmedHours: ReadonlySet<number>
}

/** With `always`, forecasts are warmed whatever the forecaster says of them. */
export function forecastWarmer(
  options: Partial<ForecasterOptions> & { readonly always?: boolean } = {},
): ForecastWarmer {
  const { always = false, ...rest } = options
  const forecaster = new Forecaster<string>({
    budget: setting.loads,
    keys: 8 * setting.loads,
    // The last part of an hour is not known yet when the next one is forecast.
    leadMs: HOUR_MS / PARTS_AN_HOUR,
    ...rest,
  })
  const names: string[] = []
  const events: ForecastEvent<string>[] = []
  const warmedHours = new Set<number>()
  let forecast: Extract<ForecastEvent<string>, { type: 'forecast' }> | undefined
  return {
    forecaster,
    events,
    warmedHours,
    note: (key) => {
      names[key] ??= `product:${key}`
      forecaster.count(names[key])
    },
    tick: (now) => {
      for (const event of forecaster.tick(Math.round((FIRST_HOUR + now) * HOUR_MS))) {
        if (event.type === 'forecast') forecast = event
        events.push(event.type === 'forecast' ? { ...event, keys: [] } : event)
      }
    },
    rank: ({ hour }) => {
      if (forecast?.hour !== FIRST_HOUR + hour || !(forecast.warm || always)) return []
      warmedHours.add(hour)
      return forecast.keys.map(({ key }) => Number(key.slice('product:'.length)))
    },
  }
}
