/**
 * What a `ReplacementPolicy` is, as cases for any test runner.
 *
 * A case gets the factory, since every policy of one factory must stand alone. Abilities: `uses`,
 * for a policy that keeps what is read rather than what came last; `scans`, for one that keeps it
 * even while many entries pass by that are never read.
 */

import assert from 'node:assert/strict'
import type {
  ReplacementPolicy,
  ReplacementPolicyFactory,
} from '../contracts/replacement-policy.ts'
import type { ConformanceCase } from './conformance-case.ts'

export const replacementPolicySuite: readonly ConformanceCase<ReplacementPolicyFactory>[] = [
  {
    name: 'a policy has a name, and holds nothing at first',
    needs: [],
    async run(factory) {
      const policy = made(factory, 4)
      assert.notEqual(policy.name, '')
      assert.equal(policy.evict(), -1)
    },
  },
  {
    name: 'each slot that was admitted is evicted once',
    needs: [],
    async run(factory) {
      for (const count of [1, 2, 3, 10, 100]) {
        const policy = made(factory, count)
        admitAll(policy, range(0, count))
        assert.deepEqual(sorted(evictAll(policy, count)), range(0, count))
      }
    },
  },
  {
    name: 'a slot that was removed is not evicted, whether it was read or not',
    needs: [],
    async run(factory) {
      const policy = made(factory, 20)
      admitAll(policy, range(0, 20))
      for (const slot of [3, 7, 19]) policy.touch(slot)
      for (const slot of [0, 3, 10, 19]) policy.remove(slot)
      const left = range(0, 20).filter((slot) => ![0, 3, 10, 19].includes(slot))
      assert.deepEqual(sorted(evictAll(policy, 20)), left)
    },
  },
  {
    name: 'a slot that has left can be admitted again, for the same key or another',
    needs: [],
    async run(factory) {
      const policy = made(factory, 3)
      admitAll(policy, [0, 1, 2])
      policy.remove(1)
      policy.admit(1, hashOf(1))
      const victim = policy.evict()
      policy.admit(victim, hashOf(99))
      assert.deepEqual(sorted(evictAll(policy, 3)), [0, 1, 2])
    },
  },
  {
    name: 'slots may be added while others are held',
    needs: [],
    async run(factory) {
      const policy = factory(200)
      for (let slot = 0, capacity = 0; slot < 200; slot += 1) {
        if (slot === capacity) {
          capacity = Math.max(1, capacity * 2)
          policy.resize(capacity)
        }
        policy.admit(slot, hashOf(slot))
      }
      assert.deepEqual(sorted(evictAll(policy, 200)), range(0, 200))
    },
  },
  {
    name: 'a cleared policy holds nothing and works as before',
    needs: [],
    async run(factory) {
      const policy = made(factory, 10)
      admitAll(policy, range(0, 10))
      policy.clear()
      assert.equal(policy.evict(), -1)
      admitAll(policy, range(4, 8))
      assert.deepEqual(sorted(evictAll(policy, 10)), range(4, 8))
    },
  },
  {
    name: 'policies of one factory share nothing',
    needs: [],
    async run(factory) {
      const [one, other] = [made(factory, 4), made(factory, 4)]
      admitAll(one, [0, 1, 2, 3])
      assert.equal(other.evict(), -1)
      admitAll(other, [2])
      assert.equal(other.evict(), 2)
      assert.deepEqual(sorted(evictAll(one, 4)), [0, 1, 2, 3])
    },
  },
  {
    name: 'whatever comes and goes, what is evicted was held',
    needs: [],
    async run(factory) {
      for (const slots of [1, 2, 7, 64]) comeAndGo(factory, slots)
    },
  },
  {
    name: 'a factory that expects no end of entries is fine',
    needs: [],
    async run(factory) {
      const policy = factory(Number.POSITIVE_INFINITY)
      policy.resize(8)
      admitAll(policy, range(0, 8))
      assert.deepEqual(sorted(evictAll(policy, 8)), range(0, 8))
    },
  },
  {
    name: 'what is read again and again outlives what is not',
    needs: ['uses'],
    async run(factory) {
      assert.ok(hotHits(factory, 1) > 0.9)
    },
  },
  {
    name: 'what is read again and again outlives a scan that is longer than the cache',
    needs: ['uses', 'scans'],
    async run(factory) {
      assert.ok(hotHits(factory, 20) > 0.9)
    },
  },
]

