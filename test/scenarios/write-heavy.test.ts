/**
 * A cache where nearly every other request is a write (P9): short lives, and an invalidation with each
 * write. Two instances, in virtual time; a judge knows what was acknowledged, and when.
 */

import { describe, expect, test } from 'vitest'
import type { WritePolicy } from '../../src/index.ts'
import { createCache } from '../../src/index.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { FakeClock } from '../../src/testing/fake-clock.ts'
import { SeededRandom } from '../../src/testing/seeded-random.ts'

const REQUESTS = 2_500
/** 500 requests a second. */
const BETWEEN_MS = 2
/** The first of them are asked for most. */
const KEYS = 200
const TTL_MS = 2_000
const SOURCE_MS = 10
/** What an instance that is connected promises. */
const BOUND_MS = 1_000

const SILENT = { level: 'silent', warn: () => {}, error: () => {} } as const

/** Versions of keys; each key that is loaded and each row that is written counts as a query. */
function countedStore(clock: FakeClock) {
  const rows = new Map<number, number>()
  const counts = { reads: 0, writes: 0 }
  const aMoment = () => new Promise<void>((resolve) => void clock.schedule(SOURCE_MS, resolve))
  const store = {
    fencing: 'versioned' as const,
    loadMany: async (keys: readonly number[]) => {
      counts.reads += keys.length
      await aMoment()
      return new Map(keys.map((key) => [key, rows.get(key) ?? 0]))
    },
    apply: async (
      writes: readonly { readonly key: number; readonly kind: string; readonly value?: number }[],
    ) => {
      counts.writes += writes.length
      await aMoment()
      for (const { key, value = 0 } of writes) rows.set(key, Math.max(value, rows.get(key) ?? 0))
      return writes.map(() => ({ kind: 'applied' as const }))
    },
  }
  return { store, counts, rows }
}

interface Played {
  readonly reads: number
  readonly writes: number
  readonly queries: { readonly reads: number; readonly writes: number }
  /** The longest time for which a read did not show what had been acknowledged. */
  readonly stalestMs: number
  /** Keys of which the source has less than was acknowledged, in the end. */
  readonly lost: readonly number[]
}

interface Play {
  readonly policy: WritePolicy
  readonly readsPerWrite: number
  /** `apart`: neither hears of what the other writes; to see that the judge does. @default 'together' */
  readonly instances?: 'together' | 'apart'
}

async function play({ policy, readsPerWrite, instances: how }: Play): Promise<Played> {
  const clock = new FakeClock()
  const random = new SeededRandom(9)
  const shared = memoryTier({ shards: 4 })
  const { store, counts, rows } = countedStore(clock)
  const caches = [1, 2].map(() =>
    createCache(
      {
        name: 'busy',
        shared: how === 'apart' ? memoryTier({ shards: 4 }) : shared,
        logger: SILENT,
      },
      { clock, random },
    ),
  )
  const instances = caches.map((cache) =>
    cache.collection<number, number>('thing', {
      store,
      ttl: TTL_MS,
      write: { put: policy },
      workload: 'write-heavy',
    }),
  )
  await clock.advance(100)
  const judge = { stalestMs: 0 }
  /** Of each key, versions and when each was acknowledged, in order. */
  const acknowledged = new Map<number, { version: number; at: number }[]>()
  const beingWritten = new Set<number>()
  const under = new Set<Promise<void>>()
  let [reads, writes, nextVersion] = [0, 0, 1]

  const read = async (key: number): Promise<void> => {
    const began = clock.monotonic()
    const shown = (await one(instances, random).get(key)) ?? 0
    const missed = acknowledged.get(key)?.find(({ version, at }) => version > shown && at < began)
    if (missed !== undefined) judge.stalestMs = Math.max(judge.stalestMs, began - missed.at)
  }
  const write = async (key: number): Promise<void> => {
    beingWritten.add(key)
    const version = nextVersion
    nextVersion += 1
    await one(instances, random).put(key, version)
    const known = acknowledged.get(key) ?? []
    acknowledged.set(key, [...known, { version, at: clock.monotonic() }])
    beingWritten.delete(key)
  }

  for (let request = 0; request < REQUESTS; request += 1) {
    const key = Math.floor(KEYS ** random.next())
    const isWrite = random.next() < 1 / (readsPerWrite + 1) && !beingWritten.has(key)
    if (isWrite) writes += 1
    else reads += 1
    const call = isWrite ? write(key) : read(key)
    under.add(call)
    void call.finally(() => under.delete(call))
    await clock.advance(BETWEEN_MS)
  }
  await clock.advance(3_000)
  await Promise.all(under)
  const lost = [...acknowledged].filter(
    ([key, versions]) => (rows.get(key) ?? 0) < (versions.at(-1)?.version ?? 0),
  )
  const closing = Promise.all(caches.map((cache) => cache.close()))
  await clock.advance(3_000)
  await closing
  const queries = { ...counts }
  return { reads, writes, queries, lost: lost.map(([key]) => key), stalestMs: judge.stalestMs }
}

function one<T>(choices: readonly T[], random: SeededRandom): T {
  return choices[Math.floor(random.next() * choices.length)] as T
}

describe('a write-heavy load', () => {
  test.each([
    ['behind', 1],
    ['behind', 2],
    ['behind', 5],
    ['behind', 10],
    ['around', 5],
    ['around', 10],
  ] as const)(
    'written %s the cache with %i reads a write costs at most half the queries',
    async (policy, readsPerWrite) => {
      const { reads, writes, queries, stalestMs, lost } = await play({ policy, readsPerWrite })
      // Every row and every key by itself; a database is asked for many of them at once.
      expect(queries.reads + queries.writes).toBeLessThanOrEqual((reads + writes) / 2)
      expect(stalestMs).toBeLessThanOrEqual(BOUND_MS)
      expect(lost).toEqual([])
    },
  )

  test.each([
    ['through', 1],
    ['through', 2],
    ['around', 3],
  ] as const)(
    'written %s the cache with %i reads a write has at most half the reads of the source',
    async (policy, readsPerWrite) => {
      const { reads, queries, stalestMs } = await play({ policy, readsPerWrite })
      expect(queries.reads).toBeLessThanOrEqual(reads / 2)
      expect(stalestMs).toBeLessThanOrEqual(BOUND_MS)
    },
  )

  test('is found out where instances do not hear of each other', async () => {
    const { stalestMs } = await play({ policy: 'around', readsPerWrite: 5, instances: 'apart' })
    expect(stalestMs).toBeGreaterThan(BOUND_MS)
  })
})
