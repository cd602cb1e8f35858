/** Writes that trouble the source, and a source that is in trouble: what else waits goes on. */

import { describe, expect, test } from 'vitest'
import { createCache, type Store, type StoreOutcome } from '../../src/index.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { FakeClock } from '../../src/testing/index.ts'
import { type BehindScene, type BehindWrite, behindScene } from './behind-scene.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} } as const
const KEYS = Array.from({ length: 100 }, (_, at) => `k${String(at).padStart(3, '0')}`)

async function putAll({ instances: [one] }: BehindScene, keys: readonly string[]): Promise<void> {
  for (const key of keys) await one?.things.put(key, key)
}

const isOneOf =
  (bad: readonly (string | undefined)[]) =>
  ({ key }: BehindWrite): boolean =>
    bad.includes(key)

describe('what the source fails for', () => {
  test.each([
    ['at the head of a batch', [KEYS[0], KEYS[1]]],
    ['at both ends of it', [KEYS[0], KEYS[99]]],
    ['in most of it', KEYS.slice(0, 70)],
  ])('keeps no other write from it, %s', async (_, bad) => {
    const scene = behindScene({ shards: 1, behind: { delay: '100ms' } })
    const { clock, source } = scene
    source.judge = (writes) => {
      if (writes.some(isOneOf(bad))) throw new Error('value out of range')
      return undefined
    }
    await putAll(scene, KEYS)
    await clock.advance(60_000)
    expect([...source.rows.keys()].sort()).toEqual(KEYS.filter((key) => !bad.includes(key)))
  })

  test('keeps no other write from it after it was away', async () => {
    const scene = behindScene({ shards: 1, behind: { delay: '100ms' } })
    const { clock, source } = scene
    const bad = [KEYS[0], KEYS[99]]
    let isAway = true
    source.judge = (writes) => {
      if (isAway || writes.some(isOneOf(bad))) throw new Error('no')
      return undefined
    }
    await putAll(scene, KEYS)
    await clock.advance(60_000)
    isAway = false
    await clock.advance(60_000)
    expect(source.rows.size).toBe(98)
    // What has succeeded once is not written again.
    expect([...source.taken.values()].every(({ length }) => length === 1)).toBe(true)
    expect(source.calls.length).toBeLessThan(300)
  })
})

describe('what the source takes too long for', () => {
  test('keeps no other write from it, and is given up on its own account', async () => {
    const scene = behindScene({ shards: 1, behind: { delay: '100ms', attempts: 2 } })
    const { clock, source, told } = scene
    const locked = isOneOf([KEYS[0]])
    source.lag = (writes) => (writes.some(locked) ? 3_600_000 : 5)
    await putAll(scene, KEYS)
    await clock.advance(60_000)
    expect(source.lastAt).toBeLessThan(60_000)
    expect(source.rows.size).toBe(99)
    for (let at = 0; at < 30; at += 1) {
      await putAll(scene, KEYS.slice(1, 5))
      await clock.advance(2_000)
    }
    expect(told.filter(({ state }) => state === 'dead')).toMatchObject([{ count: 1 }])
  })

  test('is asked for less at once', async () => {
    const scene = behindScene({ shards: 1, behind: { delay: '100ms', storeTimeout: '5s' } })
    const { clock, source } = scene
    source.lag = (writes) => writes.length * 62
    const keys = Array.from({ length: 400 }, (_, at) => `k${at}`)
    await putAll(scene, keys)
    await clock.advance(90_000)
    expect(source.rows.size).toBe(400)
  })
})

