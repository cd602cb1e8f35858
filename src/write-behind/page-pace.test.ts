import { describe, expect, test } from 'vitest'
import { PagePace } from './page-pace.ts'

function paceAfter(
  batch: number,
  ...calls: readonly (readonly [elapsedMs: number, calls: number])[]
) {
  const pace = new PagePace(batch)
  for (const [elapsedMs, count] of calls) pace.took(elapsedMs, count)
  return pace.batches
}

describe('the batches that are taken at once', () => {
  test('are one before anything is known of the store', () => {
    expect(paceAfter(100)).toBe(1)
  })

  test('are several where the store is quick, of 300 records at most', () => {
    expect(paceAfter(100, [5, 1])).toBe(3)
    expect(paceAfter(100, [0, 1])).toBe(3)
    expect(paceAfter(250, [5, 1])).toBe(1)
    expect(paceAfter(1, [5, 1])).toBe(4)
  })

  test('are so many as the store takes within a tenth of a second, and one at least', () => {
    expect(paceAfter(100, [90, 2])).toBe(2)
    expect(paceAfter(100, [5, 1], [600, 3])).toBe(1)
    expect(paceAfter(100, [600, 1], [60, 1], [5, 1])).toBe(3)
  })
})
