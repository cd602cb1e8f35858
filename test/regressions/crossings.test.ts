/**
 * Changes and answers that cross each other. Before these tests, a slow answer could bring back a value
 * after the change that ended it: past a removed tag, past an expiry, past a refresh, past a later read;
 * a blind value could outlive its bound; a load was begun for nobody; a clone was shared.
 */

import { expect, test, vi } from 'vitest'
import type { CacheEvent } from '../../src/contracts/events.ts'
import type { SharedTier } from '../../src/contracts/shared-tier.ts'
import { createCache } from '../../src/create-cache.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { FakeClock } from '../../src/testing/index.ts'
import { SILENT, setup } from './slow-tier.ts'

test('touch in flight does not vouch for a value whose tag was removed meanwhile', async () => {
  const { here, plan, clock } = setup()
  await here.set('a', 1, { tags: ['t'] })
  plan.current = (op) => (op === 'touch' ? { after: 100 } : undefined)
  void here.touch('a')
  await clock.settle()
  await here.invalidateTags(['t'])
  expect(await here.get('a')).toBeUndefined()
})
test('a touch in flight does not vouch for a value whose tag was removed meanwhile (then reads)', async () => {
  const { here, plan, clock } = setup()
  await here.set('a', 1, { tags: ['t'] })
  plan.current = (op) => (op === 'touch' ? { after: 100 } : undefined)
  const touching = here.touch('a')
  await clock.settle()
  await here.invalidateTags(['t'])
  await clock.advance(100)
  await touching
  expect(await here.get('a')).toBeUndefined()
})

test('a tag removal that waited in the outbox is not outlived by a read that crossed it', async () => {
  const { here, there, plan, clock } = setup()
  await there.set('a', 1, { tags: ['t'] })
  plan.current = (op, n) =>
    op === 'invalidate' && n === 1 ? { fail: true } : op === 'read' ? { after: 150 } : undefined
  expect((await here.invalidateTags(['t'])).state).toBe('pending')
  const reading = here.get('a') // begins after the removal has ended
  await clock.advance(150)
  const got = await reading
  plan.current = () => undefined
  await clock.advance(10_000)
  expect([got, await here.get('a')]).toEqual([undefined, undefined])
})

test('a sliding renewal on its way does not undo expire', async () => {
  const { here, there, plan, clock } = setup()
  await here.set('a', 1, { ttl: '10s', renewal: 'sliding', grace: '1h' })
  await clock.advance(5_000)
  plan.current = (op) => (op === 'touch' ? { before: 100 } : undefined)
  expect(await here.get('a')).toBe(1)
  await here.expire('a')
  expect(await there.get('a')).toBeUndefined()
  await clock.advance(100)
  expect(await there.get('a')).toBeUndefined()
})

test('a value served at rest is a clone where copies are asked for', async () => {
  const { alone, clock } = setup({ memory: { copy: 'clone' } })
  const options = { ttl: '1s', grace: '1h' } as const
  await alone.getOrLoad('a', () => ({ n: 1 }), options)
  await clock.advance(2_000)
  const fail = () => Promise.reject(new Error('down'))
  await alone.getOrLoad<{ n: number }>('a', fail, options)
  const mine = await alone.getOrLoad<{ n: number }>('a', fail, options)
  mine.n = 99
  expect(await alone.getOrLoad('a', fail, options)).toEqual({ n: 1 })
})
test('the previous value that a loader is shown is a clone where copies are asked for', async () => {
  const { alone, clock } = setup({ memory: { copy: 'clone' } })
  const options = { ttl: '1s', grace: '1h' } as const
  await alone.getOrLoad('a', () => ({ n: 1 }), options)
  await clock.advance(2_000)
  const got = await alone.getOrLoad<{ n: number }>(
    'a',
    ({ previous }) => {
      ;(previous?.value as { n: number }).n = 99
      throw new Error('down')
    },
    options,
  )
  expect(got).toEqual({ n: 1 })
})

test('a load that nobody waits for any more is not begun', async () => {
  const { here, plan, clock } = setup()
  plan.current = (op) => (op === 'read' ? { after: 100 } : undefined)
  const controller = new AbortController()
  let calls = 0
  const reading = here.getOrLoad(
    'a',
    () => {
      calls += 1
      return 1
    },
    { signal: controller.signal },
  )
  reading.catch(() => {})
  await clock.settle()
  controller.abort()
  await clock.advance(1_000)
  expect(calls).toBe(0)
})
test('no load is begun after close', async () => {
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
  for (const key of ['a', 'b', 'c']) things.get(key).catch(() => {})
  await clock.settle()
  const closing = alone.close()
  calls[0]?.resolve(1)
  await clock.advance(10_000)
  await closing
  expect(calls).toHaveLength(1)
})

