import { describe, expect, test } from 'vitest'
import type { CacheEvent } from '../contracts/events.ts'
import type { MemoryEntry } from '../contracts/memory-tier.ts'
import type { ReplacementPolicyFactory } from '../contracts/replacement-policy.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import type { MemoryBounds } from './memory-bounds.ts'
import { createMemoryTier } from './memory-tier.ts'

const BOUNDS: MemoryBounds = {
  entries: 100,
  bytes: Number.POSITIVE_INFINITY,
  weight: Number.POSITIVE_INFINITY,
  copy: 'share',
  expiryScanMs: 60_000,
}

/** Fresh for a second, without grace. */
function entry(value: unknown, changes: Partial<MemoryEntry> = {}): MemoryEntry {
  return {
    value,
    absent: false,
    servedUntil: 1_000,
    freshUntil: 1_000,
    aheadFrom: Number.POSITIVE_INFINITY,
    graceUntil: 1_000,
    createdAt: 0,
    ttlMs: 1_000,
    renewal: 'fixed',
    graceMs: 0,
    renewableUntil: Number.POSITIVE_INFINITY,
    stamp: 1,
    shared: undefined,
    tags: [],
    size: 1,
    priority: 'normal',
    loadMs: undefined,
    ...changes,
  }
}

function setup(bounds: Partial<MemoryBounds> = {}) {
  const clock = new FakeClock()
  const events: CacheEvent[] = []
  const tier = createMemoryTier({
    bounds: { ...BOUNDS, ...bounds },
    clock,
    report: (event) => events.push(event),
  })
  const space = tier.space('product')
  /** What was told since the last call, as `pattern cause count`. */
  const removals = async (): Promise<string[]> => {
    await clock.settle()
    return events
      .splice(0)
      .map((event) =>
        event.type === 'removal' ? `${event.pattern} ${event.cause} ${event.count}` : event.type,
      )
  }
  return { clock, tier, space, removals }
}

describe('a hit', () => {
  test('answers the value, with the same promise each time', async () => {
    const { space } = setup()
    const value = { name: 'lamp' }
    space.store('a', entry(value))
    const hit = space.hit('a', 0)
    expect(await hit).toBe(value)
    expect(space.hit('a', 999)).toBe(hit)
  })

  test('answers nothing for a key that is not there, or no longer served', () => {
    const { space } = setup()
    space.store('a', entry(1, { servedUntil: 500 }))
    expect(space.hit('b', 0)).toBeUndefined()
    expect(space.hit('a', 500)).toBeUndefined()
    expect(space.find('a', 500)?.value).toBe(1)
  })

  test('answers a new value once it replaced the old one', async () => {
    const { space } = setup()
    space.store('a', entry(1))
    await space.hit('a', 0)
    space.store('a', entry(2))
    expect(await space.hit('a', 0)).toBe(2)
  })

  test('answers undefined for an entry that says "not found"', async () => {
    const { space } = setup()
    space.store('a', entry(undefined, { absent: true }))
    expect(await space.hit('a', 0)).toBeUndefined()
    expect(space.hit('a', 0)).toBeInstanceOf(Promise)
  })

  test('answers no sliding entry, whose life a read may renew', () => {
    const { space } = setup()
    const sliding = entry(1, { renewal: 'sliding', renewableUntil: 5_000 })
    space.store('a', sliding)
    expect(space.hit('a', 0)).toBeUndefined()
    space.vouch('a')
    expect(space.hit('a', 0)).toBeUndefined()
    expect(space.find('a', 0)).toEqual(sliding)
  })

  test('answers no entry with tags after a tag was removed, until it is vouched for', async () => {
    const { tier, space } = setup()
    space.store('plain', entry(1))
    space.store('tagged', entry(2, { tags: ['t'] }))
    expect(await space.hit('tagged', 0)).toBe(2)
    tier.doubt('tagged')
    expect(space.hit('tagged', 0)).toBeUndefined()
    expect(await space.hit('plain', 0)).toBe(1)
    expect(space.find('tagged', 0)?.tags).toEqual(['t'])
    space.vouch('tagged')
    expect(await space.hit('tagged', 0)).toBe(2)
    tier.doubt('tagged')
    space.store('tagged', entry(3, { tags: ['t'] }))
    expect(await space.hit('tagged', 0)).toBe(3)
  })

  test('is a use: what is hit outlives what is not', () => {
    const { space } = setup({ entries: 20 })
    space.store('hot', entry('hot'))
    let hits = 0
    for (let round = 0; round < 50; round += 1) {
      if (space.hit('hot', 0) === undefined) space.store('hot', entry('hot'))
      else hits += 1
      for (let key = 0; key < 5; key += 1) space.store(round * 5 + key, entry(key))
    }
    expect(hits).toBe(50)
  })
})

