/**
 * Read-through with a lock in Redis and a message when it is given back, over ioredis: one load for
 * all processes, and nothing beside it. A process that dies while it loads leaves the others waiting.
 */

import { Redis } from 'ioredis'
import type { Item } from '../item.ts'
import type { LoadingSubject } from './redis-subject.ts'

const channel = 'raw-lock'
/** Longer than any load of a measurement. */
const lockMs = 10_000
const ttlMs = 3_600_000

export async function openRawLock(port: number): Promise<LoadingSubject> {
  const client = new Redis({ port })
  const subscriber = new Redis({ port })
  const flights = new Map<string, Promise<Item>>()
  const waiting = new Map<string, () => void>()
  subscriber.on('message', (_channel, key: string) => waiting.get(key)?.())
  await subscriber.subscribe(channel)

  const fly = async (key: string, load: () => Promise<Item>): Promise<Item> => {
    for (;;) {
      const text = await client.get(key)
      if (text !== null) return JSON.parse(text) as Item
      // Before the lock is tried: its message may come before the answer does.
      const released = new Promise<void>((resolve) => waiting.set(key, resolve))
      if ((await client.set(`lock:${key}`, '', 'PX', lockMs, 'NX')) === null) {
        await released
        continue
      }
      const loaded = await load()
      const stored = client.multi().set(key, JSON.stringify(loaded), 'PX', ttlMs)
      await stored.del(`lock:${key}`).publish(channel, key).exec()
      return loaded
    }
  }
  return {
    name: 'raw lock and message',
    getOrLoad: async (key, load) => {
      let flight = flights.get(key)
      if (flight === undefined) {
        flight = fly(key, load).finally(() => flights.delete(key))
        flights.set(key, flight)
      }
      return (await flight).id
    },
    close: async () => {
      client.disconnect()
      subscriber.disconnect()
    },
  }
}
