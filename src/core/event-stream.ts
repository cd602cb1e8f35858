/** Delivers events to those who listen. A listener that throws stops neither the cache nor the others. */

import type { CacheEvent } from '../contracts/events.ts'

type Listener = (event: CacheEvent) => void

export class EventStream {
  readonly #listeners = new Map<CacheEvent['type'], Set<Listener>>()
  readonly #onError: (error: unknown) => void

  /** `onError` hears of listeners that throw. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  listens(type: CacheEvent['type']): boolean {
    return this.#listeners.has(type)
  }

  on<T extends CacheEvent['type']>(
    type: T,
    listener: (event: Extract<CacheEvent, { type: T }>) => void,
  ): Disposable {
    // Wrapped, so that one function registered twice is two listeners, each with its own end.
    const own: Listener = (event) => listener(event as Extract<CacheEvent, { type: T }>)
    const listeners = this.#listeners.get(type) ?? new Set()
    this.#listeners.set(type, listeners.add(own))
    return {
      [Symbol.dispose]: () => {
        listeners.delete(own)
        if (listeners.size === 0 && this.#listeners.get(type) === listeners) {
          this.#listeners.delete(type)
        }
      },
    }
  }

  /** Bound, so that it can be handed on as a `Report`. */
  readonly emit = (event: CacheEvent): void => {
    const listeners = this.#listeners.get(event.type)
    if (listeners === undefined) return
    // A copy: one that registers another from within would be called without end.
    for (const listener of [...listeners]) {
      if (!listeners.has(listener)) continue
      try {
        listener(event)
      } catch (error) {
        this.#onError(error)
      }
    }
  }
}
