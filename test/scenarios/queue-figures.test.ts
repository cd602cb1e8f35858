/** What `stats()`, and with it every exporter and every alert, says of writes that wait: as it is now. */

import { expect, test } from 'vitest'
import { createCache, type Store } from '../../src/index.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { createPrometheus } from '../../src/prometheus/index.ts'
import { FakeClock } from '../../src/testing/index.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} }

function setup() {
  const clock = new FakeClock()
  const scene = { isAway: false, slowMs: 0 }
  const shared = memoryTier()
  const store: Store<number, string> = {
    fencing: 'versioned',
    load: () => undefined,
    apply: async (writes) => {
      if (scene.isAway) throw new Error('away')
      if (scene.slowMs > 0) {
        await new Promise<void>((resolve) => void clock.schedule(scene.slowMs, resolve))
      }
      return writes.map(() => ({ kind: 'applied' as const }))
    },
  }
  const open = (instance: string) => {
    const cache = createCache({ name: 'shop', instance, shared, logger: SILENT }, { clock })
    const behind = { delay: '3s' } as const
    const orders = cache.collection('order', { store, write: { put: 'behind' }, behind })
    return { cache, orders }
  }
  const { cache, orders } = open('one')
  const figures = async (of = cache) => (await of.stats()).queues[0]
  const write = async (from: number, count: number): Promise<void> => {
    for (let at = from; at < from + count; at += 1) await orders.put(at, 'x')
  }
  return { clock, scene, cache, write, figures, open }
}

test('is there before the first of them is carried out, grows with it, and is nothing afterwards', async () => {
  const { clock, cache, write, figures } = setup()
  expect(await figures()).toMatchObject({ pattern: 'order:*', waiting: 0, oldestMs: 0 })
  await write(0, 50)
  await clock.advance(2_000)
  expect(await figures()).toMatchObject({ waiting: 50, applied: 0 })
  expect((await figures())?.oldestMs).toBeCloseTo(2_000, -2)
  await clock.advance(3_000)
  expect(await figures()).toMatchObject({ waiting: 0, oldestMs: 0, applied: 50 })
  await clock.advance(60_000)
  expect(await figures()).toMatchObject({ waiting: 0, oldestMs: 0 })
  const { body } = await createPrometheus(cache).scrape()
  expect(body).toMatch(/^tiercel_queue_oldest_seconds\{[^}]*\} 0$/m)
  expect(body).toMatch(/^tiercel_queue_waiting\{[^}]*\} 0$/m)
})

test('follows what comes in while the source is away, and how long the oldest has waited', async () => {
  const { clock, scene, write, figures } = setup()
  scene.isAway = true
  await write(0, 20)
  await clock.advance(20_000)
  await write(20, 30)
  expect(await figures()).toMatchObject({ waiting: 50, away: true })
  await clock.advance(10_000)
  expect((await figures())?.oldestMs).toBeGreaterThan(29_000)
  expect((await figures())?.oldestMs).toBeLessThan(31_000)
  scene.isAway = false
  await clock.advance(60_000)
  expect(await figures()).toMatchObject({ waiting: 0, oldestMs: 0, away: false, applied: 50 })
})

test('of an instance that does not carry them out has no age, however long the queue is busy', async () => {
  const { clock, write, figures, open } = setup()
  await clock.advance(5_000)
  const two = open('two')
  let key = 0
  for (let second = 0; second < 30; second += 1) {
    await write(key, 5)
    key += 5
    await clock.advance(1_000)
    const ages = await Promise.all([figures(), figures(two.cache)])
    for (const queue of ages) expect(queue?.oldestMs).toBeLessThan(5_000)
  }
  expect((await figures(two.cache))?.waiting).toBeGreaterThan(0)
})

test('the calls of the store are counted, with the writes in them and how long they took', async () => {
  const { clock, scene, cache, write, figures } = setup()
  const none = { calls: 0, failedCalls: 0, attempts: 0, batch: 0 }
  expect(await figures()).toMatchObject({ ...none, callLatency: { p50Ms: null, p99Ms: null } })
  const told: unknown[] = []
  cache.on('store-call', ({ durationMs: _, ...call }) => told.push(call))
  scene.slowMs = 40
  await write(0, 250)
  expect((await figures())?.bytes).toBeGreaterThan(250)
  await clock.advance(10_000)
  const { callLatency, ...counts } = (await figures()) ?? {}
  expect(counts).toMatchObject({ calls: 3, failedCalls: 0, attempts: 250, batch: 50, bytes: 0 })
  expect(callLatency?.p50Ms).toBeCloseTo(40, -1)
  expect(callLatency?.p99Ms).toBeCloseTo(40, -1)
  scene.isAway = true
  await write(0, 1)
  await clock.advance(4_000)
  const away = await figures()
  expect(away?.failedCalls).toBeGreaterThan(0)
  expect(away).toMatchObject({
    attempts: 250 + (away?.failedCalls ?? 0),
    calls: 3 + (away?.failedCalls ?? 0),
    batch: 1,
  })
  const call = { type: 'store-call', pattern: 'order:*', outcome: 'answered', error: undefined }
  expect(told.slice(0, 3)).toEqual([100, 100, 50].map((writes) => ({ ...call, writes })))
  expect(told[3]).toEqual({ ...call, writes: 1, outcome: 'failed', error: new Error('away') })
  const { body } = await createPrometheus(cache).scrape()
  expect(body).toMatch(/^tiercel_queue_calls_total\{[^}]*outcome="answered"[^}]*\} 3$/m)
  expect(body).toMatch(/^tiercel_queue_batch\{[^}]*\} 1$/m)
})
