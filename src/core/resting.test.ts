import { describe, expect, test } from 'vitest'
import { Resting } from './resting.ts'

describe('a key whose load has failed', () => {
  test('rests for ten to twelve seconds, by chance', () => {
    const resting = new Resting()
    resting.begin('least', 0, 0)
    resting.begin('most', 0, 1)
    expect([resting.rests('least', 9_999), resting.rests('least', 10_000)]).toEqual([true, false])
    expect([resting.rests('most', 11_999), resting.rests('most', 12_000)]).toEqual([true, false])
    expect(resting.rests('nobody', 0)).toBe(false)
  })

  test('rests no more once it has been loaded, and anew when it fails again', () => {
    const resting = new Resting()
    resting.begin('a', 0, 0)
    resting.end('a')
    expect(resting.rests('a', 1)).toBe(false)
    resting.begin('a', 0, 0)
    resting.begin('a', 5_000, 0)
    expect(resting.rests('a', 14_999)).toBe(true)
  })

  test('is forgotten and simply tried again when 10,000 others have failed after it', () => {
    const resting = new Resting()
    for (let key = 0; key < 10_000; key += 1) resting.begin(key, 0, 0)
    resting.begin(0, 1, 0)
    resting.begin(10_000, 1, 0)
    expect(resting.rests(1, 1)).toBe(false)
    expect([0, 2, 10_000].map((key) => resting.rests(key, 1))).toEqual([true, true, true])
  })
})
