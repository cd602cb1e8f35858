/** What fills the cache before anyone asks, and how far it has come, for the status page. */

import type { Cache, WarmingEvent } from 'tiercel'

export interface WarmRun {
  /** A collection with a star. */
  readonly pattern: string
  /** What has begun it: the start of the shop, the clock, or what else there is. */
  readonly reason: WarmingEvent['reason']
  /** `missed`: its time has come, and no instance could carry it out. */
  readonly state: 'running' | 'done' | 'cancelled' | 'failed' | 'missed'
  /** Keys that are dealt with, whatever came of them. */
  readonly done: number
  /** All keys there are. Absent: nobody knows beforehand. */
  readonly expected?: number
  readonly loaded: number
  /** Had a fresh entry, or were being loaded by another instance. */
  readonly fresh: number
  readonly absent: number
  readonly failed: number
  readonly elapsedMs: number
  /** Epoch milliseconds of the latest word about it. */
  readonly toldAt: number
  /** Times that have gone by without a run, since this instance started. */
  readonly missedTicks: number
  /** Why it failed, or the first of its keys that did; empty where none did. */
  readonly error: string
}

export class WarmRuns {
  /** The latest run of each collection and reason, of which there are few. */
  readonly #runs = new Map<string, WarmRun>()
  readonly #listener: Disposable

  constructor(cache: Pick<Cache, 'on'>) {
    this.#listener = cache.on('warming', (event) => this.#take(event))
  }

  /** Those that run first, then the latest ones. */
  get all(): readonly WarmRun[] {
    return [...this.#runs.values()].sort((a, b) => rank(a) - rank(b) || b.toldAt - a.toldAt)
  }

  stop(): void {
    this.#listener[Symbol.dispose]()
  }

  #take(event: WarmingEvent): void {
    const place = `${event.reason} ${event.pattern}`
    const before = this.#runs.get(place)
    const missedTicks = (before?.missedTicks ?? 0) + event.ticks
    // What is missed has no numbers of its own; those of the run before it stay.
    if (event.state === 'missed' && before !== undefined) {
      this.#runs.set(place, { ...before, missedTicks })
      return
    }
    const { pattern, reason, loaded, fresh, absent, failed, expected, elapsedMs, error } = event
    this.#runs.set(place, {
      pattern,
      reason,
      state: stateOf(event.state),
      done: loaded + fresh + absent + failed,
      ...(expected !== undefined && { expected }),
      loaded,
      fresh,
      absent,
      failed,
      elapsedMs: Math.round(elapsedMs),
      toldAt: Date.now(),
      missedTicks,
      error: wordsOf(error),
    })
  }
}

function rank({ state }: WarmRun): number {
  return state === 'running' ? 0 : 1
}

function stateOf(state: WarmingEvent['state']): WarmRun['state'] {
  return state === 'begun' || state === 'progress' ? 'running' : state
}

function wordsOf(error: unknown): string {
  if (error === undefined) return ''
  return error instanceof Error ? error.message : String(error)
}