describe('a source that takes long', () => {
  /** Of calls that began while another was under way. */
  function overlaps({ clock, source }: BehindScene, lagMs: number): () => number {
    let busyUntil = 0
    let count = 0
    source.lag = () => {
      if (clock.monotonic() < busyUntil) count += 1
      busyUntil = clock.monotonic() + lagMs
      return lagMs
    }
    return () => count
  }

  test('within its time, is not asked by another instance meanwhile', async () => {
    const behind = { delay: '100ms', storeTimeout: '30s' } as const
    const scene = behindScene({ shards: 1, instances: 3, behind })
    const count = overlaps(scene, 15_000)
    await putAll(scene, KEYS)
    await scene.clock.advance(60_000)
    expect(scene.source.calls).toHaveLength(1)
    expect(scene.source.rows.size).toBe(100)
    expect(count()).toBe(0)
  })

  test('and fails is searched for the write that it fails for by one instance alone', async () => {
    const scene = behindScene({ shards: 1, instances: 3, behind: { delay: '100ms' } })
    const { clock, source } = scene
    const count = overlaps(scene, 4_000)
    source.judge = (writes) => {
      if (writes.some(isOneOf([KEYS[99]]))) throw new Error('value out of range')
      return undefined
    }
    await putAll(scene, KEYS)
    await clock.advance(90_000)
    expect(source.rows.size).toBe(99)
    expect(count()).toBe(0)
    expect([...source.taken.values()].every(({ length }) => length === 1)).toBe(true)
  })
})

describe('what is told of a write whose place was taken while the source had it', () => {
  const scene = async (judge: () => StoreOutcome | undefined) => {
    const { clock, source, told, instances } = behindScene({ behind: { delay: 50 }, shards: 1 })
    source.lag = () => 500
    source.judge = () => (write) =>
      write.kind === 'put' && write.value === 'v1' ? judge() : undefined
    const things = instances[0]?.things
    await things?.put('a', 'v1')
    await clock.advance(300)
    await things?.put('a', 'v2')
    await clock.advance(3_000)
    return { told: told.map(({ state, count }) => [state, count]), things }
  }

  test('is no dead letter, since there is none', async () => {
    const { told, things } = await scene(() => ({ kind: 'conflict', reason: 'no' }))
    expect(await things?.queue.status()).toMatchObject({ deadLetters: 0, waiting: 0 })
    expect(told).toEqual([['applied', 1]])
  })

  test('is that the source has it, where it has', async () => {
    const { told } = await scene(() => undefined)
    expect(told).toEqual([
      ['applied', 1],
      ['applied', 1],
    ])
  })
})

describe('an instance that cannot reach the source', () => {
  test('lets one that can have the queue', async () => {
    const clock = new FakeClock()
    const shared = memoryTier()
    const rows = new Map<string, string>()
    const open = (apply: Store<string, string>['apply']) => {
      const cache = createCache({ name: 'shop', shared, logger: SILENT }, { clock })
      const things = cache.collection<string, string>('thing', {
        store: { fencing: 'versioned', load: (key) => rows.get(key), apply },
        write: { put: 'behind' },
        behind: { delay: '1s' },
      })
      return { cache, things }
    }
    const cut = open(async () => {
      throw new Error('connect ECONNREFUSED')
    })
    await cut.things.put('a', 'one')
    await clock.advance(5_000)
    const well = open(async (writes) =>
      writes.map((write) => {
        if (write.kind !== 'remove') rows.set(write.key, write.value)
        return { kind: 'applied' }
      }),
    )
    // Who has the queue goes on writing, and so goes on wanting it.
    for (let second = 0; second < 60 && !rows.has('a'); second += 1) {
      await cut.things.put(`k${second}`, 'more')
      await clock.advance(1_000)
    }
    expect(rows.get('a')).toBe('one')
    const closing = [cut, well].map(({ cache }) => cache.close({ timeout: 0 }))
    await clock.advance(60_000)
    await Promise.all(closing)
  })

  test('for a moment keeps the queue, and goes on at once', async () => {
    const scene = behindScene({ shards: 1, behind: { delay: '100ms' } })
    const { clock, source } = scene
    let isAway = true
    source.judge = () => {
      if (isAway) throw new Error('connect ECONNREFUSED')
      return undefined
    }
    await putAll(scene, KEYS)
    await clock.advance(1_000)
    isAway = false
    await clock.advance(3_000)
    expect(source.rows.size).toBe(KEYS.length)
  })
})
