import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../testing/seeded-random.ts'
import { leftToOthers } from './left-to-others.ts'

describe('a write that only another release can read', () => {
  test('is queued again for it, for the time of a rolling upgrade', () => {
    const random = new SeededRandom(7)
    let waitedMs = 0
    let attempts = 0
    for (; ; attempts += 1) {
      const outcome = leftToOthers({ attempts }, random)
      if (outcome.kind !== 'retry') break
      waitedMs += outcome.delayMs
    }
    expect(attempts).toBe(99)
    expect(waitedMs).toBeGreaterThan(15 * 60_000)
    expect(waitedMs).toBeLessThan(45 * 60_000)
    expect(leftToOthers({ attempts }, random)).toMatchObject({ kind: 'dead' })
  })
})
