/**
 * The cases of `cacheSuite` about loads: shared by all who ask, batched, bounded, cut off by changes,
 * and replaced by what is in grace where they are slow or fail.
 */

import assert from 'node:assert/strict'
import type { CacheSubject } from './cache-subject.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { rejection } from './rejection.ts'
import { withCache } from './with-cache.ts'

type Case = ConformanceCase<CacheSubject>

/** A loader whose every call is held open until the case settles it. */
function heldLoader<V>(): {
  readonly calls: PromiseWithResolvers<V>[]
  readonly load: () => Promise<V>
} {
  const calls: PromiseWithResolvers<V>[] = []
  return {
    calls,
    load: () => {
      const call = Promise.withResolvers<V>()
      calls.push(call)
      return call.promise
    },
  }
}

const stampede: readonly Case[] = [
  withCache('1,000 callers of one cold key share one load', async (cache, { advance }) => {
    const { calls, load } = heldLoader<string>()
    const all = Promise.all(Array.from({ length: 1000 }, () => cache.getOrLoad('a', load)))
    await advance(0)
    assert.equal(calls.length, 1)
    calls[0]?.resolve('loaded')
    assert.deepEqual(new Set(await all), new Set(['loaded']))
    assert.equal(await cache.getOrLoad('a', load), 'loaded')
    assert.equal(calls.length, 1)
  }),
  withCache('1,000 different keys of one tick are one loadMany', async (cache) => {
    const calls: number[][] = []
    const squares = cache.collection<number, number>('square', {
      source: {
        loadMany: (keys) => {
          calls.push([...keys])
          return new Map(keys.map((key) => [key, key * key]))
        },
      },
    })
    const keys = Array.from({ length: 1000 }, (_, i) => i)
    const found = await Promise.all(keys.map((key) => squares.get(key)))
    assert.equal(calls.length, 1)
    assert.deepEqual(
      found,
      keys.map((key) => key * key),
    )
    assert.equal((await squares.getMany([...keys, 1000])).size, 1001)
    assert.deepEqual(calls[1], [1000])
  }),
  withCache(
    'a source is never asked by more callers than it allows',
    async (cache, { advance }) => {
      let running = 0
      let most = 0
      const { calls, load } = heldLoader<void>()
      const slow = cache.collection<number, number>('slow', {
        source: {
          concurrency: 10,
          load: async (key) => {
            running += 1
            most = Math.max(most, running)
            await load()
            running -= 1
            return key
          },
        },
      })
      const all = Promise.all(Array.from({ length: 100 }, (_, i) => slow.get(i)))
      for (let done = 0; done < 100; done += 1) {
        await advance(0)
        assert.ok(running <= 10)
        calls[done]?.resolve()
      }
      assert.equal((await all).length, 100)
      assert.equal(most, 10)
    },
  ),
  withCache('a failing load fails each caller once and is not kept', async (cache) => {
    let loads = 0
    const load = async (): Promise<string> => {
      loads += 1
      if (loads === 1) throw new Error('down')
      return 'up'
    }
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, () => cache.getOrLoad('a', load)),
    )
    assert.equal(loads, 1)
    assert.ok(outcomes.every(({ status }) => status === 'rejected'))
    assert.equal(await cache.getOrLoad('a', load), 'up')
  }),
  withCache('a caller that aborts changes nothing for the others', async (cache, { advance }) => {
    const { calls, load } = heldLoader<string>()
    const signals: AbortSignal[] = []
    const observed = (context: { signal: AbortSignal }): Promise<string> => {
      signals.push(context.signal)
      return load()
    }
    const leaving = new AbortController()
    const left = rejection(cache.getOrLoad('a', observed, { signal: leaving.signal }))
    const others = Promise.all(Array.from({ length: 999 }, () => cache.getOrLoad('a', observed)))
    await advance(0)
    leaving.abort(new Error('changed my mind'))
    assert.equal((await left).message, 'changed my mind')
    assert.equal(signals[0]?.aborted, false)
    calls[0]?.resolve('loaded')
    assert.ok((await others).every((value) => value === 'loaded'))
    assert.equal(calls.length, 1)
  }),
  withCache(
    'when the last caller aborts, the loader is told to stop',
    async (cache, { advance }) => {
      const signals: AbortSignal[] = []
      const load = (context: { signal: AbortSignal }): Promise<string> => {
        signals.push(context.signal)
        return new Promise((_, reject) => {
          context.signal.addEventListener('abort', () => reject(context.signal.reason), {
            once: true,
          })
        })
      }
      const [one, two] = [new AbortController(), new AbortController()]
      const both = [
        rejection(cache.getOrLoad('a', load, { signal: one.signal })),
        rejection(cache.getOrLoad('a', load, { signal: two.signal })),
      ]
      await advance(0)
      one.abort(new Error('one'))
      assert.equal(signals[0]?.aborted, false)
      two.abort(new Error('two'))
      assert.equal(signals[0]?.aborted, true)
      assert.deepEqual(
        (await Promise.all(both)).map(({ message }) => message),
        ['one', 'two'],
      )
      assert.equal(await cache.getOrLoad('a', () => 'fresh'), 'fresh')
    },
  ),
  withCache('a signal that has aborted already ends every call', async (cache) => {
    await cache.set('a', 1)
    const signal = AbortSignal.abort(new Error('too late'))
    for (const work of [
      cache.get('a', { signal }),
      cache.getOrLoad('a', () => 1, { signal }),
      cache.set('b', 1, { signal }),
      cache.delete('a', { signal }),
      cache.getMany(['a'], { signal }),
      cache.clear({ signal }),
    ]) {
      assert.equal((await rejection(work)).message, 'too late')
    }
    assert.equal(await cache.get('a'), 1)
    assert.equal(await cache.get('b'), undefined)
  }),
]

