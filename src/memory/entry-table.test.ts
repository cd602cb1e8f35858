/** The tier against a reference that keeps plain lists: whatever happens, the books agree. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Priority } from '../contracts/codec.ts'
import type { CacheEvent, RemovalCause } from '../contracts/events.ts'
import type { MemoryEntry, MemoryTier } from '../contracts/memory-tier.ts'
import type {
  ReplacementPolicy,
  ReplacementPolicyFactory,
} from '../contracts/replacement-policy.ts'
import type { CacheKey } from '../contracts/source.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { duelFifoPolicy } from './duel-fifo-policy.ts'
import { estimateBytes } from './estimate-bytes.ts'
import { createMemoryTier } from './memory-tier.ts'

const PRIORITIES: readonly Priority[] = ['low', 'normal', 'high', 'never-remove']
const KEYS: readonly CacheKey[] = ['a', 'b', 'c', '1', 1, 1n, 0.5, '__proto__', 'constructor', '']
const SPACES = ['', 'product', '__proto__']
const BOUNDS = { entries: 8, bytes: 1_200, weight: 12 }

interface Held {
  readonly space: string
  readonly key: CacheKey
  readonly entry: MemoryEntry
  readonly bytes: number
}

function fifoPolicy(): ReplacementPolicy {
  const slots = new Set<number>()
  return {
    name: 'fifo',
    admit: (slot) => slots.add(slot),
    touch: () => {},
    remove: (slot) => {
      if (!slots.delete(slot)) throw new Error(`Slot ${slot} is free already.`)
    },
    evict: () => {
      const [oldest = -1] = slots
      slots.delete(oldest)
      return oldest
    },
    resize: () => {},
    clear: () => slots.clear(),
  }
}

/** What the tier should hold, with plain first-in-first-out in each priority. */
class Reference {
  held: Held[] = []
  readonly causes = { deleted: 0, replaced: 0, expired: 0, evicted: 0, invalidated: 0 }

  store(item: Held, now: number): void {
    const { entry, bytes } = item
    const at = this.#indexOf(item.space, item.key)
    const old = this.held[at]
    if (old !== undefined) this.causes.replaced += 1
    if (bytes > BOUNDS.bytes || entry.size > BOUNDS.weight) {
      if (old !== undefined) this.held.splice(at, 1)
      this.causes.evicted += 1
      return
    }
    if (old !== undefined) {
      if (old.entry.priority === entry.priority) this.held[at] = item
      else {
        this.held.splice(at, 1)
        this.held.push(item)
      }
      while (this.isOver(this.held)) this.#evict('never-remove')
      return
    }
    while (this.isOver([...this.held, item])) {
      if (!this.#evict(entry.priority) && this.expire(now) === 0) {
        this.causes.evicted += 1
        return
      }
    }
    this.held.push(item)
  }

  find(space: string, key: CacheKey, now: number): MemoryEntry | undefined {
    const at = this.#indexOf(space, key)
    const found = this.held[at]?.entry
    if (found === undefined || now < found.graceUntil) return found
    this.#drop(at, 'expired')
    return undefined
  }

  remove(space: string, key: CacheKey): void {
    const at = this.#indexOf(space, key)
    if (at !== -1) this.#drop(at, 'invalidated')
  }

  clear(space: string | undefined): void {
    const before = this.held.length
    this.held = this.held.filter((item) => space !== undefined && item.space !== space)
    this.causes.deleted += before - this.held.length
  }

  expire(now: number): number {
    const before = this.held.length
    this.held = this.held.filter((item) => now < item.entry.graceUntil)
    this.causes.expired += before - this.held.length
    return before - this.held.length
  }

  compact(share: number, now: number): void {
    const left = this.held.length - Math.ceil(this.held.length * share)
    this.expire(now)
    while (this.held.length > left) this.#evict('never-remove')
  }

  sum(of: (item: Held) => number): number {
    return this.held.reduce((sum, item) => sum + of(item), 0)
  }

  isOver(items: readonly Held[]): boolean {
    const bytes = items.reduce((sum, item) => sum + item.bytes, 0)
    const weight = items.reduce((sum, item) => sum + item.entry.size, 0)
    return items.length > BOUNDS.entries || bytes > BOUNDS.bytes || weight > BOUNDS.weight
  }

