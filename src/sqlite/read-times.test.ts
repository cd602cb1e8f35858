import { describe, expect, test } from 'vitest'
import { minuteOf, ReadTimes } from './read-times.ts'

describe('ReadTimes', () => {
  test('what was noted is taken once, with the last minute of each row', () => {
    const times = new ReadTimes<string>()
    times.note('a', minuteOf(60_000))
    times.note('b', minuteOf(119_999))
    times.note('a', minuteOf(120_000))
    expect(times.take(1)).toEqual([['a', 2]])
    expect(times.take(10)).toEqual([['b', 1]])
    expect(times.size).toBe(0)
  })

  test('beyond its bound nothing new is noted, and what is known still is', () => {
    const times = new ReadTimes<number>()
    for (let row = 0; row < 30_000; row += 1) times.note(row, 1)
    times.note(0, 2)
    expect(times.size).toBe(20_000)
    expect(times.take(1)).toEqual([[0, 2]])
  })
})
