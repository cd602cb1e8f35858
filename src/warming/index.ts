/** Finding what to keep fresh before anyone asks: which keys are hot, and which will be. */

export { type ForecastEvent, Forecaster, type ForecasterOptions } from './forecaster.ts'