const changes: readonly Case[] = [
  withCache(
    'a load cut off by a delete answers its callers and is not kept',
    async (cache, { advance }) => {
      const { calls, load } = heldLoader<string>()
      const early = cache.getOrLoad('a', load)
      await advance(0)
      await cache.delete('a')
      const late = cache.getOrLoad('a', load)
      await advance(0)
      assert.equal(calls.length, 2)
      calls[0]?.resolve('old')
      assert.equal(await early, 'old')
      assert.equal(await cache.peek('a'), undefined)
      calls[1]?.resolve('new')
      assert.equal(await late, 'new')
      assert.equal(await cache.get('a'), 'new')
    },
  ),
  withCache(
    'a value that is set during a load is not overwritten by it',
    async (cache, { advance }) => {
      const { calls, load } = heldLoader<string>()
      const loading = cache.getOrLoad('a', load)
      await advance(0)
      await cache.set('a', 'set')
      calls[0]?.resolve('loaded')
      assert.equal(await loading, 'loaded')
      assert.equal(await cache.get('a'), 'set')
    },
  ),
  withCache(
    'a load is not kept if one of its tags was removed meanwhile',
    async (cache, { advance }) => {
      const { calls, load } = heldLoader<string>()
      const loading = cache.getOrLoad('a', load, { tags: ['red'] })
      const other = cache.getOrLoad('b', load, { tags: ['blue'] })
      await advance(0)
      await cache.invalidateTags(['red'])
      for (const call of calls) call.resolve('old')
      await Promise.all([loading, other])
      assert.equal(await cache.peek('a'), undefined)
      assert.equal(await cache.peek('b'), 'old')
    },
  ),
  withCache(
    'a load is not kept if everything was cleared meanwhile',
    async (cache, { advance }) => {
      const { calls, load } = heldLoader<string>()
      const loading = cache.getOrLoad('a', load)
      await advance(0)
      await cache.clear()
      calls[0]?.resolve('old')
      await loading
      assert.equal(await cache.peek('a'), undefined)
    },
  ),
  withCache('a read that began before a write is not kept after it', async (cache, { advance }) => {
    const held = heldLoader<string>()
    const things = cache.collection<number, string>('thing', {
      store: {
        fencing: 'unfenced',
        load: held.load,
        apply: async (writes) => writes.map(() => ({ kind: 'applied' })),
      },
    })
    const reading = things.get(1)
    await advance(0)
    await things.put(1, 'new')
    held.calls[0]?.resolve('old')
    assert.equal(await reading, 'old')
    assert.equal(await things.peek(1), undefined)
  }),
]

const lateWrites: readonly Case[] = [
  withCache(
    'a write that is carried out after its caller gave up is seen then',
    async (cache, { advance }) => {
      const rows = new Map([[1, 'old']])
      const held = heldLoader<void>()
      const things = cache.collection<number, string>('thing', {
        store: {
          fencing: 'unfenced',
          load: (key) => rows.get(key),
          apply: async ([write]) => {
            await held.load()
            if (write?.kind === 'put') rows.set(write.key, write.value)
            return [{ kind: 'applied' }]
          },
        },
      })
      assert.equal(await things.get(1), 'old')
      const writing = rejection(things.put(1, 'new', { timeouts: { hard: 1_000 } }))
      await advance(1_000)
      assert.match((await writing).message, /took longer/)
      assert.equal(await things.get(1), 'old')
      held.calls[0]?.resolve()
      await advance(0)
      assert.equal(await things.get(1), 'new')
    },
  ),
]

