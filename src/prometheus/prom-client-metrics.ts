/**
 * The same figures as metrics of a `prom-client` registry, for a service that has one: they stand in
 * its text beside the service's own, and registries can be merged.
 */

import type { Labels, Measured } from '../figures/index.ts'
import { FIGURE_LIST, LATENCY, LATENCY_LIMITS } from '../figures/index.ts'
import { familyName, metricName } from './metric-name.ts'
import type { Written } from './write-text.ts'

/** As much of prom-client's `Registry` as is used; releases 14 and 15. */
export interface PromRegistryLike {
  // Their metrics are classes; what is registered has the members that a registry asks for.
  registerMetric(metric: never): void
  removeSingleMetric(name: string): void
}

interface Value {
  readonly value: number
  readonly labels: Labels | { readonly le: string | number }
  readonly metricName?: string
}

interface PromMetric {
  /** A registry of OpenMetrics cuts off `_total` here, and puts it back. */
  name: string
  readonly help: string
  readonly type: string
  readonly aggregator: string
  get(): Promise<object>
  reset(): void
}

/** Adds every metric; they leave again with what is returned. */
export function registerMetrics(
  registry: PromRegistryLike,
  read: () => Promise<Written>,
): Disposable {
  // A registry asks all its metrics in one turn, and they are to be of one moment.
  let reading: Promise<Written> | undefined
  const readOnce = (): Promise<Written> => {
    reading ??= read().finally(() => {
      reading = undefined
    })
    return reading
  }
  const metrics = [
    ...FIGURE_LIST.map((figure) =>
      promMetric(metricName(figure), figure, async () => valuesOf(figure, await readOnce())),
    ),
    promMetric(familyName(LATENCY), LATENCY, async () => bucketsOf(await readOnce())),
  ]
  // Under the names of now: a registry may rename them later.
  const names = metrics.map(({ name }) => name)
  for (const metric of metrics) registry.registerMetric(metric as never)
  return {
    [Symbol.dispose]: () => {
      for (const name of names) registry.removeSingleMetric(name)
    },
  }
}

function promMetric(
  name: string,
  { help, kind }: { readonly help: string; readonly kind: string },
  values: () => Promise<readonly Value[]>,
): PromMetric {
  const metric: PromMetric = {
    name,
    help,
    type: kind,
    aggregator: 'sum',
    async get() {
      const found = await values()
      return { name: metric.name, help, type: kind, aggregator: 'sum', values: found }
    },
    // The counts are the cache's own.
    reset() {},
  }
  return metric
}

function valuesOf({ name }: Pick<Measured, 'name'>, { figures }: Written): readonly Value[] {
  return figures.find((figure) => figure.name === name)?.points ?? []
}

function bucketsOf({ latency }: Written): readonly Value[] {
  const metric = familyName(latency)
  return latency.points.flatMap(({ labels, value }) => {
    let below = 0
    const buckets = value.buckets.map((count, place): Value => {
      below += count
      const le = LATENCY_LIMITS[place] ?? '+Inf'
      return { metricName: `${metric}_bucket`, labels: { ...labels, le }, value: below }
    })
    return [
      ...buckets,
      { metricName: `${metric}_sum`, labels, value: value.sumMs / 1000 },
      { metricName: `${metric}_count`, labels, value: value.count },
    ]
  })
}
