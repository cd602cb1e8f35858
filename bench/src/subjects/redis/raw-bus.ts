/**
 * A map in each process and raw pub/sub between them, over ioredis: what nobody who sends messages
 * through Redis can be faster than. Nothing is deleted in Redis, nothing is repaired.
 */

import { Redis } from 'ioredis'
import type { Item } from '../item.ts'
import type { CopyingSubject, RedisSubjectOptions } from './redis-subject.ts'

const channel = 'raw'
/** Keys of one message; no key has it. */
const separator = '\n'

export async function openRawBus({
  port,
  connectionName = 'bench',
}: RedisSubjectOptions): Promise<CopyingSubject> {
  const heard = new Set<() => void>()
  const copies = new Map<string, Item>()
  const publisher = new Redis({ port, connectionName })
  const subscriber = new Redis({ port, connectionName })
  subscriber.on('message', (_channel, keys: string) => {
    for (const key of keys.split(separator)) copies.delete(key)
    for (const listener of heard) listener()
  })
  await subscriber.subscribe(channel)
  const get = async (key: string): Promise<number> => copies.get(key)?.id ?? Number.NaN
  return {
    name: 'raw pub/sub',
    get,
    getMany: async (keys) => (await Promise.all(keys.map(get))).reduce((sum, id) => sum + id, 0),
    getOrLoad: async (key, load) => {
      const found = copies.get(key) ?? (await load())
      copies.set(key, found)
      return found.id
    },
    setMany: async (items) => {
      for (const [key, value] of items) copies.set(key, value)
    },
    invalidate: async (keys) => {
      for (const key of keys) copies.delete(key)
      await publisher.publish(channel, keys.join(separator))
    },
    holds: (key) => copies.has(key),
    onRemoval: (listener) => heard.add(listener),
    close: async () => {
      publisher.disconnect()
      subscriber.disconnect()
    },
  }
}
