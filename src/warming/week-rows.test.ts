import { describe, expect, test } from 'vitest'
import { WeekRows } from './week-rows.ts'

function setup() {
  const rows = new WeekRows<string>(2)
  const place = rows.open('a', 1000) ?? -1
  return { rows, place }
}

describe('rows of a week', () => {
  test('keep each hour of the week by itself', () => {
    const { rows, place } = setup()
    for (let hour = 1000; hour < 1168; hour += 1) rows.record(place, hour, hour - 1000)
    expect(rows.cell(place, 1005)).toBe(5)
    expect(rows.cell(place, 1005 + 168)).toBe(5)
    expect(rows.cell(place, 1167)).toBe(167)
  })

  test('mix an hour with the same of the weeks before, but not with a week before they were', () => {
    const { rows, place } = setup()
    rows.record(place, 1000, 10)
    expect(rows.cell(place, 1000)).toBe(10)
    rows.record(place, 1168, 20)
    expect(rows.cell(place, 1168)).toBe(16)
  })

  test('remember the last two hours as they were', () => {
    const { rows, place } = setup()
    rows.turn()
    rows.record(place, 1168, 10)
    rows.turn()
    rows.record(place, 1169, 20)
    expect([rows.last(place), rows.beforeLast(place)]).toEqual([20, 10])
    rows.turn()
    expect([rows.last(place), rows.beforeLast(place)]).toEqual([0, 20])
  })

  test('have no more rows than room, and give a closed one on empty', () => {
    const { rows, place } = setup()
    expect(rows.open('b', 1000)).not.toBeUndefined()
    expect(rows.open('c', 1000)).toBeUndefined()
    rows.record(place, 1000, 10)
    rows.close('a')
    rows.close('a')
    expect(rows.size).toBe(1)
    expect(rows.open('c', 1001)).toBe(place)
    expect(rows.cell(place, 1000)).toBe(0)
    expect(rows.last(place)).toBe(0)
    expect(rows.place('a')).toBeUndefined()
  })

  test('hold counts that are too large at the largest they can', () => {
    const { rows, place } = setup()
    rows.record(place, 1000, 1e6)
    expect(rows.cell(place, 1000)).toBeCloseTo(4095.9, 1)
  })

  test('put a week back as it was, wherever in the week it ends', () => {
    for (const end of [1000, 1007, 1008, 1175]) {
      const rows = new WeekRows<string>(1)
      const place = rows.open('a', end) ?? -1
      for (let hour = end - 167; hour <= end; hour += 1) rows.record(place, hour, hour - end + 168)
      const week = rows.week(place, end, new Uint16Array(168))
      expect([...week]).toEqual(Array.from({ length: 168 }, (_, at) => 16 * (at + 1)))
      const other = new WeekRows<string>(1)
      const copy = other.open('a', 0) ?? -1
      other.restoreWeek(copy, end, week)
      for (let hour = end - 167; hour <= end; hour += 1) {
        expect(other.cell(copy, hour)).toBe(rows.cell(place, hour))
      }
    }
  })
})
