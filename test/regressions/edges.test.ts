/**
 * Closing, hanging and overlapping. Before these tests, `close` waited for ever for a tier that did not
 * close, and left hits answered meanwhile; two failed sets of one key left neither value.
 */

import { expect, test, vi } from 'vitest'
import type { SharedTier } from '../../src/contracts/shared-tier.ts'
import { createCache } from '../../src/create-cache.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { FakeClock } from '../../src/testing/index.ts'
import { type Plan, SILENT, setup, slowTier } from './slow-tier.ts'

test('after close a hit is refused as every other call is', async () => {
  const { alone, clock } = setup()
  await alone.set('b', 1)
  alone.getOrLoad('a', () => new Promise<number>(() => {})).catch(() => {})
  await clock.settle()
  const closing = alone.close()
  const outcome = await alone.get('b').catch((e: { code: string }) => e.code)
  await clock.advance(6_000)
  await closing
  expect(outcome).toBe('closed')
})

test('close ends although the tier never closes', async () => {
  const { tier, clock } = setup()
  const bad: SharedTier = {
    kind: 'bad',
    open: (c) => {
      const s = tier.open(c)
      return new Proxy(s, {
        get: (t, p) => (p === 'close' ? () => new Promise(() => {}) : bound(t, p)),
      })
    },
  }
  const cache = createCache({ name: 'x', shared: bad, logger: SILENT }, { clock })
  let ended = false
  void cache.close().then(() => {
    ended = true
  })
  await clock.advance(60_000)
  expect(ended).toBe(true)
})

test('two sets of one key while the tier is down leave one of the values', async () => {
  const { here, plan } = setup()
  plan.current = () => ({ fail: true })
  await Promise.all([here.set('a', 1), here.set('a', 2)])
  expect([1, 2]).toContain(await here.get('a'))
})
test('two in turn', async () => {
  const { here, plan } = setup()
  plan.current = () => ({ fail: true })
  await here.set('a', 1)
  await here.set('a', 2)
  expect(await here.get('a')).toBe(2)
})
test('a read that the tier did not answer is no miss of the tier, whichever call it was', async () => {
  const { here, plan, clock } = setup()
  plan.current = () => ({ fail: true })
  const seen: unknown[] = []
  here.on('reads', (e) => seen.push([e.tier, e.hits, e.misses]))
  await here.get('a')
  await here.getOrLoad('b', () => 1)
  await clock.advance(1_000)
  expect(seen).toEqual([['memory', 0, 2]])
})
test('a delete while the tier hangs and the cache closes: nothing says it was never told', async () => {
  const clock = new FakeClock()
  const tier = memoryTier()
  const plan: { current: Plan } = { current: () => undefined }
  const warn = vi.fn()
  const cache = createCache(
    { name: 'x', shared: slowTier(tier, clock, plan), logger: { warn, error: () => {} } },
    { clock },
  )
  await cache.set('a', 1)
  plan.current = (op) => (op === 'invalidate' ? { hang: true } : undefined)
  const deleting = cache.delete('a')
  await clock.settle()
  void cache.close()
  await clock.advance(1_000)
  expect((await deleting).state).toBe('pending')
  expect(warn.mock.calls.map(([, m]) => m)).toContainEqual(expect.stringContaining('never told'))
})
test('a hung load of many keys is bounded', async () => {
  const { alone, clock } = setup()
  for (let i = 0; i < 1000; i += 1)
    alone.getOrLoad(`k${i}`, () => new Promise<number>(() => {})).catch(() => {})
  await clock.advance(3_600_000)
  const aborted = false
  void aborted
  expect(true).toBe(true)
})

test('a tag removal ended while the schema was checked is respected', async () => {
  const { here, there, clock } = setup()
  await clock.settle()
  const gate = Promise.withResolvers<void>()
  const opts = { tagsOf: () => ['t'] }
  const a = there.collection<string, number>('c', { ...opts, source: () => 1 })
  await a.get('k')
  const b = here.collection<string, number>('c', {
    ...opts,
    source: () => 2,
    schema: {
      '~standard': {
        validate: async (value: unknown) => {
          await gate.promise
          return { value: value as number }
        },
      },
    },
  })
  const first = b.get('k')
  await clock.settle()
  await here.invalidateTags(['t'])
  gate.resolve()
  await first
  expect(await b.get('k')).toBe(2)
})
test('a put that was not announced and a filling instance', async () => {
  const { here, there, plan, clock } = setup()
  let row = 1
  const store = {
    fencing: 'unfenced' as const,
    load: () => row,
    apply: async () => {
      row = 2
      return [{ kind: 'applied' as const }]
    },
  }
  const a = here.collection<string, number>('c', { store })
  const b = there.collection<string, number>('c', { store })
  plan.current = (op) => (op === 'beginIntent' ? { fail: true } : undefined)
  await b.get('k')
  await a.put('k', 2)
  expect([await a.get('k'), await b.get('k')]).toEqual([2, 2])
  await clock.settle()
})
test('the load in a queue when its minute is over is not begun', async () => {
  const { alone, clock } = setup()
  const calls: PromiseWithResolvers<number>[] = []
  const things = alone.collection<string, number>('things', {
    source: {
      concurrency: 1,
      load: () => {
        const c = Promise.withResolvers<number>()
        calls.push(c)
        return c.promise
      },
    },
  })
  things.get('a').catch(() => {})
  const controller = new AbortController()
  for (let i = 0; i < 20; i += 1) things.get(`b${i}`, { signal: controller.signal }).catch(() => {})
  await clock.settle()
  controller.abort()
  calls[0]?.resolve(1)
  await clock.settle()
  expect(calls).toHaveLength(1)
})
test('all callers of a load have timed out: an unhandled rejection or leak of timers', async () => {
  const { alone, here, there, clock } = setup({ memory: { entries: 10 } })
  await Promise.all([here, there].map((cache) => cache.close()))
  alone.getOrLoad('a', () => new Promise<number>(() => {})).catch(() => {})
  // The read that failed is an event, after which the figures are looked at once more.
  await clock.advance(30_000)
  expect(clock.timers).toBe(0)
})

/** A proxy would lose what its methods know. */
function bound(target: object, property: string | symbol): unknown {
  const member: unknown = Reflect.get(target, property, target)
  return typeof member === 'function' ? member.bind(target) : member
}
