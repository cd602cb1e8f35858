import { describe, expect, test } from 'vitest'
import { GapCount } from './gap-count.ts'

describe('the count of gaps', () => {
  test('counts what a follow found, once the next has found more', () => {
    const gaps = new GapCount()
    gaps.found(10, 13)
    expect(gaps.total).toBe(0)
    gaps.found(13, 14)
    expect(gaps.total).toBe(3)
  })

  test('leaves out the numbers whose hints came late', () => {
    const gaps = new GapCount()
    gaps.found(10, 15)
    gaps.late(9, 12)
    gaps.late(15, 15)
    gaps.late(3, 4)
    gaps.renew()
    expect(gaps.total).toBe(2)
  })

  test('counts at once what nobody asks for', () => {
    const gaps = new GapCount()
    gaps.skipped(4)
    expect(gaps.total).toBe(4)
  })
})
