/** Dead letters are bounded, and what is forgotten of them is told. */

import { expect, test } from 'vitest'
import { createCache, type QueueEvent, type Store } from '../../src/index.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { FakeClock } from '../../src/testing/index.ts'

test('more of them than are kept are told of as lost, each once', async () => {
  const clock = new FakeClock()
  const warned: string[] = []
  const logger = {
    level: 'warn',
    warn: (_: object, text: string) => void warned.push(text),
    error: () => {},
  }
  const cache = createCache({ name: 'shop', shared: memoryTier(), logger }, { clock })
  const store: Store<number, string> = {
    fencing: 'versioned',
    load: () => undefined,
    apply: async (writes) =>
      writes.map(() => ({ kind: 'failed', error: new Error('no'), retry: 'permanent' })),
  }
  const things = cache.collection('thing', {
    store,
    write: { put: 'behind' },
    behind: { batch: 1_000 },
  })
  const counts = { dead: 0, lost: 0 }
  const errors: unknown[] = []
  cache.on('queue', ({ state, count, error }: QueueEvent) => {
    if (state === 'dead' || state === 'lost') counts[state] += count
    if (state === 'lost') errors.push(error)
  })
  const keys = Array.from({ length: 10_300 }, (_, key) => key)
  await Promise.all(keys.map((key) => things.put(key, 'one')))
  await clock.until(things.flush())
  const { deadLetters, waiting } = await things.queue.status()
  expect({ deadLetters, waiting }).toEqual({ deadLetters: 10_000, waiting: 0 })
  expect(counts).toEqual({ dead: 10_300, lost: 300 })
  expect(String(errors[0])).toContain('10000 dead letters')
  expect(warned.some((text) => text.includes('older ones were forgotten'))).toBe(true)
  await clock.until(cache.close())
})
