/**
 * One line for each pattern at a fixed interval (M7): hit rate, requests, how long reads and loads
 * took, and the verdict on it.
 */

import type { Cache } from '../contracts/cache.ts'
import type { AnswersEvent, LatencyEvent, LoadEvent } from '../contracts/events.ts'
import type { Verdict } from '../contracts/metrics.ts'
import type { Engine } from './engine.ts'

interface Figures {
  hits: number
  requests: number
  /** Reads that were timed, and those they stand for. */
  reads: number
  readMs: number
  loads: number
  loadMs: number
}

export interface Summary {
  readonly engine: Engine
  readonly cache: Pick<Cache, 'on' | 'stats'>
  readonly everyMs: number
}

type Verdicts = ReadonlyMap<string, Verdict>

/** Writes a line for each pattern every `everyMs` until the cache is closed, where info is on. */
export function startSummary({ engine, cache, everyMs }: Summary): void {
  const { info } = engine.log
  if (info === undefined) return
  const summary = new SummaryLog()
  cache.on('answers', (event) => summary.addAnswers(event))
  cache.on('latency', (event) => summary.addLatency(event))
  cache.on('load', (event) => summary.addLoad(event))
  let cancel = (): void => {}
  const sumUp = async (): Promise<void> => {
    const verdicts = await verdictsOf(cache)
    summary.write(engine.name, info, verdicts)
  }
  const arm = (): void => {
    cancel = engine.clock.schedule(
      everyMs,
      () => {
        engine.background.run('summary', sumUp())
        arm()
      },
      'upkeep',
    )
  }
  arm()
  engine.closing.addEventListener('abort', () => cancel(), { once: true })
}

/** None where nothing is counted, or where the cache is about to be closed. */
async function verdictsOf(cache: Pick<Cache, 'stats'>): Promise<Verdicts> {
  try {
    const { patterns } = await cache.stats()
    return new Map(patterns.map(({ pattern, verdict }) => [pattern, verdict]))
  } catch {
    return new Map()
  }
}

class SummaryLog {
  readonly #byPattern = new Map<string, Figures>()

  addAnswers({ pattern, hits, misses }: AnswersEvent): void {
    const figures = this.#of(pattern)
    figures.hits += hits
    figures.requests += hits + misses
  }

  addLatency({ pattern, count, durationMs }: LatencyEvent): void {
    const figures = this.#of(pattern)
    figures.reads += count
    figures.readMs += count * durationMs
  }

  addLoad({ pattern, durationMs }: LoadEvent): void {
    const figures = this.#of(pattern)
    figures.loads += 1
    figures.loadMs += durationMs
  }

  write(cache: string, line: (fields: object, message: string) => void, verdicts: Verdicts): void {
    for (const [pattern, { hits, requests, reads, readMs, loads, loadMs }] of this.#byPattern) {
      const hitRate = requests === 0 ? 0 : rounded((hits / requests) * 100)
      const averageMs = reads === 0 ? undefined : rounded(readMs / reads)
      const averageLoadMs = loads === 0 ? 0 : rounded(loadMs / loads)
      const verdict = verdicts.get(pattern)
      line(
        {
          ...{ cache, pattern, hitRate, hits, requests },
          ...(averageMs === undefined ? {} : { averageMs }),
          ...{ loads, averageLoadMs },
          ...(verdict === undefined ? {} : { verdict: verdict.grade }),
          ...(verdict?.cause ? { cause: verdict.cause, advice: verdict.advice } : {}),
        },
        [
          `${pattern}: ${hitRate} % (${hits}/${requests})`,
          ...(averageMs === undefined ? [] : [`${averageMs} ms a read`]),
          `${loads} loads of ${averageLoadMs} ms`,
          ...(verdict === undefined || verdict.grade === 'unknown' ? [] : [verdict.grade]),
        ].join(', '),
      )
    }
    this.#byPattern.clear()
  }

  #of(pattern: string): Figures {
    const known = this.#byPattern.get(pattern)
    if (known !== undefined) return known
    const made = { hits: 0, requests: 0, reads: 0, readMs: 0, loads: 0, loadMs: 0 }
    this.#byPattern.set(pattern, made)
    return made
  }
}

/** To one decimal; what took less than 0.05 ms took no time that matters. */
const rounded = (value: number): number => Math.round(value * 10) / 10
