import { describe, expect, test } from 'vitest'
import { type FoundChange, FoundChanges, type Untold } from './found-changes.ts'

const bucket = (number: number): FoundChange => ({ kind: 'bucket', bucket: number, number })
const between = (above: number, upTo: number, withinMs = 0) => ({
  above,
  upTo,
  withinMs,
  changes: Array.from({ length: upTo - above }, (_, at) => bucket(above + at + 1)),
})
const numbers = ({ changes }: Untold): number[] => changes.map(({ number }) => number)

describe('what follows have found', () => {
  test('counts when no hint has told it for a second', () => {
    const found = new FoundChanges()
    found.found(between(10, 13), 0)
    expect([numbers(found.settle(999, 13)), found.gaps]).toEqual([[], 0])
    found.found(between(13, 14), 999)
    expect(numbers(found.settle(1_000, 14))).toEqual([11, 12, 13])
    expect([found.gaps, found.settle(1_998, 14).changes.length]).toEqual([3, 0])
    expect(numbers(found.settle(1_999, 14))).toEqual([14])
    expect(found.gaps).toBe(4)
  })

  test('leaves out what hints tell that come late, each of which is news once', () => {
    const found = new FoundChanges()
    found.found(between(10, 15), 0)
    const told = (first: number, last: number): boolean => found.told({ first, last }, 15)
    expect([told(9, 12), told(15, 15), told(15, 15), told(3, 4)]).toEqual([
      true,
      true,
      false,
      false,
    ])
    expect(numbers(found.settle(1_000, 15))).toEqual([13, 14])
    expect(found.gaps).toBe(2)
    expect(told(13, 13)).toBe(false)
  })

  test('leaves out what a hint told that had come before its predecessor', () => {
    const found = new FoundChanges()
    expect(found.told({ first: 12, last: 12 }, 10)).toBe(true)
    found.found(between(10, 12), 0)
    expect(numbers(found.settle(1_000, 12))).toEqual([11])
    expect(found.gaps).toBe(1)
  })

  test('leaves out what this process knows to have changed, though its hint is a gap', () => {
    const found = new FoundChanges()
    found.made(11, 10)
    found.made(9, 10)
    found.found(between(10, 13), 0)
    found.made(13, 13)
    expect(numbers(found.settle(1_000, 13))).toEqual([12])
    expect(found.gaps).toBe(3)
  })

  test('counts at once when numbers begin anew, and forgets who told what', () => {
    const found = new FoundChanges()
    found.found(between(10, 12), 0)
    found.told({ first: 20, last: 20 }, 12)
    found.made(21, 12)
    expect(numbers(found.renew())).toEqual([11, 12])
    found.found(between(19, 21), 0)
    expect(numbers(found.settle(1_000, 21))).toEqual([20, 21])
  })

  test('says of each follow that found something how long ago that was at most', () => {
    const found = new FoundChanges()
    found.found(between(10, 12, 300), 0)
    found.found(between(12, 14, 40), 10)
    found.found(between(14, 15, 70), 20)
    found.made(15, 14)
    found.told({ first: 12, last: 12 }, 15)
    expect(found.settle(1_020, 15).withinMs).toEqual([300, 40])
  })

  test('counts at once what nobody asks for', () => {
    const found = new FoundChanges()
    found.skipped(4)
    expect(found.gaps).toBe(4)
  })

  test('keeps no more than ten thousand waiting', () => {
    const found = new FoundChanges()
    for (let above = 0; above < 12_000; above += 4_000) {
      found.found(between(above, above + 4_000), 0)
    }
    expect(found.settle(0, 12_000).changes).toHaveLength(4_000)
  })
})
