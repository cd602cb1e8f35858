import { describe, expect, test } from 'vitest'
import type { Store, StoreOutcome } from '../contracts/source.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { FakeClock } from '../testing/fake-clock.ts'

const TIERS = [
  ['memory alone', () => ({})],
  ['both tiers', () => ({ shared: memoryTier() })],
] as const

describe.each(TIERS)('a write round the cache, with %s', (_, tiers) => {
  function setup(apply: Store<number, string>['apply']) {
    const clock = new FakeClock()
    const silent = { level: 'silent', warn: () => {}, error: () => {} }
    const cache = createCache(
      { name: 'shop', ...tiers(), logger: silent, defaults: { jitter: 0 } },
      { clock },
    )
    const outcomes: string[] = []
    cache.on('write', ({ kind, outcome }) => outcomes.push(`${kind} ${outcome}`))
    let loads = 0
    const load = (): string => {
      loads += 1
      return `load ${loads}`
    }
    const store: Store<number, string> = { fencing: 'unfenced', load, apply }
    return {
      clock,
      outcomes,
      things: cache.collection('thing', { store, timeouts: { hard: 500 } }),
    }
  }
  const answering = (...outcomes: StoreOutcome[]) => setup(async () => outcomes)

  test('that is superseded is done', async () => {
    const { things } = answering({ kind: 'superseded', by: 2n, byEpoch: 'e' })
    expect(await things.put(1, 'x')).toMatchObject({ protected: true })
  })

  test.each<[string, StoreOutcome | undefined, string]>([
    ['refuses', { kind: 'conflict', reason: 'it is there' }, 'it is there'],
    ['fails', { kind: 'failed', error: new Error('disk full'), retry: 'permanent' }, 'disk full'],
    ['forgets', undefined, 'an array with one outcome'],
  ])('that the store %s rejects, and invalidates all the same', async (...drawn) => {
    const [, outcome, message] = drawn
    const { things, outcomes } = answering(...(outcome === undefined ? [] : [outcome]))
    expect(await things.get(1)).toBe('load 1')
    await expect(things.remove(1)).rejects.toThrow(message)
    expect(outcomes).toEqual(['remove failed'])
    expect(await things.get(1)).toBe('load 2')
  })

  test('that takes too long rejects, tells the store to stop, and invalidates', async () => {
    const signals: AbortSignal[] = []
    const { things, clock } = setup((_, { signal }) => {
      signals.push(signal)
      return new Promise(() => {})
    })
    await things.get(1)
    const writing = things.put(1, 'x')
    writing.catch(() => {})
    await clock.advance(500)
    await expect(writing).rejects.toThrow('longer than the hard timeout of 500 ms')
    expect(signals[0]?.aborted).toBe(true)
    expect(await things.get(1)).toBe('load 2')
  })

  test('that is aborted tells the store, and what the store then says is the outcome', async () => {
    const controller = new AbortController()
    const { things } = setup(
      (_, { signal }) =>
        new Promise((__, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true })
          controller.abort(new Error('enough'))
        }),
    )
    const { signal } = controller
    await expect(things.create(1, 'x', { signal })).rejects.toThrow('enough')
    await expect(things.create(1, 'x', { signal })).rejects.toThrow('enough')
  })

  test('with tags that cannot be writes nothing', async () => {
    const { things, outcomes } = answering({ kind: 'applied' })
    const writing = things.put(1, 'x', { invalidateTags: [''] })
    await expect(writing).rejects.toMatchObject({ field: 'invalidateTags[0]' })
    const timing = things.put(1, 'x', { timeouts: { hard: 0 } })
    await expect(timing).rejects.toMatchObject({ field: 'timeouts.hard' })
    expect(outcomes).toEqual([])
  })
})
