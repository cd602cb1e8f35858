/** One line for each pattern at a fixed interval (M7): hit rate, requests, time of loads. */

import type { Cache } from '../contracts/cache.ts'
import type { LoadEvent, ReadsEvent } from '../contracts/events.ts'
import type { Engine } from './engine.ts'

interface Figures {
  hits: number
  reads: { memory: number; shared: number }
  loads: number
  loadMs: number
}

export interface Summary {
  readonly engine: Engine
  readonly cache: Pick<Cache, 'on'>
  readonly everyMs: number
}

/** Writes a line for each pattern every `everyMs` until the cache is closed, where info is on. */
export function startSummary({ engine, cache, everyMs }: Summary): void {
  const { info } = engine.log
  if (info === undefined) return
  const summary = new SummaryLog()
  cache.on('reads', (event) => summary.addReads(event))
  cache.on('load', (event) => summary.addLoad(event))
  let cancel = (): void => {}
  const arm = (): void => {
    cancel = engine.clock.schedule(
      everyMs,
      () => {
        summary.write(engine.name, info)
        arm()
      },
      'upkeep',
    )
  }
  arm()
  engine.closing.addEventListener('abort', () => cancel(), { once: true })
}

class SummaryLog {
  readonly #byPattern = new Map<string, Figures>()

  addReads({ pattern, tier, hits, misses }: ReadsEvent): void {
    const figures = this.#of(pattern)
    figures.hits += hits
    figures.reads[tier] += hits + misses
  }

  addLoad({ pattern, durationMs }: LoadEvent): void {
    const figures = this.#of(pattern)
    figures.loads += 1
    figures.loadMs += durationMs
  }

  write(cache: string, line: (fields: object, message: string) => void): void {
    for (const [pattern, { hits, reads, loads, loadMs }] of this.#byPattern) {
      // Requests come in at the memory tier; what it misses is read again further down.
      const requests = Math.max(reads.memory, reads.shared, hits)
      const hitRate = requests === 0 ? 0 : Math.round((hits / requests) * 1000) / 10
      const averageLoadMs = loads === 0 ? 0 : Math.round((loadMs / loads) * 10) / 10
      line(
        { cache, pattern, hitRate, hits, requests, loads, averageLoadMs },
        `${pattern}: ${hitRate} % (${hits}/${requests}), ${loads} loads of ${averageLoadMs} ms`,
      )
    }
    this.#byPattern.clear()
  }

  #of(pattern: string): Figures {
    const known = this.#byPattern.get(pattern)
    if (known !== undefined) return known
    const made = { hits: 0, reads: { memory: 0, shared: 0 }, loads: 0, loadMs: 0 }
    this.#byPattern.set(pattern, made)
    return made
  }
}
