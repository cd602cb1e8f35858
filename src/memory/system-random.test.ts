import { describe, expect, test } from 'vitest'
import { SystemRandom } from './system-random.ts'

describe('SystemRandom', () => {
  test('numbers lie from 0 to 1', () => {
    const random = new SystemRandom()
    for (let i = 0; i < 1_000; i += 1) {
      const number = random.next()
      expect(number).toBeGreaterThanOrEqual(0)
      expect(number).toBeLessThan(1)
    }
  })

  test('identities are letters and digits, of at least 96 bits, and never the same', () => {
    const random = new SystemRandom()
    const ids = Array.from({ length: 1_000 }, () => random.id())
    expect(new Set(ids).size).toBe(1_000)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/)
  })
})
