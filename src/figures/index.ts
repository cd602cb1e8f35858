/** The room of the figures: for those who export them. No door of the package. */

export {
  LATENCY_LIMITS,
  type Labels,
  type Measured,
  type MeasuredHistogram,
} from './figure.ts'
export { FIGURE_LIST, LATENCY, measure, measureLatency } from './measure.ts'
export { PatternChoice } from './pattern-choice.ts'
