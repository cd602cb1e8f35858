/** The default policy: the contract, and what it was chosen for. */

import { describe, expect, test } from 'vitest'
import type { ReplacementPolicy } from '../contracts/replacement-policy.ts'
import { hashKey } from '../keys/hash-key.ts'
import { replacementPolicySuite } from '../testing/replacement-policy-suite.ts'
import { duelFifoPolicy } from './duel-fifo-policy.ts'

/** A cache of numbers that knows nothing but hits, round a policy. */
function setup(policy: ReplacementPolicy, size: number) {
  policy.resize(size)
  const slots = new Map<number, number>()
  const owners: number[] = []
  const read = (key: number): boolean => {
    const known = slots.get(key)
    if (known !== undefined) {
      policy.touch(known)
      return true
    }
    const slot = slots.size < size ? slots.size : policy.evict()
    slots.delete(owners[slot] ?? -1)
    owners[slot] = key
    slots.set(key, slot)
    policy.admit(slot, hashKey(key, 0))
    return false
  }
  const hitRate = (keys: Iterable<number>): number => {
    let [hits, reads] = [0, 0]
    for (const key of keys) {
      reads += 1
      if (read(key)) hits += 1
    }
    return hits / reads
  }
  return { read, hitRate }
}

/** Moves the slot to the end of the line at each hit, by a `Set`'s order. */
function lru(): ReplacementPolicy {
  const slots = new Set<number>()
  return {
    name: 'lru',
    admit: (slot) => slots.add(slot),
    touch: (slot) => {
      slots.delete(slot)
      slots.add(slot)
    },
    remove: (slot) => slots.delete(slot),
    evict: () => {
      const [oldest = -1] = slots
      slots.delete(oldest)
      return oldest
    },
    resize: () => {},
    clear: () => slots.clear(),
  }
}

function* loop(keys: number, rounds: number): Generator<number> {
  for (let round = 0; round < rounds; round += 1) for (let key = 0; key < keys; key += 1) yield key
}

/** Skewed reads of 5,000 keys; every `drift` reads the favourites become others. */
function* skewed(reads: number, drift: number): Generator<number> {
  let state = 88_172_645
  const next = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
  for (let read = 0; read < reads; read += 1) {
    yield (Math.floor(5_000 ** next()) + Math.floor(read / drift) * 37) % 5_000
  }
}

describe('duelFifoPolicy', () => {
  for (const { name, run } of replacementPolicySuite) test(name, () => run(duelFifoPolicy))

  test('of a loop that is longer than the cache it keeps a part, where LRU keeps nothing', () => {
    const ours = setup(duelFifoPolicy(500), 500)
    expect(setup(lru(), 500).hitRate(loop(1_000, 50))).toBe(0)
    expect(ours.hitRate(loop(1_000, 50))).toBeGreaterThan(0.4)
  })

  test('where favourites stay it has more hits than LRU', () => {
    const ours = setup(duelFifoPolicy(500), 500).hitRate(skewed(200_000, 1_000_000))
    expect(ours).toBeGreaterThan(setup(lru(), 500).hitRate(skewed(200_000, 1_000_000)) + 0.01)
  })

  test('where favourites change quickly it stays close to LRU', () => {
    const ours = setup(duelFifoPolicy(500), 500).hitRate(skewed(200_000, 20))
    expect(ours).toBeGreaterThan(setup(lru(), 500).hitRate(skewed(200_000, 20)) - 0.02)
  })

  test('one eviction gives at most 64 entries another round, though all of a thousand were used', () => {
    const policy = duelFifoPolicy(1_000)
    policy.resize(1_000)
    for (let slot = 0; slot < 1_000; slot += 1) policy.admit(slot, hashKey(slot, 0))
    for (let uses = 0; uses < 9; uses += 1) {
      for (let slot = 0; slot < 1_000; slot += 1) policy.touch(slot)
    }
    // The small queue holds a twentieth; without it every eviction comes from the main queue.
    for (let slot = 950; slot < 1_000; slot += 1) policy.remove(slot)
    expect(policy.evict()).toBe(64)
  })
})