const patience: readonly Case[] = [
  withCache(
    'without grace the hard timeout rejects on time, and the late result is kept',
    async (cache, { advance }) => {
      const { calls, load } = heldLoader<string>()
      const reading = rejection(cache.getOrLoad('a', load, { timeouts: { hard: 2_000 } }))
      let settled = false
      void reading.then(() => {
        settled = true
      })
      await advance(1_999)
      assert.equal(settled, false)
      await advance(1)
      assert.equal((await reading).code, 'loader-timeout')
      calls[0]?.resolve('late')
      await advance(0)
      assert.equal(await cache.get('a'), 'late')
    },
  ),
  withCache(
    'a slow load in grace answers with the old value at the soft timeout, and fills behind',
    async (cache, { advance }) => {
      const { calls, load } = heldLoader<string>()
      const options = { ttl: '10s', grace: '1m', timeouts: { soft: 50, hard: '2s' } } as const
      await cache.set('a', 'old', options)
      await advance(10_000)
      const reading = cache.readOrLoad('a', load, options)
      let settled = false
      void reading.then(() => {
        settled = true
      })
      await advance(49)
      assert.equal(settled, false)
      await advance(1)
      const answer = await reading
      assert.deepEqual(answer.found && [answer.value, answer.stale, answer.ageMs], [
        'old',
        true,
        10_050,
      ])
      calls[0]?.resolve('new')
      await advance(0)
      assert.equal(await cache.get('a'), 'new')
      assert.equal(calls.length, 1)
    },
  ),
  withCache(
    'a failed load in grace answers with the old value and is not tried again at once',
    async (cache, { advance }) => {
      let loads = 0
      const load = (): string => {
        loads += 1
        if (loads === 1) throw new Error('down')
        return 'up'
      }
      await cache.set('a', 'old', { ttl: '1s', grace: '1h' })
      await advance(1_000)
      assert.equal(await cache.getOrLoad('a', load), 'old')
      assert.equal(await cache.getOrLoad('a', load), 'old')
      assert.equal(loads, 1)
      await advance(12_000)
      assert.equal(await cache.getOrLoad('a', load), 'up')
    },
  ),
  withCache(
    'while one caller reloads, the others are served from grace',
    async (cache, { advance }) => {
      const { calls, load } = heldLoader<string>()
      await cache.set('a', 'old', { ttl: '1s', grace: '1h' })
      await advance(1_000)
      const first = cache.getOrLoad('a', load)
      await advance(0)
      const reading = await cache.readOrLoad('a', load)
      assert.deepEqual(reading.found && [reading.value, reading.stale], ['old', true])
      calls[0]?.resolve('new')
      assert.equal(await first, 'new')
      assert.equal(calls.length, 1)
    },
  ),
  withCache('an invalidated value is never served from grace', async (cache, { advance }) => {
    for (const invalidate of [
      () => cache.delete('a'),
      () => cache.invalidateTags(['red']),
      () => cache.clear(),
    ]) {
      await cache.set('a', 'old', { ttl: '1s', grace: '1h', tags: ['red'] })
      await advance(2_000)
      await invalidate()
      await rejection(cache.getOrLoad('a', () => Promise.reject(new Error('down'))))
    }
  }),
  withCache('a source that has nothing any more ends the old value', async (cache, { advance }) => {
    await cache.set('a', 'old', { ttl: '1s', grace: '1h' })
    await advance(1_000)
    assert.equal(await cache.getOrLoad('a', () => undefined), undefined)
    const error = rejection(cache.getOrLoad('a', () => Promise.reject(new Error('down'))))
    assert.equal((await error).message, 'down')
  }),
  withCache('a read tells where its value comes from', async (cache, { advance }) => {
    const numbers = cache.collection<string, number>('numbers', { source: () => 1 })
    const loaded = await numbers.read('a')
    assert.deepEqual(loaded, { found: true, value: 1, tier: 'source', ageMs: 0, stale: false })
    await advance(500)
    const hit = await numbers.read('a')
    assert.ok(hit.found && (hit.tier === 'memory' || hit.tier === 'shared'))
    assert.equal(hit.ageMs, 500)
    const source = await numbers.read('a', { read: 'source' })
    assert.equal(source.tier, 'source')
  }),
  withCache(
    'a closed cache refuses calls, and ends the waits of those before',
    async (cache, { advance }) => {
      const { load } = heldLoader<string>()
      const waiting = rejection(cache.getOrLoad('a', load))
      await advance(0)
      const closing = cache.close()
      await advance(10_000)
      await closing
      assert.equal((await waiting).code, 'closed')
      assert.equal((await rejection(cache.get('a'))).code, 'closed')
      assert.equal((await rejection(cache.set('a', 1))).code, 'closed')
      await cache.close()
    },
  ),
]

export const loadCases: readonly Case[] = [...stampede, ...changes, ...lateWrites, ...patience]
