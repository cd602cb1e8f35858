import { describe, expect, test } from 'vitest'
import type { SharedKey } from '../contracts/shared-tier.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { Background } from './background.ts'
import { ReadNotes } from './read-notes.ts'

const HOUR_MS = 3_600_000

function keyOf(at: number): SharedKey {
  return { id: `:s1:${at}`, collection: '' }
}

function setup() {
  const clock = new FakeClock()
  const calls: {
    readonly ids: readonly string[]
    readonly everyMs: number
    readonly at: number
  }[] = []
  const state = { fails: false }
  const notes = new ReadNotes({
    clock,
    background: new Background(() => {}),
    note: async (keys, everyMs) => {
      const at = clock.monotonic()
      calls.push({ ids: keys.map(({ id }) => id), everyMs, at })
      if (state.fails) throw new Error('cut off')
    },
  })
  return { clock, calls, state, notes, start: clock.monotonic() }
}

describe('reads to be noted', () => {
  test('travel together, each key once, after ten seconds', async () => {
    const { clock, calls, notes, start } = setup()
    for (let turn = 0; turn < 3; turn += 1)
      for (let at = 0; at < 5; at += 1) notes.add(keyOf(at), HOUR_MS)
    await clock.advance(9_999)
    expect(calls).toEqual([])
    await clock.advance(60_000)
    expect(calls).toHaveLength(1)
    expect(calls[0]).toMatchObject({ everyMs: HOUR_MS, at: start + 10_000 })
    expect(calls[0]?.ids).toHaveLength(5)
  })

  test('travel earlier where a thousand have come, or one is urgent, or all are short-lived', async () => {
    const { clock, calls, notes } = setup()
    for (let at = 0; at < 1_000; at += 1) notes.add(keyOf(at), HOUR_MS)
    await clock.settle()
    expect(calls.map(({ ids }) => ids.length)).toEqual([1_000])
    notes.add(keyOf(1), HOUR_MS)
    notes.add(keyOf(2), HOUR_MS, 'soon')
    await clock.settle()
    expect(calls[1]?.ids).toHaveLength(2)
    notes.add(keyOf(1), 1_000)
    await clock.advance(1_000)
    expect(calls[2]).toMatchObject({ everyMs: 1_000 })
  })

  test('of several collections are one call for each time between notes', async () => {
    const { calls, notes } = setup()
    for (let at = 0; at < 6; at += 1) notes.add(keyOf(at), at % 2 === 0 ? HOUR_MS : 2 * HOUR_MS)
    await notes.flush()
    expect(calls.map(({ everyMs, ids }) => [everyMs, ids.length])).toEqual([
      [HOUR_MS, 3],
      [2 * HOUR_MS, 3],
    ])
  })

  test('that the tier does not take wait on, and no more than there is room for', async () => {
    const { clock, calls, state, notes } = setup()
    state.fails = true
    for (let at = 0; at < 50_000; at += 1) notes.add(keyOf(at), HOUR_MS)
    await clock.advance(5_000)
    const failed = calls.length
    expect(failed).toBeLessThanOrEqual(2)
    state.fails = false
    await clock.advance(20_000)
    const told = new Set(calls.slice(failed).flatMap(({ ids }) => ids))
    expect(told.size).toBe(20_000)
  })

  test('of activity are one for each time between notes, and bounded too', async () => {
    const { clock, calls, notes } = setup()
    for (let minute = 0; minute < 120; minute += 1) {
      notes.addActivity(keyOf(1), HOUR_MS)
      await clock.advance(60_000)
    }
    expect(calls).toHaveLength(2)
    for (let at = 2; at < 25_000; at += 1) notes.addActivity(keyOf(at), 100 * HOUR_MS)
    await notes.flush()
    const before = calls.length
    // The first was forgotten, the last was not.
    notes.addActivity(keyOf(2), 100 * HOUR_MS)
    notes.addActivity(keyOf(15_000), 100 * HOUR_MS)
    await notes.flush()
    expect(calls.slice(before).flatMap(({ ids }) => ids)).toEqual([keyOf(2).id])
  })

  test('are told at the end, and none after it', async () => {
    const { clock, calls, notes } = setup()
    notes.add(keyOf(1), HOUR_MS)
    await notes.close()
    notes.add(keyOf(2), HOUR_MS)
    await clock.advance(HOUR_MS)
    expect(calls.map(({ ids }) => ids)).toEqual([[keyOf(1).id]])
  })
})
