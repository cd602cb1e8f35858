import { describe, expect, test } from 'vitest'
import { FakeClock } from '../testing/fake-clock.ts'
import { InvalidationCounts } from './invalidation-counts.ts'

function setup() {
  const clock = new FakeClock()
  return { clock, counts: new InvalidationCounts(clock) }
}

describe('the counts of invalidations', () => {
  test('are of all, and by whom they were made', () => {
    const { counts } = setup()
    expect(counts.statistics).toEqual({
      total: 0,
      local: 0,
      remote: 0,
      external: 0,
      replayed: 0,
      perSecond: 0,
      latency: undefined,
    })
    counts.add('local', 3)
    counts.add('remote', 4)
    counts.add('remote', 1)
    counts.add('replayed', 2)
    expect(counts.statistics).toMatchObject({ total: 10, local: 3, remote: 5, replayed: 2 })
  })

  test('are told by the second, over the last ten of them', async () => {
    const { clock, counts } = setup()
    for (let second = 0; second < 30; second += 1) {
      counts.add('remote', 5)
      await clock.advance(1_000)
    }
    counts.add('local', 15)
    expect(counts.statistics.perSecond).toBe(6)
    await clock.advance(9_000)
    expect(counts.statistics.perSecond).toBe(1.5)
    await clock.advance(1_000)
    expect(counts.statistics).toMatchObject({ perSecond: 0, total: 165 })
  })

  test('say how long the last thousand own ones took', () => {
    const { counts } = setup()
    counts.took(7)
    expect(counts.statistics.latency).toEqual({ p50Ms: 7, p99Ms: 7 })
    for (let ms = 1; ms <= 1_000; ms += 1) counts.took(ms)
    expect(counts.statistics.latency).toEqual({ p50Ms: 500, p99Ms: 990 })
  })
})
