/**
 * One story of reads, writes and invalidations, told again and again: with a fault at the first step
 * of the shared tier, at the second, and so on until none is met any more; once, and from there on.
 *
 * Whatever the fault, each call settles within its time, no read goes back behind a change that this
 * process has made, and when the tier is well again, another process sees no old value either.
 */

import { describe, expect, test } from 'vitest'
import { type Cache, type Collection, createCache } from '../../src/index.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { chaosTier, FakeClock, type Fault, faultAt } from '../../src/testing/index.ts'

/** The hard timeout, and what may come on top of it. */
const LIMIT_MS = 5_100
const SILENT = { level: 'silent', warn: () => {}, error: () => {} }

const FAULTS: Readonly<Record<string, Fault>> = {
  'a step that fails': { kind: 'fail', error: new Error('the tier is down') },
  'a step that fails after it was done': { kind: 'fail-after', error: new Error('reset') },
  'a step that hangs': { kind: 'hang' },
  'a step whose answer is lost': { kind: 'lost' },
  'a step that is late': { kind: 'delay', ms: 150 },
  'a step that comes too late': { kind: 'delay', ms: 900 },
  'a step that is done twice': { kind: 'twice' },
}

function setup(fault: Fault, call: number, lasting: 'once' | 'on') {
  const clock = new FakeClock()
  const tier = memoryTier()
  const state = { well: false, met: 0 }
  const plan = faultAt(call, fault, lasting)
  const shared = chaosTier(
    tier,
    (operation, number) => {
      if (number >= call) state.met += 1
      return state.well ? { kind: 'none' } : plan(operation, number)
    },
    clock,
  )
  const rows = new Map<string, number>([
    ['a', 1],
    ['b', 1],
    ['c', 1],
  ])
  const open = (over: typeof tier) => {
    const cache = createCache(
      { name: 'story', shared: over, logger: SILENT, defaults: { jitter: 0, grace: '1h' } },
      { clock },
    )
    return { cache, things: things(cache, rows) }
  }
  return { clock, state, rows, mine: open(shared), openOther: () => open(tier) }
}

function things(cache: Cache, rows: Map<string, number>): Collection<string, number> {
  return cache.collection<string, number>('thing', {
    store: {
      fencing: 'unfenced',
      loadMany: (keys) => new Map(keys.flatMap((key) => [[key, rows.get(key) ?? 0] as const])),
      apply: async (writes) =>
        writes.map((write) => {
          if (write.kind !== 'remove') rows.set(write.key, write.value)
          return { kind: 'applied' }
        }),
    },
    tagsOf: (_value, key) => (key === 'c' ? ['red'] : []),
  })
}

type Setup = ReturnType<typeof setup>

/** What `work` comes to, with the clock moved on until it does. */
async function timed<T>({ clock }: Setup, work: () => Promise<T>): Promise<T> {
  const startedAt = clock.monotonic()
  let settled = false
  const outcome = work().finally(() => {
    settled = true
  })
  outcome.catch(() => {})
  await clock.settle()
  while (!settled) {
    if (clock.monotonic() - startedAt > LIMIT_MS) throw new Error('The call took too long.')
    await clock.advance(25)
  }
  return await outcome
}

async function tell(story: Setup): Promise<void> {
  const { rows, mine } = story
  const { cache, things: own } = mine
  const read = async (key: string): Promise<void> => {
    expect(await timed(story, () => own.get(key)), key).toBe(rows.get(key))
  }
  await read('a')
  await read('a')
  rows.set('a', 2)
  await timed(story, () => own.delete('a'))
  await read('a')
  await timed(story, () => own.put('b', 2))
  await read('b')
  await read('c')
  rows.set('c', 2)
  await timed(story, () => cache.invalidateTags(['red']))
  await read('c')
  await timed(story, () => cache.set('plain', 'value'))
  const plain = await timed(story, () => cache.get('plain'))
  // Where nobody knows whether the tier has it, it may be gone; it is never another.
  expect(story.state.met > 0 ? [undefined, 'value'] : ['value']).toContain(plain)
  const many = await timed(story, () => own.getMany(['a', 'b', 'c']))
  expect([...many.values()]).toEqual([2, 2, 2])
  rows.set('a', 3)
  await timed(story, () => cache.clear())
  await read('a')
  expect(await timed(story, () => own.refresh('b'))).toBe(2)
}

/** The tier is well again, and time has passed: every process must know what the source holds. */
async function judgeAfterwards(story: Setup): Promise<void> {
  story.state.well = true
  await story.clock.advance(30_000)
  const other = story.openOther()
  for (const { things: seen } of [story.mine, other]) {
    for (const [key, value] of story.rows) {
      expect(await timed(story, () => seen.get(key)), key).toBe(value)
    }
  }
  await timed(story, async () => {
    await story.mine.cache.close()
    await other.cache.close()
  })
  expect(story.clock.timers).toBe(0)
}

describe.each(Object.keys(FAULTS))('%s', (name) => {
  test.each(['once', 'on'] as const)(
    'costs nobody an old value, happening %s',
    async (lasting) => {
      const fault = FAULTS[name] as Fault
      let met = 1
      let calls = 0
      while (met > 0) {
        calls += 1
        const story = setup(fault, calls, lasting)
        await tell(story)
        met = story.state.met
        await judgeAfterwards(story)
      }
      // The story takes this many steps at least; fewer would mean that the faults were not met.
      expect(calls).toBeGreaterThan(20)
    },
    60_000,
  )
})
