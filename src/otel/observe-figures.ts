/** The figures of a cache as instruments that are read when OpenTelemetry collects. */

import type { BatchObservableCallback, Meter, Observable } from '@opentelemetry/api'
import type { MetricsSnapshot } from '../contracts/metrics.ts'
import {
  FIGURE_LIST,
  LATENCY_LIMITS,
  measure,
  measureLatency,
  PatternChoice,
} from '../figures/index.ts'
import { attributesOf } from './attributes.ts'

export interface ObserveOptions {
  readonly cache: { stats(): Promise<MetricsSnapshot> }
  readonly meter: Meter
  readonly patterns: number
}

/** Asks for one snapshot a collection, so that all its figures are of one moment. */
export function observeFigures({ cache, meter, patterns }: ObserveOptions): Disposable {
  const instruments = new Map<string, Observable>()
  for (const { kind, name, unit, help } of FIGURE_LIST) {
    const options = { unit, description: help }
    const made =
      kind === 'counter'
        ? meter.createObservableCounter(`tiercel.${name}`, options)
        : meter.createObservableGauge(`tiercel.${name}`, options)
    instruments.set(name, made)
  }
  const latency = latencyInstruments(meter)
  const choice = new PatternChoice(patterns)
  const all = [...instruments.values(), ...Object.values(latency)]
  const observe: BatchObservableCallback = async (result) => {
    const snapshots = [await cache.stats()]
    for (const { name, points } of measure(snapshots, choice)) {
      const instrument = instruments.get(name)
      if (instrument === undefined) continue
      for (const { labels, value } of points) {
        result.observe(instrument, value, attributesOf(labels))
      }
    }
    for (const { labels, value } of measureLatency(snapshots, choice).points) {
      const attributes = attributesOf(labels)
      result.observe(latency.count, value.count, attributes)
      result.observe(latency.time, value.sumMs / 1000, attributes)
      let below = 0
      for (const [place, count] of value.buckets.entries()) {
        below += count
        const le = `${LATENCY_LIMITS[place] ?? '+Inf'}`
        result.observe(latency.buckets, below, { ...attributes, le })
      }
    }
  }
  meter.addBatchObservableCallback(observe, all)
  return { [Symbol.dispose]: () => meter.removeBatchObservableCallback(observe, all) }
}

/** OpenTelemetry has no histogram that is observed: its parts are counters. */
function latencyInstruments(meter: Meter) {
  return {
    count: meter.createObservableCounter('tiercel.operation.count', {
      unit: '{operation}',
      description: 'Operations, by the tier that has answered.',
    }),
    time: meter.createObservableCounter('tiercel.operation.time', {
      unit: 's',
      description: 'How long they took together.',
    }),
    buckets: meter.createObservableCounter('tiercel.operation.bucket', {
      unit: '{operation}',
      description: 'Operations that took less than `le` seconds.',
    }),
  }
}
