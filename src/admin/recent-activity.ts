/**
 * What the cache has told lately, without keys and without what others have said: invalidations, warmings,
 * queues and alerts, to look back at and to follow live.
 */

import type { Cache } from '../contracts/cache.ts'
import type { Clock } from '../contracts/clock.ts'
import type { InvalidationEvent, QueueEvent, WarmingEvent } from '../contracts/events.ts'
import { EventWindow } from './event-window.ts'
import { nameOfError } from './problem-of.ts'

/** Invalidations of one kind, together. */
export interface SeenInvalidation extends Omit<InvalidationEvent, 'type' | 'durationMs'> {
  /** Of the last of them; epoch milliseconds. */
  readonly at: number
  /** How many there were. */
  readonly calls: number
  /** Of the slowest. */
  readonly durationMs: number
}

export interface SeenQueueEvent extends Omit<QueueEvent, 'type' | 'error'> {
  readonly at: number
  /** Its class and code alone. */
  readonly error: string
}

export interface SeenWarming extends Omit<WarmingEvent, 'type' | 'error' | 'expected'> {
  readonly at: number
  readonly expected: number | null
  readonly error: string
}

export type SeenEvent =
  | { readonly event: 'invalidation'; readonly data: SeenInvalidation }
  | { readonly event: 'queue'; readonly data: SeenQueueEvent }
  | { readonly event: 'warming'; readonly data: SeenWarming }
  | { readonly event: 'alert'; readonly data: object }

export class RecentActivity {
  readonly #clock: Clock
  readonly #invalidations: EventWindow<SeenInvalidation>
  readonly #queues: EventWindow<SeenQueueEvent>
  readonly #warmings: EventWindow<SeenWarming>
  readonly #listeners: readonly Disposable[]

  constructor(cache: Cache, clock: Clock, tell: (seen: SeenEvent) => void) {
    this.#clock = clock
    this.#invalidations = new EventWindow({
      clock,
      merge: mergeInvalidations,
      tell: (data) => tell({ event: 'invalidation', data }),
    })
    this.#queues = new EventWindow({
      clock,
      merge: (before, next) => ({ ...next, count: before.count + next.count }),
      tell: (data) => tell({ event: 'queue', data }),
    })
    this.#warmings = new EventWindow({
      clock,
      merge: (_, next) => next,
      tell: (data) => tell({ event: 'warming', data }),
    })
    this.#listeners = [
      cache.on('invalidation', (event) => this.#invalidated(event)),
      cache.on('queue', (event) => this.#queued(event)),
      cache.on('warming', (event) => this.#warmed(event)),
      cache.on('alert', ({ type: _, ...alert }) => {
        tell({ event: 'alert', data: { ...alert, at: clock.now() } })
      }),
    ]
  }

  /** The latest first, as all of these. */
  get invalidations(): readonly SeenInvalidation[] {
    return this.#invalidations.records
  }

  get queues(): readonly SeenQueueEvent[] {
    return this.#queues.records
  }

  get warmings(): readonly SeenWarming[] {
    return this.#warmings.records
  }

  close(): void {
    for (const listener of this.#listeners) listener[Symbol.dispose]()
    for (const window of [this.#invalidations, this.#queues, this.#warmings]) window.close()
  }

  #invalidated({ type: _, ...event }: InvalidationEvent): void {
    const { kind, origin, pattern, state } = event
    const seen = { ...event, at: this.#clock.now(), calls: 1 }
    this.#invalidations.add(`${kind} ${origin} ${state} ${pattern}`, seen)
  }

  #queued({ type: _, error, ...event }: QueueEvent): void {
    const seen = {
      ...event,
      at: this.#clock.now(),
      error: error === undefined ? '' : nameOfError(error),
    }
    this.#queues.add(`${event.state} ${event.pattern}`, seen)
  }

  #warmed({ type: _, error, expected, ...event }: WarmingEvent): void {
    const seen = {
      ...event,
      at: this.#clock.now(),
      expected: expected ?? null,
      error: error === undefined ? '' : nameOfError(error),
    }
    // Hours and seconds may lie between begin and end: each state is one of its own.
    this.#warmings.add(`${event.reason} ${event.state} ${event.pattern}`, seen)
  }
}

function mergeInvalidations(before: SeenInvalidation, next: SeenInvalidation): SeenInvalidation {
  return {
    ...next,
    count: before.count + next.count,
    calls: before.calls + next.calls,
    durationMs: Math.max(before.durationMs, next.durationMs),
  }
}