describe('keys', () => {
  test('of different types are different keys, whatever their spelling', () => {
    const { space } = setup()
    const keys = [1, '1', 1n, '__proto__', 'constructor', '', '1n', 0.1, '0.1']
    for (const key of keys) space.store(key, entry(`${typeof key} ${key}`))
    for (const key of keys) expect(space.find(key, 0)?.value).toBe(`${typeof key} ${key}`)
    expect([...space.keys(0)]).toEqual(keys)
  })

  test('are listed while their entries are not gone', () => {
    const { space } = setup()
    space.store('a', entry(1))
    space.store('b', entry(1, { graceUntil: 2_000, graceMs: 1_000 }))
    expect([...space.keys(1_500)]).toEqual(['b'])
  })

  test('of different spaces never meet, and a name always means the same space', () => {
    const { tier, space } = setup()
    const other = tier.space('__proto__')
    space.store('a', entry(1))
    other.store('a', entry(2))
    expect(tier.space('product')).toBe(space)
    expect(space.remove('a', 'deleted')).toBe(true)
    expect(space.remove('a', 'deleted')).toBe(false)
    expect(other.find('a', 0)?.value).toBe(2)
    expect([tier.entries, space.entries, other.entries]).toEqual([1, 0, 1])
  })
})

describe('bounds', () => {
  test('leave room to grow into, and every entry keeps all its properties meanwhile', () => {
    const { tier, space } = setup({ entries: 300 })
    const stored = Array.from({ length: 300 }, (_, at) =>
      entry(
        at,
        at === 0 || at === 299
          ? {
              graceUntil: 7_000,
              graceMs: 6_000,
              renewal: 'sliding',
              renewableUntil: 8_000,
              loadMs: 3,
              shared: { epoch: 'e', stamp: 9, asOf: 9, blind: true },
              tags: ['t'],
              size: 2.5,
            }
          : {},
      ),
    )
    for (const [key, one] of stored.entries()) space.store(key, one)
    for (const [key, one] of stored.entries()) expect(space.find(key, 0)).toEqual(one)
    expect(tier.weight).toBe(303)
    for (let key = 300; key < 900; key += 1) {
      space.store(key, entry(key))
      expect(tier.entries).toBe(300)
    }
  })

  test('hold over what was cleared and filled again', () => {
    const { tier, space } = setup({ entries: 10 })
    for (let key = 0; key < 10; key += 1) space.store(key, entry(key))
    tier.clear('deleted')
    for (let key = 10; key < 30; key += 1) {
      space.store(key, entry(key))
      expect(tier.entries).toBe(Math.min(10, key - 9))
    }
  })

  test('in entries hold after each store', () => {
    const { tier, space } = setup({ entries: 10 })
    for (let key = 0; key < 100; key += 1) {
      space.store(key, entry(key))
      expect(tier.entries).toBe(Math.min(10, key + 1))
    }
  })

  test('in bytes hold, and a value that grows in its place counts with its new size', () => {
    const { tier, space } = setup({ bytes: 10_000 })
    for (let key = 0; key < 20; key += 1) {
      space.store(key, entry('x'.repeat(900)))
      expect(tier.bytes).toBeLessThanOrEqual(10_000)
    }
    expect(tier.entries).toBeGreaterThan(8)
    const [key = 0] = space.keys(0)
    space.store(key, entry('x'.repeat(9_000)))
    expect(tier.bytes).toBeLessThanOrEqual(10_000)
  })

  test('in weight hold beside the others', () => {
    const { tier, space } = setup({ entries: 5, weight: 20 })
    for (let key = 0; key < 100; key += 1) space.store(key, entry(key, { size: (key % 4) * 3 }))
    expect(tier.weight).toBeLessThanOrEqual(20)
    expect(tier.entries).toBeLessThanOrEqual(5)
  })

  test('refuse an entry that is larger than a whole bound, and the older one of its key goes', async () => {
    const { tier, space, removals } = setup({ bytes: 1_000, weight: 5 })
    space.store('a', entry('small'))
    space.store('b', entry('small'))
    space.store('a', entry('x'.repeat(2_000)))
    space.store('b', entry('small', { size: 6 }))
    expect([tier.entries, tier.bytes, tier.weight]).toEqual([0, 0, 0])
    expect(await removals()).toEqual(['product:* replaced 2', 'product:* evicted 2'])
  })

  test('of nothing keep nothing', () => {
    const { tier, space } = setup({ entries: 0 })
    space.store('a', entry(1))
    expect(tier.entries).toBe(0)
  })

  test('cost no estimates where none is in bytes, yet one entry can be asked for', () => {
    const { tier, space } = setup()
    space.store('a', entry('x'.repeat(1_000)))
    expect(tier.bytes).toBe(0)
    expect(space.sizeOf('a')).toBeGreaterThan(1_000)
    expect(space.sizeOf('none')).toBe(0)
  })
})

