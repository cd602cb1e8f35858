/** A test that waits for what only time brings about. */

import { expect, test } from 'vitest'
import { createCache, type Store } from '../../src/index.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { sqliteTier } from '../../src/sqlite/index.ts'
import { FakeClock } from '../../src/testing/index.ts'

const store: Store<number, string> = {
  fencing: 'versioned',
  load: () => undefined,
  apply: async (writes) => writes.map(() => ({ kind: 'applied' as const })),
}

test.each([
  ['memory', () => memoryTier()],
  ['SQLite', () => sqliteTier(':memory:', { thread: 'inline' })],
] as const)('the clock goes on until flush and close are over, with %s', async (_, tier) => {
  const clock = new FakeClock()
  const logger = { warn: () => {}, error: () => {} }
  const cache = createCache({ name: 'shop', shared: tier(), logger }, { clock })
  const orders = cache.collection('order', { store, write: { put: 'behind' } })
  await orders.put(1, 'Lamp')
  await clock.until(orders.flush())
  expect((await clock.until(orders.queue.status())).waiting).toBe(0)
  await orders.put(2, 'Chair')
  expect(await clock.until(cache.close())).toMatchObject({ remaining: 0 })
})

test('what it waits for rejects as it does, and what never settles is an error', async () => {
  const clock = new FakeClock()
  const later = new Promise((_, reject) => {
    clock.schedule(90_000, () => reject(new Error('too late')))
  })
  await expect(clock.until(later)).rejects.toThrow('too late')
  expect(clock.monotonic()).toBe(90_000)
  clock.schedule(7_200_000, () => {})
  await expect(clock.until(new Promise(() => {}))).rejects.toThrow('has not settled within')
  expect(await clock.until(Promise.resolve(7), 1)).toBe(7)
})