function made(factory: ReplacementPolicyFactory, slots: number): ReplacementPolicy {
  const policy = factory(slots)
  policy.resize(slots)
  return policy
}

function admitAll(policy: ReplacementPolicy, slots: readonly number[]): void {
  for (const slot of slots) policy.admit(slot, hashOf(slot))
}

function evictAll(policy: ReplacementPolicy, atMost: number): number[] {
  const evicted: number[] = []
  for (let slot = policy.evict(); slot !== -1; slot = policy.evict()) {
    evicted.push(slot)
    assert.ok(evicted.length <= atMost, 'evicts more slots than it holds')
  }
  return evicted
}

/** 20,000 steps, the same in every run, against a plain set of the slots that are held. */
function comeAndGo(factory: ReplacementPolicyFactory, slots: number): void {
  const policy = made(factory, slots)
  const held = new Set<number>()
  const next = sequence()
  for (let step = 0; step < 20_000; step += 1) {
    const slot = next() % slots
    const kind = next() % 8
    if (held.has(slot) && kind < 4) {
      policy.touch(slot)
    } else if (held.has(slot) && kind === 4) {
      policy.remove(slot)
      held.delete(slot)
    } else if (!held.has(slot) && kind < 7) {
      policy.admit(slot, hashOf(next() % (slots * 3)))
      held.add(slot)
    } else {
      const victim = policy.evict()
      assert.equal(held.delete(victim), victim !== -1, `evicted ${victim}, which it does not hold`)
      if (victim === -1) assert.equal(held.size, 0)
    }
  }
  assert.deepEqual(sorted(evictAll(policy, slots)), sorted([...held]))
}

/**
 * Share of hits on 50 hot keys in a cache of 100, each read once in a round in which `passing` other
 * keys for each hot one are seen once and never again. The first rounds do not count.
 */
function hotHits(factory: ReplacementPolicyFactory, passing: number): number {
  const policy = made(factory, 100)
  const slots = new Map<number, number>()
  const keys: number[] = []
  const read = (key: number): boolean => {
    const slot = slots.get(key)
    if (slot !== undefined) {
      policy.touch(slot)
      return true
    }
    const free = slots.size < 100 ? slots.size : policy.evict()
    slots.delete(keys[free] ?? -1)
    keys[free] = key
    slots.set(key, free)
    policy.admit(free, hashOf(key))
    return false
  }
  let hits = 0
  let passed = 1_000
  for (let round = 0; round < 40; round += 1) {
    for (let hot = 0; hot < 50; hot += 1) {
      // Twice in a row the first time, as an object that a page shows twice.
      if (round === 0) read(hot)
      if (read(hot) && round >= 20) hits += 1
      for (let i = 0; i < passing; i += 1, passed += 1) read(passed)
    }
  }
  return hits / (20 * 50)
}

function hashOf(key: number): number {
  const bits = Math.imul(key + 1, 0x9e3779b1)
  return Math.imul(bits ^ (bits >>> 15), 0x85ebca6b) >>> 0
}

/** Numbers without a pattern that matters here, the same each time (xorshift, Marsaglia 2003). */
function sequence(): () => number {
  let state = 2_463_534_242
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

function range(from: number, until: number): number[] {
  return Array.from({ length: until - from }, (_, at) => from + at)
}

function sorted(slots: readonly number[]): number[] {
  return [...slots].sort((a, b) => a - b)
}