  #evict(highest: Priority): boolean {
    for (const priority of PRIORITIES.slice(0, PRIORITIES.indexOf(highest) + 1)) {
      const at = this.held.findIndex((item) => item.entry.priority === priority)
      if (at === -1) continue
      this.#drop(at, 'evicted')
      return true
    }
    return false
  }

  #drop(at: number, cause: RemovalCause): void {
    this.held.splice(at, 1)
    this.causes[cause] += 1
  }

  #indexOf(space: string, key: CacheKey): number {
    return this.held.findIndex((item) => item.space === space && Object.is(item.key, key))
  }
}

function setup(policy: ReplacementPolicyFactory) {
  const clock = new FakeClock()
  const events: CacheEvent[] = []
  const bounds = { ...BOUNDS, copy: 'share' as const, expiryScanMs: 1_000 }
  const tier = createMemoryTier({ bounds, clock, policy, report: (event) => events.push(event) })
  const causes = { deleted: 0, replaced: 0, expired: 0, evicted: 0, invalidated: 0 }
  const told = (): typeof causes => {
    for (const event of events.splice(0)) {
      if (event.type === 'removal') causes[event.cause] += event.count
    }
    return causes
  }
  return { clock, tier, told }
}

const operation = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('store' as const),
      space: fc.constantFrom(...SPACES),
      key: fc.constantFrom(...KEYS),
      priority: fc.constantFrom(...PRIORITIES),
      size: fc.constantFrom(0, 1, 2, 5, 13),
      characters: fc.constantFrom(0, 8, 400, 2_000),
      lifeMs: fc.constantFrom(1, 500, 3_000, Number.POSITIVE_INFINITY),
      graceMs: fc.constantFrom(0, 700),
      renewal: fc.constantFrom('fixed' as const, 'sliding' as const),
      tags: fc.constantFrom([], ['tag']),
      shared: fc.constantFrom(undefined, { epoch: 'e', stamp: 3, asOf: 4, blind: false }),
      loadMs: fc.constantFrom(undefined, 4.5),
      absent: fc.boolean(),
    }),
  },
  fc.record({
    kind: fc.constantFrom('hit' as const, 'remove' as const, 'vouch' as const),
    space: fc.constantFrom(...SPACES),
    key: fc.constantFrom(...KEYS),
  }),
  fc.record({
    kind: fc.constant('clear' as const),
    space: fc.constantFrom(undefined, ...SPACES),
  }),
  fc.record({ kind: fc.constant('doubt' as const) }),
  fc.record({ kind: fc.constant('compact' as const), share: fc.constantFrom(0, 0.3, 1) }),
  fc.record({ kind: fc.constant('advance' as const), ms: fc.constantFrom(1, 400, 1_100) }),
)
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never
type Store = Extract<Operation, { readonly kind: 'store' }>

function entryOf(store: Store, now: number): MemoryEntry {
  const { priority, size, tags, shared, loadMs, absent, renewal, lifeMs, graceMs } = store
  const freshUntil = now + lifeMs
  return {
    value: absent ? undefined : 'x'.repeat(store.characters),
    absent,
    servedUntil: now + lifeMs / 2,
    freshUntil,
    aheadFrom: Number.POSITIVE_INFINITY,
    graceUntil: freshUntil + graceMs,
    createdAt: now - 1,
    ttlMs: lifeMs,
    renewal,
    graceMs,
    renewableUntil: renewal === 'sliding' ? now + 9_999 : Number.POSITIVE_INFINITY,
    stamp: now + 7,
    shared,
    tags,
    size,
    priority,
    loadMs,
  }
}

/** Everything but time and storing, in the tier and in the reference. */
function change(operation: Operation, tier: MemoryTier, reference: Reference, now: number): void {
  switch (operation.kind) {
    case 'hit':
      void tier.space(operation.space).hit(operation.key, now)
      break
    case 'vouch':
      tier.space(operation.space).vouch(operation.key)
      break
    case 'doubt':
      tier.doubt('tagged')
      break
    case 'remove':
      tier.space(operation.space).remove(operation.key, 'invalidated')
      reference.remove(operation.space, operation.key)
      break
    case 'clear':
      ;(operation.space === undefined ? tier : tier.space(operation.space)).clear('deleted')
      reference.clear(operation.space)
      break
    case 'compact':
      tier.compact(operation.share)
      reference.compact(operation.share, now)
      break
    default:
      break
  }
}

