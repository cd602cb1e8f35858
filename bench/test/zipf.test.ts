import { describe, expect, test } from 'vitest'
import { seededRandom } from '../src/traces/seeded-random.ts'
import { zipfRanks } from '../src/traces/zipf-ranks.ts'
import { zipfTrace } from '../src/traces/zipf-trace.ts'

const draws = 200_000

/** How often each rank came, of many draws. */
function setup({ count, skew }: { count: number; skew: number }) {
  const draw = zipfRanks(count, skew, seededRandom(7))
  const drawn = new Array<number>(count).fill(0)
  for (let i = 0; i < draws; i += 1) {
    const rank = draw()
    drawn[rank] = (drawn[rank] ?? Number.NaN) + 1
  }
  return { drawn }
}

describe('zipfRanks', () => {
  test('draws each rank as often as Zipf has it', () => {
    const { drawn } = setup({ count: 100, skew: 0.9 })
    const total = drawn.reduce((sum, _, rank) => sum + (rank + 1) ** -0.9, 0)
    for (const rank of [0, 1, 4, 19, 99]) {
      const expected = (draws * (rank + 1) ** -0.9) / total
      // Five standard deviations: a wrong law is off by far more, chance practically never.
      expect(Math.abs((drawn[rank] ?? 0) - expected)).toBeLessThan(5 * Math.sqrt(expected))
    }
  })

  test('is uniform without skew', () => {
    const { drawn } = setup({ count: 50, skew: 0 })
    const expected = draws / 50
    for (const times of drawn) {
      expect(Math.abs(times - expected)).toBeLessThan(5 * Math.sqrt(expected))
    }
  })
})

describe('zipfTrace', () => {
  const keysOf = async (seed: number, requests = 5000): Promise<string[]> => {
    const keys: string[] = []
    const options = { requests, keys: 1000, skew: 1, seed }
    for await (const batch of zipfTrace(options)) keys.push(...batch)
    return keys
  }

  test('has exactly the requests that were asked for', async () => {
    expect(await keysOf(1, 4097)).toHaveLength(4097)
  })

  test('is the same for the same seed and another for another', async () => {
    expect(await keysOf(1)).toEqual(await keysOf(1))
    expect(await keysOf(1)).not.toEqual(await keysOf(2))
  })
})