test('a caller who leaves does not make the key rest', async () => {
  const { alone, clock } = setup()
  const options = { ttl: '1s', grace: '1h' } as const
  await alone.getOrLoad('a', () => 1, options)
  await clock.advance(2_000)
  const controller = new AbortController()
  const left = alone.getOrLoad(
    'a',
    ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
      }),
    { ...options, signal: controller.signal },
  )
  left.catch(() => {})
  await clock.settle()
  controller.abort()
  await clock.settle()
  expect(await alone.getOrLoad('a', () => 2, options)).toBe(2)
})

test('after a refresh no read goes back: the loader said to cache nothing', async () => {
  const { alone } = setup()
  await alone.getOrLoad('a', () => 1)
  expect(await alone.refresh('a', (c) => c.uncached(2))).toBe(2)
  expect(await alone.get('a')).not.toBe(1)
})
test('after a refresh no read goes back: another instance is writing', async () => {
  const { here, there, clock } = setup()
  const rows = new Map([['a', 1]])
  const held = Promise.withResolvers<void>()
  const options = {
    store: {
      fencing: 'unfenced' as const,
      load: (k: string) => rows.get(k),
      apply: async () => {
        rows.set('a', 2)
        await held.promise
        return [{ kind: 'applied' as const }]
      },
    },
  }
  const a = here.collection<string, number>('things', options)
  const b = there.collection<string, number>('things', options)
  expect(await a.get('a')).toBe(1)
  const putting = b.put('a', 2)
  await clock.settle()
  expect(await a.refresh('a')).toBe(2)
  expect(await a.get('a')).toBe(2)
  held.resolve()
  await putting
})
test('a refresh that the tier did not hear is not undone when it answers again', async () => {
  const { here, plan, clock } = setup()
  await here.getOrLoad('a', () => 1)
  plan.current = (op) => (op === 'claim' ? { fail: true } : undefined)
  expect(await here.refresh('a', () => 2)).toBe(2)
  plan.current = () => undefined
  await clock.advance(6_000)
  expect(await here.get('a')).not.toBe(1)
})
test('a refresh without an answer removes the entry, also where the tier did not hear', async () => {
  const { here, plan } = setup()
  await here.getOrLoad('a', () => 1)
  plan.current = (op) => (op === 'claim' ? { fail: true } : undefined)
  await here.refresh('a', () => undefined)
  plan.current = () => undefined
  expect(await here.get('a')).toBeUndefined()
})

test('a value loaded blind is kept no longer than memoryTtl', async () => {
  const { here, plan, clock } = setup()
  plan.current = () => ({ fail: true })
  await here.getOrLoad('a', () => 1, { memoryTtl: '1s' })
  await clock.advance(2_000)
  expect(await here.get('a')).toBeUndefined()
})
test('a value set while the tier is down is kept no longer than memoryTtl', async () => {
  const { here, plan, clock } = setup()
  plan.current = () => ({ fail: true })
  await here.set('a', 1, { memoryTtl: '1s' })
  await clock.advance(2_000)
  expect(await here.get('a')).toBeUndefined()
})
test('a sliding read does not stretch what was loaded blind', async () => {
  const { here, plan, clock } = setup()
  plan.current = () => ({ fail: true })
  const options = { ttl: '10m', grace: '1h', renewal: 'sliding' } as const
  await here.getOrLoad('a', () => 1, options)
  await clock.advance(1_000)
  expect(await here.get('a')).toBe(1)
  await clock.advance(60_000)
  expect(
    await here
      .getOrLoad('a', () => Promise.reject(new Error('down')), options)
      .catch(() => 'failed'),
  ).toBe('failed')
})
test('a touch does not stretch what was loaded blind', async () => {
  const { here, plan, clock } = setup()
  plan.current = () => ({ fail: true })
  const options = { ttl: '10m', grace: '1h' } as const
  await here.getOrLoad('a', () => 1, options)
  await here.touch('a').catch(() => {})
  await clock.advance(60_000)
  expect(
    await here
      .getOrLoad('a', () => Promise.reject(new Error('down')), options)
      .catch(() => 'failed'),
  ).toBe('failed')
})

test('no value is served fresh after expiresAt, however slow the tier took it', async () => {
  const { here, plan, clock } = setup()
  plan.current = (op) => (op === 'set' ? { before: 150 } : undefined)
  const setting = here.set('a', 1, { expiresAt: clock.now() + 1_000 })
  await clock.advance(150)
  await setting
  await clock.advance(900)
  expect(await here.get('a', { read: 'memory' })).toBeUndefined()
})
test('nor from the tier', async () => {
  const { here, there, plan, clock } = setup()
  plan.current = (op) => (op === 'set' ? { before: 150 } : undefined)
  const setting = here.set('a', 1, { expiresAt: clock.now() + 1_000 })
  await clock.advance(150)
  await setting
  await clock.advance(900)
  expect(await there.get('a')).toBeUndefined()
})

