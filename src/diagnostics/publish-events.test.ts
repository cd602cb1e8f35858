import { type ChannelListener, channel, subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, describe, expect, test } from 'vitest'
import { createCache } from '../create-cache.ts'
import { channelName, type DiagnosticMessage, publishEvents } from './publish-events.ts'

const subscribed: [string, ChannelListener][] = []

function messagesOf<T extends DiagnosticMessage['event']['type']>(type: T): DiagnosticMessage<T>[] {
  const messages: DiagnosticMessage<T>[] = []
  const listener: ChannelListener = (message) => messages.push(message as DiagnosticMessage<T>)
  subscribe(channelName(type), listener)
  subscribed.push([channelName(type), listener])
  return messages
}

afterEach(() => {
  for (const [name, listener] of subscribed.splice(0)) unsubscribe(name, listener)
})

describe('the channels', () => {
  test('tell what the cache does, by type, with the name of the cache', async () => {
    await using cache = createCache({ name: 'shop' })
    using _publishing = publishEvents(cache)
    const [loads, writes] = [messagesOf('load'), messagesOf('write')]
    await cache.getOrLoad('a', () => 1)
    await cache.set('b', 2)
    expect(loads).toEqual([
      { cache: 'shop', event: expect.objectContaining({ type: 'load', outcome: 'loaded' }) },
    ])
    expect(writes.map(({ event }) => [event.kind, event.count])).toEqual([['set', 1]])
  })

  test('are silent after the end', async () => {
    await using cache = createCache({ name: 'shop' })
    const loads = messagesOf('load')
    publishEvents(cache)[Symbol.dispose]()
    await cache.getOrLoad('a', () => 1)
    expect(loads).toEqual([])
  })

  test('build no message where nobody subscribes', () => {
    const listeners = new Map<string, (event: never) => void>()
    const names: string[] = []
    using _publishing = publishEvents({
      get name() {
        names.push('asked')
        return 'shop'
      },
      on(type, listener) {
        listeners.set(type, listener)
        return { [Symbol.dispose]: () => listeners.delete(type) }
      },
    })
    listeners.get('load')?.({ type: 'load' } as never)
    expect(names).toEqual([])
    const loads = messagesOf('load')
    listeners.get('load')?.({ type: 'load' } as never)
    expect([names, loads]).toHaveLength(2)
    expect(loads).toHaveLength(1)
    expect(channel('tiercel:load').hasSubscribers).toBe(true)
  })
})
