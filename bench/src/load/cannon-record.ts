/** What one pass of the load has seen. Filled by its connections, asked by `cannon-child.ts`. */

import { hostNow } from '../processes/host-clock.ts'
import { LatencyHistogram } from '../replay/latency-histogram.ts'
import type { LatencyFigures, SecondOfLoad } from './cannon-questions.ts'
import { type Observation, ObservationLog } from './observations.ts'

type Seen = Omit<Observation, 'kind'>
type Second = { reads: { memory: number; shared: number; source: number }; writes: number }

const TIER = /cache;desc="(memory|shared|source)"/

export class CannonRecord {
  readonly log = new ObservationLog()
  readonly refusals: Record<string, number> = {}
  readonly #startedAt = hostNow()
  readonly #reads = new LatencyHistogram()
  readonly #writes = new LatencyHistogram()
  readonly #seconds: Second[] = []
  #requests = 0

  get requests(): number {
    return this.#requests
  }

  get elapsedMs(): number {
    return hostNow() - this.#startedAt
  }

  get perSecond(): readonly SecondOfLoad[] {
    return this.#seconds
  }

  get latencyMs(): { readonly read: LatencyFigures; readonly write: LatencyFigures } {
    return { read: figures(this.#reads), write: figures(this.#writes) }
  }

  read(seen: Seen, serverTiming: string): void {
    this.#requests += 1
    this.#reads.record(seen.endedAt - seen.beganAt)
    const tier = TIER.exec(serverTiming)?.[1] as keyof Second['reads'] | undefined
    if (tier !== undefined) this.#second(seen.endedAt).reads[tier] += 1
    this.log.add({ kind: 'read', ...seen })
  }

  written(seen: Seen): void {
    this.#requests += 1
    this.#writes.record(seen.endedAt - seen.beganAt)
    this.#second(seen.endedAt).writes += 1
    this.log.add({ kind: 'write', ...seen })
  }

  refused(status: number): void {
    this.refusals[status] = (this.refusals[status] ?? 0) + 1
  }

  #second(at: number): Second {
    const index = Math.floor((at - this.#startedAt) / 1_000)
    // A pass takes 100 s at most, and so does this list.
    while (this.#seconds.length <= index) {
      this.#seconds.push({ reads: { memory: 0, shared: 0, source: 0 }, writes: 0 })
    }
    return this.#seconds[index] as Second
  }
}

function figures(histogram: LatencyHistogram): LatencyFigures {
  return {
    p50: histogram.quantile(0.5),
    p90: histogram.quantile(0.9),
    p99: histogram.quantile(0.99),
    max: histogram.maxMs,
  }
}