test('an answer that was overtaken does not replace a newer copy', async () => {
  const { here, there, plan, clock } = setup()
  await there.set('a', 1)
  plan.current = (op, n) => (op === 'read' && n === 1 ? { after: 150 } : undefined)
  const slow = here.get('a')
  await clock.settle()
  await there.set('a', 2)
  expect(await here.get('a')).toBe(2)
  await clock.advance(150)
  await slow
  expect(await here.get('a')).toBe(2)
})

test('a signal ends the wait of a read that loads nothing', async () => {
  const { here, plan, clock } = setup({ sharedTimeout: '1h' })
  plan.current = (op) => (op === 'read' ? { hang: true } : undefined)
  const controller = new AbortController()
  let ended = false
  const over = () => {
    ended = true
  }
  here.get('a', { signal: controller.signal }).then(over, over)
  await clock.settle()
  controller.abort()
  await clock.settle()
  expect(ended).toBe(true)
})

test('a write that was aborted while it was announced does not reach the store unhindered', async () => {
  const { here, plan, clock } = setup()
  plan.current = (op) => (op === 'beginIntent' ? { after: 100 } : undefined)
  let heard: AbortSignal | undefined
  const things = here.collection<string, number>('things', {
    store: {
      fencing: 'unfenced',
      load: () => 1,
      apply: async (_w, { signal }) => {
        heard = signal
        await new Promise(() => {})
        return []
      },
    },
  })
  const controller = new AbortController()
  const putting = things.put('a', 2, { signal: controller.signal })
  putting.catch(() => {})
  await clock.settle()
  controller.abort()
  await clock.advance(200)
  await expect(putting).rejects.toThrow()
  expect(heard === undefined || heard.aborted).toBe(true)
})
test('the store has no more time than the intent', async () => {
  const { here, there, plan, clock } = setup({ sharedTimeout: '10s' })
  plan.current = (op) => (op === 'beginIntent' ? { after: 4_000 } : undefined)
  let heard: AbortSignal | undefined
  const store = {
    fencing: 'unfenced' as const,
    load: () => 1,
    apply: async (_w: unknown, { signal }: { signal: AbortSignal }) => {
      heard = signal
      await new Promise(() => {})
      return []
    },
  }
  const a = here.collection<string, number>('things', { store })
  const b = there.collection<string, number>('things', { store })
  a.put('a', 2).catch(() => {})
  await clock.advance(7_500)
  await b.get('a')
  const filled = (await b.read('a')).tier === 'shared'
  expect([filled, heard?.aborted]).not.toEqual([true, false])
})

test('a delete under way when the cache closes is told', async () => {
  const { here, there, plan, clock } = setup()
  await there.set('a', 1)
  plan.current = (op) => (op === 'invalidate' ? { before: 100 } : undefined)
  const deleting = here.delete('a')
  await clock.settle()
  const closing = here.close()
  await clock.advance(1_000)
  await closing
  expect([(await deleting).state, await there.get('a')]).toEqual(['done', undefined])
})
test('nothing is timed after close', async () => {
  const { alone, here, there, clock } = setup()
  await Promise.all([alone, here, there].map((cache) => cache.close()))
  alone.on('reads', () => {})
  await clock.advance(10_000)
  expect(clock.timers).toBe(0)
})

test('a cache that cannot be made leaves no session open', () => {
  const { open, slow } = setup()
  const before = slow.opened - slow.closed
  expect(() => open({ shared: slow, compression: 'lz4' })).toThrow()
  expect(slow.opened - slow.closed).toBe(before)
})
test('a tier that cannot be opened is no unhandled rejection', async () => {
  const { tier } = setup()
  const seen: unknown[] = []
  const listener = (e: unknown) => seen.push(e)
  const old = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', listener)
  const bad: SharedTier = {
    kind: 'bad',
    open: (c) => {
      const ready = Promise.reject(new Error('no file'))
      return new Proxy(tier.open(c), {
        get: (t, p) => {
          const member: unknown = p === 'ready' ? ready : Reflect.get(t, p, t)
          return typeof member === 'function' ? member.bind(t) : member
        },
      })
    },
  }
  const cache = createCache({ name: 'x', shared: bad, logger: SILENT }, { clock: new FakeClock() })
  for (let i = 0; i < 5; i += 1) await new Promise((r) => setImmediate(r))
  process.off('unhandledRejection', listener)
  for (const l of old) process.on('unhandledRejection', l)
  expect(seen).toEqual([])
  await cache.close()
})

