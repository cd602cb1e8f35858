/** Door of `tiercel/prometheus`. */

export type { Exemplar, ExemplarBucket, ExemplarSource } from '../contracts/exemplar.ts'
export {
  type CountedCache,
  createPrometheus,
  type Prometheus,
  type PrometheusOptions,
} from './create-prometheus.ts'
export type { PromRegistryLike } from './prom-client-metrics.ts'