function itemOf(store: Store, now: number): Held {
  const entry = entryOf(store, now)
  const bytes = estimateBytes(store.key) + estimateBytes(entry.value)
  return { space: store.space, key: store.key, entry, bytes }
}

function entriesIn(tier: MemoryTier): number {
  return SPACES.reduce((sum, name) => sum + tier.space(name).entries, 0)
}

describe('EntryTable', () => {
  test('after every step it holds what plain lists hold, and tells why the rest has left', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 80 }), async (operations) => {
        const { clock, tier, told } = setup(fifoPolicy)
        const reference = new Reference()
        for (const operation of operations) {
          const now = clock.monotonic()
          if (operation.kind === 'advance') {
            // Scans run at times that only the tier knows: ask for one instead, in both.
            await clock.advance(operation.ms)
            reference.expire(clock.monotonic())
            tier.compact(0)
          } else if (operation.kind === 'store') {
            const item = itemOf(operation, now)
            tier.space(item.space).store(item.key, item.entry)
            reference.store(item, now)
          } else change(operation, tier, reference, now)
          expect(tier.entries).toBe(reference.held.length)
          expect(entriesIn(tier)).toBe(reference.held.length)
          expect(tier.bytes).toBe(reference.sum((item) => item.bytes))
          expect(tier.weight).toBe(reference.sum((item) => item.entry.size))
          expect(reference.isOver(reference.held)).toBe(false)
        }
        const now = clock.monotonic()
        for (const space of SPACES) {
          for (const key of KEYS) {
            expect(tier.space(space).find(key, now)).toEqual(reference.find(space, key, now))
          }
        }
        await clock.settle()
        expect(told()).toEqual(reference.causes)
        tier.close()
        expect(clock.timers).toBe(0)
      }),
      { numRuns: 200 },
    )
  })

  test('with the default policy sums add up and bounds hold after every step', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 120 }), async (operations) => {
        const { clock, tier } = setup(duelFifoPolicy)
        const ever = new Map<string, Held>()
        for (const operation of operations) {
          const now = clock.monotonic()
          if (operation.kind === 'advance') await clock.advance(operation.ms)
          else if (operation.kind === 'store') {
            const item = itemOf(operation, now)
            tier.space(item.space).store(item.key, item.entry)
            ever.set(`${item.space} ${typeof item.key} ${item.key}`, item)
          } else change(operation, tier, new Reference(), now)
          const held: Held[] = []
          for (const space of SPACES) {
            for (const key of tier.space(space).keys(Number.NEGATIVE_INFINITY)) {
              const item = ever.get(`${space} ${typeof key} ${key}`)
              if (item !== undefined) held.push(item)
            }
          }
          expect(held).toHaveLength(tier.entries)
          expect(tier.bytes).toBe(held.reduce((sum, item) => sum + item.bytes, 0))
          expect(tier.weight).toBe(held.reduce((sum, item) => sum + item.entry.size, 0))
          expect(new Reference().isOver(held)).toBe(false)
          for (const item of held.filter((item) => now < item.entry.graceUntil)) {
            const found = tier.space(item.space).find(item.key, now)
            if (found !== undefined) expect(found).toEqual(item.entry)
          }
        }
        tier.close()
        expect(clock.timers).toBe(0)
      }),
      { numRuns: 200 },
    )
  })

  test('slots are used again: after any coming and going the tier fills to its bound', () => {
    const { clock, tier } = setup(duelFifoPolicy)
    const space = tier.space('product')
    const store: Store = {
      kind: 'store',
      space: 'product',
      key: '',
      priority: 'normal',
      size: 1,
      characters: 8,
      lifeMs: 500,
      graceMs: 0,
      renewal: 'fixed',
      tags: [],
      shared: undefined,
      loadMs: undefined,
      absent: false,
    }
    for (let key = 0; key < 1_000; key += 1) {
      space.store(key, entryOf(store, clock.monotonic()))
      if (key % 3 === 0) space.remove(key, 'deleted')
      if (key % 97 === 0) space.clear('deleted')
    }
    for (let key = 0; key < BOUNDS.entries; key += 1) {
      space.store(`new ${key}`, entryOf(store, clock.monotonic()))
    }
    expect(tier.entries).toBe(BOUNDS.entries)
    for (const key of space.keys(0)) expect(space.find(key, 0)?.value).toBe('xxxxxxxx')
    tier.close()
  })
})