test('keys leave out what was deleted while the tier did not take it', async () => {
  const { here, there, plan } = setup()
  await there.set('a', 1)
  plan.current = (op) => (op === 'invalidate' ? { fail: true } : undefined)
  await here.delete('a')
  const keys: string[] = []
  for await (const key of here.keys()) keys.push(key)
  expect(keys).toEqual([])
})

test('a hit rate is at most 100 %', async () => {
  const clock = new FakeClock()
  const info = vi.fn()
  const cache = createCache(
    {
      name: 'x',
      shared: memoryTier(),
      summaryEvery: '10s',
      logger: { level: 'info', info, warn: () => {}, error: () => {} },
    },
    { clock },
  )
  await cache.set('a', 1)
  await cache.get('a')
  for (let i = 0; i < 9; i += 1) await cache.get('a', { read: 'shared' })
  await clock.advance(10_000)
  const line = info.mock.calls
    .map(([f]) => f as { hitRate?: number })
    .find((f) => f.hitRate !== undefined)
  expect(line?.hitRate).toBeLessThanOrEqual(100)
})

test('a claim whose answer never came does not hold up the others', async () => {
  const { here, there, plan, clock } = setup()
  plan.current = (op) => (op === 'claim' ? { after: 1_000 } : undefined)
  const one = here.getOrLoad('a', () => 1)
  await clock.advance(1_000)
  await one
  let at = -1
  const from = clock.monotonic()
  void there
    .getOrLoad('a', () => 1)
    .then(() => {
      at = clock.monotonic() - from
    })
  await clock.advance(5_000)
  expect(at).toBeLessThan(1_000)
})

test('memoryTtl is kept by touch', async () => {
  const { alone, clock } = setup()
  await alone.set('a', 1, { ttl: '1h', memoryTtl: '1m' })
  await alone.touch('a')
  await clock.advance(120_000)
  expect(await alone.get('a')).toBeUndefined()
})

test('many waiters cause no warning', async () => {
  const { alone, clock } = setup()
  const seen: Error[] = []
  const l = (w: Error) => seen.push(w)
  process.on('warning', l)
  const c = new AbortController()
  const all = Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      alone.getOrLoad(
        `k${i}`,
        () => new Promise<number>((r) => void clock.schedule(50, () => r(1))),
        { signal: c.signal },
      ),
    ),
  )
  await clock.advance(100)
  await all
  process.off('warning', l)
  expect(seen).toEqual([])
})

test('a touch gives no life to a value it has not seen', async () => {
  const bad: number[] = []
  for (let ticks = 0; ticks < 12; ticks += 1) {
    const { alone, clock } = setup()
    await alone.set('a', 1, { ttl: '1h' })
    const t = alone.touch('a')
    const u = (async () => {
      for (let i = 0; i < ticks; i += 1) await null
      await alone.set('a', 2, { ttl: '1s' })
    })()
    await Promise.all([t, u])
    await clock.advance(60_000)
    if ((await alone.get('a')) === 2) bad.push(ticks)
    const s = setup()
    await s.alone.set('a', 1, { ttl: '1h' })
    const u2 = s.alone.set('a', 2, { ttl: '1s' })
    const t2 = (async () => {
      for (let i = 0; i < ticks; i += 1) await null
      await s.alone.touch('a', '1s')
    })()
    await Promise.all([u2, t2])
  }
  expect(bad).toEqual([])
})
test('a touch alone does not vouch for a value whose tag was removed', async () => {
  const bad: string[] = []
  for (const first of ['touch', 'tags'])
    for (let ticks = 0; ticks < 12; ticks += 1) {
      const { alone } = setup()
      await alone.set('a', 1, { tags: ['t'] })
      const later = async (f: () => Promise<unknown>) => {
        for (let i = 0; i < ticks; i += 1) await null
        await f()
      }
      const touch = () => alone.touch('a'),
        tags = () => alone.invalidateTags(['t'])
      await Promise.all(first === 'touch' ? [touch(), later(tags)] : [tags(), later(touch)])
      if ((await alone.get('a')) !== undefined) bad.push(`${first} ${ticks}`)
    }
  expect(bad).toEqual([])
})

test('a store that rejects with nothing has failed', async () => {
  const { alone } = setup()
  const events: CacheEvent[] = []
  alone.on('write', (e) => events.push(e))
  const things = alone.collection<string, number>('things', {
    store: { fencing: 'unfenced', load: () => 1, apply: () => Promise.reject() },
  })
  await things.put('a', 1).catch(() => {})
  expect(events).toMatchObject([{ outcome: 'failed' }])
})

test('a set that fails is told as a write that failed, as in setMany', async () => {
  const { here } = setup()
  const events: CacheEvent[] = []
  here.on('write', (e) => events.push(e))
  await here.set('a', { f: () => 1 }).catch(() => {})
  expect(events).toMatchObject([{ outcome: 'failed' }])
})
