/** Hands the events of a cache to Node's `diagnostics_channel`, for tools that were not told of it. */

import { channel } from 'node:diagnostics_channel'
import type { Cache } from '../contracts/cache.ts'
import { EVENT_TYPES } from '../contracts/event-types.ts'
import type { CacheEvent } from '../contracts/events.ts'

type EventType = CacheEvent['type']

/** What a subscriber of `tiercel:load` and the other channels receives. */
export interface DiagnosticMessage<T extends EventType = EventType> {
  /** The name of the cache. */
  readonly cache: string
  readonly event: Extract<CacheEvent, { type: T }>
}

/** `tiercel:load`, `tiercel:write`, and so on. */
export const channelName = <T extends EventType>(type: T): `tiercel:${T}` => `tiercel:${type}`

/**
 * Publishes each event of `cache` on the channel of its type, until it is disposed of. An event that
 * nobody subscribes to costs a call and a look at the channel; a hit makes no event.
 *
 * @example
 * ```ts
 * import { subscribe } from 'node:diagnostics_channel'
 * import { createCache } from 'tiercel'
 * import { channelName, type DiagnosticMessage, publishEvents } from 'tiercel/diagnostics'
 *
 * await using cache = createCache({ name: 'shop' })
 * using publishing = publishEvents(cache)
 * subscribe(channelName('load'), (message) => {
 *   const { cache, event } = message as DiagnosticMessage<'load'>
 *   console.log(cache, event.pattern, event.durationMs)
 * })
 * await cache.getOrLoad('report', () => 42)
 * ```
 */
export function publishEvents(cache: Pick<Cache, 'name' | 'on'>): Disposable {
  const listening = EVENT_TYPES.map((type) => {
    const told = channel(channelName(type))
    return cache.on(type, (event) => {
      if (told.hasSubscribers) told.publish({ cache: cache.name, event })
    })
  })
  return {
    [Symbol.dispose]: () => {
      for (const one of listening) one[Symbol.dispose]()
    },
  }
}
