/**
 * The collection that holds answers. Its entries are loaded by requests, so whoever asks for a key brings
 * the way to load it along; of several who ask, the collection has one do so, and the others wait.
 */

import type { Cache } from '../contracts/cache.ts'
import type { Collection } from '../contracts/collection.ts'
import type { LoadContext } from '../contracts/source.ts'
import { httpCodec } from './http-codec.ts'
import type { HttpEntry } from './stored-answer.ts'

/** Asks the handler, once at most. Answers what is to be kept, or by `context.uncached` that nothing is. */
export type LoadEntry = (context: LoadContext<string>) => Promise<HttpEntry | undefined>

/** Handlers bound their own work; the cache must not make requests wait in line before them. */
const LOADS_MAX = 100_000

export class AnswerCollection {
  readonly #collection: Collection<string, HttpEntry>
  /** Of each key that is asked for, who could load it: as many as requests wait. */
  readonly #loads = new Map<string, LoadEntry[]>()

  constructor(cache: Pick<Cache, 'collection'>, name: string) {
    this.#collection = cache.collection<string, HttpEntry>(name, {
      codec: httpCodec(),
      // An answer's own fields say how long it lives, to the second.
      jitter: 0,
      grace: 0,
      negativeTtl: 'off',
      refreshAhead: 'off',
      renewal: 'fixed',
      source: {
        load: (key, context) => this.#load(key, context),
        concurrency: LOADS_MAX,
        breaker: 'off',
      },
    })
  }

  /** Never asks the handler. */
  async find(key: string): Promise<HttpEntry | undefined> {
    return await this.#collection.peek(key)
  }

  /** What is there meanwhile, or what one of those who ask has loaded. */
  async load(key: string, load: LoadEntry): Promise<HttpEntry | undefined> {
    return await this.#brought(key, load, () => this.#collection.get(key))
  }

  /** Loaded now, in the place of what is there. */
  async reload(key: string, load: LoadEntry): Promise<HttpEntry | undefined> {
    return await this.#brought(key, load, () => this.#collection.refresh(key))
  }

  async remove(key: string): Promise<void> {
    await this.#collection.delete(key)
  }

  async #brought<T>(key: string, load: LoadEntry, ask: () => Promise<T>): Promise<T> {
    const waiting = this.#loads.get(key) ?? []
    if (waiting.length === 0) this.#loads.set(key, waiting)
    waiting.push(load)
    try {
      return await ask()
    } finally {
      const at = waiting.indexOf(load)
      if (at >= 0) waiting.splice(at, 1)
      if (waiting.length === 0 && this.#loads.get(key) === waiting) this.#loads.delete(key)
    }
  }

  async #load(key: string, context: LoadContext<string>): Promise<HttpEntry | undefined> {
    // A load belongs to one request, whose handler is asked once.
    const load = this.#loads.get(key)?.shift()
    // Nobody waits any more: there is nobody whose handler could be asked.
    if (load === undefined) return context.uncached(undefined)
    return await load(context)
  }
}
