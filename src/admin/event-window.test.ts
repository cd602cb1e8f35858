import { describe, expect, test } from 'vitest'
import { FakeClock } from '../testing/index.ts'
import { EventWindow } from './event-window.ts'

function setup() {
  const clock = new FakeClock()
  const told: number[] = []
  const window = new EventWindow<number>({
    clock,
    merge: (before, next) => before + next,
    tell: (record) => told.push(record),
  })
  return { clock, told, window }
}

describe('events of a tenth of a second', () => {
  test('of one kind are told as one, and seen before they are told', async () => {
    const { clock, told, window } = setup()
    for (let n = 0; n < 1_000; n += 1) window.add('a', 1)
    window.add('b', 7)
    expect(window.records).toEqual([7, 1_000])
    expect(told).toEqual([])
    await clock.advance(100)
    expect(told).toEqual([1_000, 7])
    window.add('a', 1)
    await clock.advance(100)
    expect(told).toEqual([1_000, 7, 1])
    expect(window.records).toEqual([1, 7, 1_000])
    expect(clock.timers).toBe(0)
  })

  test('of more than a hundred kinds are counted, and the last hundred are remembered', async () => {
    const { clock, told, window } = setup()
    for (let n = 0; n < 150; n += 1) window.add(`kind ${n}`, n)
    expect(window.leftOut).toBe(50)
    await clock.advance(100)
    expect(told).toHaveLength(100)
    window.add('one more', 1_000)
    await clock.advance(100)
    expect(window.records).toHaveLength(100)
    expect(window.records[0]).toBe(1_000)
    expect(window.records.at(-1)).toBe(1)
    window.close()
  })

  test('are not told any more once it is closed', async () => {
    const { clock, told, window } = setup()
    window.add('a', 1)
    window.close()
    await clock.advance(1_000)
    expect([told, clock.timers]).toEqual([[], 0])
  })
})
