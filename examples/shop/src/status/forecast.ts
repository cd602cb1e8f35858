/** What the next hour is expected to read of the products, and what came of such forecasts. */

export interface ForecastReport {
  /** When the hour begins, in epoch milliseconds. */
  readonly startsAt: number
  /** Whether it is carried out: only while it is better than what was read last. */
  readonly on: boolean
  /** The most reads first; some of them. */
  readonly expected: readonly { readonly key: number; readonly reads: number }[]
  /** Hours that were compared with what came. */
  readonly hours: number
  /** The latest first. */
  readonly past: readonly PastHour[]
}

export interface PastHour {
  readonly startsAt: number
  readonly forecast: Accuracy
  /** What was read most in the hour before, as if that had been the forecast. */
  readonly lastHour: Accuracy
}

export interface Accuracy {
  /** Of what was expected, the share that came. From 0 to 1. */
  readonly precision: number
  /** Of the reads that as many keys could have met, the share that these met. From 0 to 1. */
  readonly recall: number
}

const EXPECTED_AT_MOST = 10

/** A collection of a release that learns when what is read. */
interface Forecasting {
  forecast?(limit: number): ForecastReport | undefined
}

/** `undefined` where the collection cannot tell, or does not know enough yet. */
export function forecastOf(collection: object): ForecastReport | undefined {
  const told = (collection as Forecasting).forecast?.(EXPECTED_AT_MOST)
  if (told === undefined) return undefined
  const { startsAt, on, expected, hours, past } = told
  return { startsAt, on, expected, hours, past }
}