describe('priorities', () => {
  test('decide who leaves: low first, never-remove last', () => {
    const { space } = setup({ entries: 4 })
    space.store('never', entry(1, { priority: 'never-remove' }))
    space.store('high', entry(1, { priority: 'high' }))
    space.store('low', entry(1, { priority: 'low' }))
    space.store('normal', entry(1))
    space.store('more', entry(1, { priority: 'never-remove' }))
    expect(space.find('low', 0)).toBeUndefined()
    space.store('most', entry(1, { priority: 'never-remove' }))
    expect([...space.keys(0)]).toEqual(['never', 'high', 'more', 'most'])
  })

  test('never let a bound be passed, even where all entries are never-remove', () => {
    const { tier, space } = setup({ entries: 3 })
    for (let key = 0; key < 50; key += 1) space.store(key, entry(key, { priority: 'never-remove' }))
    expect(tier.entries).toBe(3)
  })

  test('turn a newcomer away where all others rank higher', async () => {
    const { space, removals } = setup({ entries: 2 })
    space.store('a', entry(1, { priority: 'high' }))
    space.store('b', entry(1, { priority: 'high' }))
    space.store('c', entry(1, { priority: 'low' }))
    expect([...space.keys(0)]).toEqual(['a', 'b'])
    expect(await removals()).toEqual(['product:* evicted 1'])
  })

  test('do not let expired entries turn a newcomer away', async () => {
    const { clock, space, removals } = setup({ entries: 2 })
    space.store('a', entry(1, { priority: 'high' }))
    space.store('b', entry(1, { priority: 'high', graceUntil: 9_000, graceMs: 8_000 }))
    await clock.advance(1_000)
    space.store('c', entry(1, { priority: 'low', freshUntil: 5_000, graceUntil: 5_000 }))
    expect([...space.keys(clock.monotonic())]).toEqual(['b', 'c'])
    expect(await removals()).toEqual(['product:* expired 1'])
  })

  test('can change with a new value', () => {
    const { space } = setup({ entries: 2 })
    space.store('a', entry(1, { priority: 'low' }))
    space.store('b', entry(1))
    space.store('a', entry(1, { priority: 'high' }))
    space.store('c', entry(1))
    expect([...space.keys(0)]).toEqual(['a', 'c'])
  })
})

