import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../testing/index.ts'
import { ShareSampler } from './share-sampler.ts'

describe('a share', () => {
  test.each([1, 0.3, 0.1, 0.001])(
    'of %s is never exceeded, and is met in the long run',
    (share) => {
      const sampler = new ShareSampler(share, new SeededRandom(3))
      let drawn = 0
      for (let asked = 1; asked <= 20_000; asked += 1) {
        if (sampler.draws()) drawn += 1
        expect(drawn).toBeLessThanOrEqual(asked * share)
      }
      expect(drawn).toBeGreaterThan(20_000 * share - 3)
    },
  )

  test('meets each of those that come round in turn', () => {
    const sampler = new ShareSampler(0.01, new SeededRandom(3))
    const met = new Set<number>()
    for (let asked = 0; asked < 100_000; asked += 1) if (sampler.draws()) met.add(asked % 100)
    expect(met.size).toBe(100)
  })
})
