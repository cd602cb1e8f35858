/** `close({ timeout })` ends in its time, also where the store hangs; what it has not said waits for the next. */

import { expect, test } from 'vitest'
import { type BehindOptions, createCache, type Store } from '../../src/index.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { FakeClock } from '../../src/testing/index.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} }

function setup() {
  const clock = new FakeClock()
  const shared = memoryTier()
  const scene = { hangs: true, aborted: 0, applied: [] as number[], appliedAt: 0 }
  const store: Store<number, string> = {
    fencing: 'versioned',
    load: () => undefined,
    apply: async (writes, { signal }) => {
      if (scene.hangs) {
        signal.addEventListener('abort', () => {
          scene.aborted += 1
        })
        await new Promise(() => {})
      }
      scene.applied.push(...writes.map(({ key }) => key))
      scene.appliedAt = clock.monotonic()
      return writes.map(() => ({ kind: 'applied' as const }))
    },
  }
  const open = (options: BehindOptions = {}) => {
    const cache = createCache({ name: 'shop', shared, logger: SILENT }, { clock })
    const behind = { storeTimeout: '20s', ...options } as const
    return { cache, orders: cache.collection('order', { store, write: { put: 'behind' }, behind }) }
  }
  return { clock, scene, open }
}

test.each([1_000, 0])('of %i ms', async (timeout) => {
  const { clock, scene, open } = setup()
  const { cache, orders } = open()
  await orders.put(1, 'Lamp')
  await clock.advance(1_500)
  const began = clock.monotonic()
  let report: unknown
  let tookMs = 0
  void cache.close({ timeout }).then((answer) => {
    report = answer
    tookMs = clock.monotonic() - began
  })
  for (let ms = 0; ms < 3_000; ms += 50) await clock.advance(50)
  expect(report).toEqual({ flushed: 0, remaining: 1, deadLettered: 0, unknown: 0 })
  expect(tookMs).toBeLessThanOrEqual(timeout + 200)
  expect(scene.aborted).toBe(1)

  // Nobody knows what the store is still doing: the right to carry it out ends by itself.
  scene.hangs = false
  const next = open()
  await clock.advance(60_000)
  expect(scene.applied).toEqual([1])
  expect(await next.orders.queue.status()).toMatchObject({ waiting: 0 })
  await next.cache.close()
})

test('a loader that hangs keeps no write from the source, nor from the report', async () => {
  const { clock, scene, open } = setup()
  scene.hangs = false
  // Nothing but the end of the cache has it carried out before its minute is over.
  const { cache, orders } = open({ delay: '1m' })
  const asked = Promise.withResolvers<void>()
  const hang = (): Promise<never> => {
    asked.resolve()
    return new Promise(() => {})
  }
  void cache.getOrLoad('slow', hang).catch(() => {})
  await asked.promise
  await orders.put(1, 'Lamp')
  const began = clock.monotonic()
  const report = await clock.until(cache.close())
  expect(report).toEqual({ flushed: 1, remaining: 0, deadLettered: 0, unknown: 0 })
  expect(scene.applied).toEqual([1])
  expect(scene.appliedAt - began).toBeLessThan(500)
  // The loader was under way all the time: nothing but the limit ends the wait for it.
  expect(clock.monotonic() - began).toBe(5_000)
})
