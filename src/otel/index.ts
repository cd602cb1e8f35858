/** Door of `tiercel/otel`. Loads `@opentelemetry/api`, which the user installs. */

export type { Exemplar, ExemplarBucket, ExemplarSource } from '../contracts/exemplar.ts'
export {
  type Instrumented,
  type InstrumentedCache,
  type InstrumentOptions,
  instrument,
} from './instrument.ts'
