import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../testing/seeded-random.ts'
import { aheadFrom, isDueAhead } from './ahead-window.ts'

const BY_SHARE = { after: 0.8, beta: 0 }
const BY_CHANCE = { after: 1, beta: 1 }

describe('an entry', () => {
  test('is due after its share of the life', () => {
    const entry = { freshUntil: 10_000, ttlMs: 10_000, loadMs: 300 }
    expect(aheadFrom(entry, BY_SHARE)).toBe(8_000)
    const due = (now: number): boolean => isDueAhead(entry, BY_SHARE, { now, chance: 0.999 })
    expect([due(7_999), due(8_000)]).toEqual([false, true])
  })

  test('is never due where it has no end, or nothing is asked for', () => {
    const endless = { freshUntil: Infinity, ttlMs: Infinity, loadMs: 300 }
    expect(aheadFrom(endless, BY_SHARE)).toBe(Infinity)
    expect(aheadFrom({ freshUntil: 1, ttlMs: 1, loadMs: 1 }, undefined)).toBe(Infinity)
  })

  test('is due by chance in the last half of its life at most', () => {
    const entry = { freshUntil: 10_000, ttlMs: 10_000, loadMs: 60_000 }
    expect(aheadFrom(entry, BY_CHANCE)).toBe(5_000)
    const due = (now: number): boolean => isDueAhead(entry, BY_CHANCE, { now, chance: 0.9 })
    expect([due(4_999), due(5_000)]).toEqual([false, true])
  })

  test('that was never loaded is not due by chance', () => {
    const entry = { freshUntil: 10_000, ttlMs: 10_000, loadMs: undefined }
    expect(aheadFrom(entry, BY_CHANCE)).toBe(10_000)
    expect(isDueAhead(entry, BY_CHANCE, { now: 9_999, chance: 0.999 })).toBe(false)
  })
})

describe('chance', () => {
  test.each([
    [1, 0.368],
    [2, 0.135],
    [3, 0.05],
  ])('finds a read %i load times before the end due as the formula says', (loads, share) => {
    const random = new SeededRandom(7)
    const entry = { freshUntil: 100_000, ttlMs: 100_000, loadMs: 300 }
    const now = entry.freshUntil - loads * 300
    const reads = 100_000
    let due = 0
    for (let read = 0; read < reads; read += 1) {
      if (isDueAhead(entry, BY_CHANCE, { now, chance: random.next() })) due += 1
    }
    expect(due / reads).toBeCloseTo(share, 2)
  })

  // guarantees of the method, by simulation and theory: reads a second, load time in seconds, beta.
  test.each([
    [1000, 0.3, 1, 2.72, 1.88],
    [1000, 0.3, 2, 1.65, 4.18],
    [1000, 0.3, 0.5, 7.39, 0.84],
    [10_000, 0.3, 1, 2.72, 2.58],
    [1000, 2, 1, 2.72, 16.4],
  ])(
    'brings as many loads a life as theory says: %i/s, %d s, beta %d',
    (rate, seconds, beta, loads, lead) => {
      const random = new SeededRandom(11)
      const loadMs = seconds * 1000
      const plan = { after: 1, beta }
      const lives = 400
      let triggers = 0
      let leads = 0
      for (let life = 0; life < lives; life += 1) {
        const entry = { freshUntil: 60_000, ttlMs: 60_000, loadMs }
        let first: number | undefined
        let now = aheadFrom(entry, plan)
        // Poisson reads, until the load that the first of them began has ended.
        for (;;) {
          now -= (Math.log(1 - random.next()) * 1000) / rate
          if (now >= entry.freshUntil || (first !== undefined && now >= first + loadMs)) break
          if (!isDueAhead(entry, plan, { now, chance: random.next() })) continue
          triggers += 1
          if (first === undefined) {
            first = now
            leads += entry.freshUntil - now
          }
        }
      }
      expect(triggers / lives / loads).toBeGreaterThan(0.9)
      expect(triggers / lives / loads).toBeLessThan(1.1)
      expect(leads / lives / 1000 / lead).toBeGreaterThan(0.95)
      expect(leads / lives / 1000 / lead).toBeLessThan(1.05)
    },
  )
})