describe('expiry', () => {
  test('removes what nobody asks for, once in a scan interval', async () => {
    const { clock, tier, space, removals } = setup()
    space.store('short', entry(1))
    space.store('long', entry(1, { freshUntil: 90_000, graceUntil: 90_000 }))
    await clock.advance(59_999)
    expect(tier.entries).toBe(2)
    await clock.advance(1)
    expect([...space.keys(0)]).toEqual(['long'])
    expect(await removals()).toEqual(['product:* expired 1'])
    await clock.advance(60_000)
    expect(tier.entries).toBe(0)
  })

  test('keeps a timer only while there are entries', async () => {
    const { clock, tier, space } = setup()
    expect(clock.timers).toBe(0)
    space.store('a', entry(1))
    expect(clock.timers).toBe(1)
    await clock.advance(60_000)
    expect([tier.entries, clock.timers]).toEqual([0, 0])
    space.store('a', entry(1, { graceUntil: Number.POSITIVE_INFINITY }))
    expect(clock.timers).toBe(1)
    await clock.advance(600_000)
    expect([tier.entries, clock.timers]).toEqual([1, 1])
    tier.close()
    expect(clock.timers).toBe(0)
  })

  test('goes through many entries in slices', async () => {
    const { clock, tier, space, removals } = setup({ entries: 10_000 })
    for (let key = 0; key < 5_000; key += 1) space.store(key, entry(key))
    for (let key = 0; key < 100; key += 1) {
      space.store(`kept ${key}`, entry(key, { freshUntil: 1e9, graceUntil: 1e9 }))
    }
    await clock.advance(60_000)
    expect(tier.entries).toBe(100)
    expect((await removals()).join()).toMatch(/^product:\* expired \d+/)
  })

  test('reaches every slot of a tier that takes several slices to look through', async () => {
    const { clock, tier, space } = setup({ entries: 70_000 })
    const forever = { freshUntil: 1e9, graceUntil: 1e9 }
    for (let key = 0; key < 70_000; key += 1)
      space.store(key, entry(key, key < 69_999 ? forever : {}))
    await clock.advance(60_000)
    expect(tier.entries).toBe(69_999)
    tier.close()
  })

  test('passes by slots that are free, scan after scan', async () => {
    const { clock, tier, space } = setup({ entries: 4 })
    const graced = entry(1, { graceUntil: 2_000, graceMs: 1_000 })
    for (let key = 0; key < 3; key += 1) space.store(key, graced)
    space.store('kept', entry(1, { graceUntil: 1e9 }))
    for (let key = 0; key < 3; key += 1) space.remove(key, 'deleted')
    await clock.advance(600_000)
    for (let key = 10; key < 20; key += 1) space.store(key, entry(key, { graceUntil: 1e9 }))
    expect(tier.entries).toBe(4)
    expect(space.find(19, 0)).toBeDefined()
    tier.close()
  })

  test('leaves the entry in its grace, and nothing after it', async () => {
    const { space, removals } = setup()
    const graced = entry(1, { graceUntil: 3_000, graceMs: 2_000 })
    space.store('a', graced)
    space.store('b', entry(1))
    expect(space.find('a', 2_999)).toEqual(graced)
    expect(space.find('a', 3_000)).toBeUndefined()
    expect(space.entries).toBe(1)
    expect(await removals()).toEqual(['product:* expired 1'])
  })

  test('can be switched off', () => {
    const { clock, space } = setup({ expiryScanMs: Number.POSITIVE_INFINITY })
    space.store('a', entry(1))
    expect(clock.timers).toBe(0)
  })
})

describe('compaction', () => {
  test('removes what is gone first, then by priority, until the share is reached', async () => {
    const { clock, tier, space, removals } = setup()
    const life = { freshUntil: 9_000, graceUntil: 9_000 }
    for (let key = 0; key < 4; key += 1) space.store(`gone ${key}`, entry(key))
    for (let key = 0; key < 3; key += 1) space.store(`n ${key}`, entry(key, life))
    for (let key = 0; key < 3; key += 1)
      space.store(`l ${key}`, entry(key, { ...life, priority: 'low' }))
    await clock.advance(2_000)
    expect(tier.compact(0.6)).toBe(6)
    expect([...space.keys(2_000)].filter((key) => `${key}`.startsWith('n'))).toHaveLength(3)
    expect(tier.entries).toBe(4)
    expect(await removals()).toEqual(['product:* expired 4', 'product:* evicted 2'])
    expect(tier.compact(1)).toBe(4)
    expect(tier.entries).toBe(0)
  })
})

