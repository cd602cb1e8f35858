import { describe, expect, test } from 'vitest'
import { SettledNumber } from './settled-number.ts'

describe('a settled number', () => {
  test('is one that was heard of more than half a second ago', () => {
    const settled = new SettledNumber()
    settled.heard(5, 1_000)
    expect([settled.above(4, 1_500), settled.above(4, 1_501), settled.above(5, 9_000)]).toEqual([
      false,
      true,
      false,
    ])
  })

  test('comes at most a tenth of a second early under a steady stream, and never late', () => {
    const settled = new SettledNumber()
    for (let now = 1; now <= 5_000; now += 1) {
      // The number `n` is heard of at the time `n`.
      settled.heard(now, now)
      if (now > 502) expect(settled.above(now - 502, now), `late at ${now}`).toBe(true)
      if (now > 400) expect(settled.above(now - 400, now), `early at ${now}`).toBe(false)
    }
  })
})