describe('removals', () => {
  test('are told once a tick for each pattern and cause', async () => {
    const { tier, space, removals } = setup()
    const plain = tier.space('')
    for (let key = 0; key < 5; key += 1) space.store(key, entry(key))
    for (let key = 0; key < 5; key += 1) space.store(key, entry(key))
    plain.store('a', entry(1))
    plain.store('b', entry(1))
    space.remove(0, 'invalidated')
    expect(space.clear('deleted')).toBe(4)
    expect(tier.clear('invalidated')).toBe(2)
    expect(await removals()).toEqual([
      'product:* deleted 4',
      'product:* replaced 5',
      'product:* invalidated 1',
      '* invalidated 2',
    ])
    space.store(1, entry(1))
    space.remove(1, 'deleted')
    expect(await removals()).toEqual(['product:* deleted 1'])
  })

  test('are not told of a tier that is closed, which keeps nothing any more', async () => {
    const { clock, tier, space, removals } = setup()
    space.store('a', entry(1))
    tier.close()
    space.store('b', entry(1))
    expect([tier.entries, clock.timers]).toEqual([0, 0])
    expect(await removals()).toEqual([])
  })
})

describe('the replacement policy', () => {
  test('can be another one; it is made for each priority in use and told of everything', () => {
    const calls: string[] = []
    let made = 0
    const policy: ReplacementPolicyFactory = (expected) => {
      const slots = new Set<number>()
      made += 1
      const number = made
      calls.push(`make ${number} for ${expected}`)
      return {
        name: 'last in, first out',
        admit: (slot) => slots.add(slot),
        touch: (slot) => calls.push(`touch ${slot} in ${number}`),
        remove: (slot) => slots.delete(slot),
        evict: () => {
          const last = [...slots].at(-1) ?? -1
          slots.delete(last)
          return last
        },
        resize: (capacity) => calls.push(`resize ${number} to ${capacity}`),
        clear: () => calls.push(`clear ${number}`),
      }
    }
    const bounds = { ...BOUNDS, entries: 66 }
    const tier = createMemoryTier({ bounds, clock: new FakeClock(), report: () => {}, policy })
    const space = tier.space('')
    for (let key = 0; key < 67; key += 1) space.store(key, entry(key))
    expect(space.find(65, 0)).toBeUndefined()
    space.store('high', entry('high', { priority: 'high' }))
    expect(space.find(66, 0)).toBeUndefined()
    void space.hit(1, 0)
    tier.clear('deleted')
    expect(calls).toEqual([
      'make 1 for 66',
      'resize 1 to 64',
      'resize 1 to 66',
      'make 2 for 66',
      'resize 2 to 66',
      'touch 1 in 1',
      'clear 1',
      'clear 2',
    ])
    tier.close()
  })
})

describe('copies', () => {
  test('"share" hands out the object itself', () => {
    const { space } = setup()
    const value = { list: [1] }
    expect(space.handOut(value)).toBe(value)
  })

  test('"clone" gives each reader an object of its own, apart from the writer\'s too', async () => {
    const { space } = setup({ copy: 'clone' })
    const value = { list: [1] }
    space.store('a', entry(value))
    value.list.push(2)
    const [one, other] = [await space.hit('a', 0), await space.hit('a', 0)]
    expect([one, other]).toEqual([{ list: [1] }, { list: [1] }])
    expect(one).not.toBe(other)
    const found = space.find('a', 0)
    expect(space.handOut(found?.value)).not.toBe(found?.value)
    space.store('a', entry(found?.value))
    expect(space.find('a', 0)?.value).toBe(found?.value)
    expect(() => space.store('b', entry({ run: () => 1 }))).toThrow()
    expect(space.entries).toBe(1)
  })

  test('"clone" hands out what cannot be changed as it is', async () => {
    const { space } = setup({ copy: 'clone' })
    space.store('a', entry('text'))
    expect(await space.hit('a', 0)).toBe('text')
  })

  test('"freeze" keeps readers from changing the value', async () => {
    const { space } = setup({ copy: 'freeze' })
    const value = { list: [1] }
    space.store('a', entry(value))
    expect(await space.hit('a', 0)).toBe(value)
    expect(() => value.list.push(2)).toThrow(TypeError)
    const other = { list: [1] }
    expect(Object.isFrozen((space.handOut(other) as typeof other).list)).toBe(true)
  })
})

describe('where uses are noted', () => {
  const NEVER = Number.POSITIVE_INFINITY
  const endless = entry(1, { servedUntil: NEVER, freshUntil: NEVER, graceUntil: NEVER })

  function noting(bounds: Partial<MemoryBounds> = {}) {
    const parts = setup(bounds)
    const space = parts.tier.space('noted', { noteEveryMs: 100 })
    return { ...parts, space, now: () => parts.clock.monotonic() }
  }

  test('a hit is answered until a use is to be noted, and then again', async () => {
    const { clock, space, now } = noting()
    space.store('a', endless)
    expect(space.vouch('a')).toBe(false)
    await clock.advance(99)
    expect(await space.hit('a', now())).toBe(1)
    await clock.advance(1)
    expect(space.hit('a', now())).toBeUndefined()
    expect(space.vouch('a')).toBe(true)
    expect(space.vouch('a')).toBe(false)
    await clock.advance(99)
    expect(await space.hit('a', now())).toBe(1)
    expect(space.vouch('none')).toBe(false)
  })

  test.each([
    { renewal: 'sliding' as const },
    { servedUntil: 150 },
    { servedUntil: 50, aheadFrom: 20 },
    { servedUntil: NEVER, aheadFrom: 250 },
    { servedUntil: 400, aheadFrom: 130, graceUntil: 900, graceMs: 500 },
  ])('an entry comes back as it was, whatever was noted: %j', async (changes) => {
    const { clock, space, now } = noting()
    const from = now()
    const at = (ms: number | undefined): number => from + (ms ?? NEVER)
    const given = entry(1, {
      ...changes,
      freshUntil: NEVER,
      graceUntil: NEVER,
      servedUntil: at(changes.servedUntil),
      aheadFrom: at(changes.aheadFrom),
    })
    space.store('a', given)
    for (let step = 0; step < 12; step += 1) {
      expect(space.find('a', now())).toEqual(given)
      const isServed = now() < Math.min(given.servedUntil, given.aheadFrom)
      space.vouch('a')
      const isHit = space.hit('a', now()) !== undefined
      expect(isHit).toBe(isServed && given.renewal === 'fixed')
      await clock.advance(40)
    }
  })

  test('what was not used since leaves, of the space that is asked alone', async () => {
    const { clock, tier, space, now, removals } = noting()
    const plain = tier.space('plain')
    for (const key of ['a', 'b', 'c', 'd']) {
      space.store(key, endless)
      plain.store(key, endless)
    }
    await clock.advance(500)
    space.vouch('a')
    space.noteUse('b')
    space.noteUse('none')
    space.store('c', endless)
    expect(space.removeIdle(0, now() - 400)).toEqual({ next: -1, removed: 1 })
    expect([...space.keys(now())]).toEqual(['a', 'b', 'c'])
    expect(plain.entries).toBe(4)
    expect(plain.removeIdle(0, now())).toEqual({ next: -1, removed: 0 })
    expect(await removals()).toContain('noted:* expired 1')
  })

  test('a slice removes no more than it may, and leads on', () => {
    const { space, now } = noting({ entries: 5_000 })
    for (let key = 0; key < 2_500; key += 1) space.store(key, endless)
    const sizes: number[] = []
    for (let from = 0; from !== -1; ) {
      const { next, removed } = space.removeIdle(from, now() + 1)
      sizes.push(removed)
      from = next
    }
    expect(sizes).toEqual([1_000, 1_000, 500])
  })
})
