import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LogHistogram } from './log-histogram.ts'

describe('a histogram', () => {
  test('counts the buckets exactly, each bound in the one above it', () => {
    const histogram = new LogHistogram()
    for (const ms of [0, 0.99, 1, 4.99, 5, 9.99, 10, 49.9, 50, 99.9, 100, 5_000]) histogram.add(ms)
    expect(histogram.figures.buckets).toEqual([2, 2, 2, 2, 2, 2])
    expect(histogram.figures).toMatchObject({ count: 12, maxMs: 5_000 })
  })

  test('has percentiles within 4 % of those of all values', () => {
    const times = fc.array(fc.double({ min: 0.001, max: 1e7, noNaN: true }), { minLength: 1 })
    fc.assert(
      fc.property(times, (all) => {
        const histogram = new LogHistogram()
        for (const ms of all) histogram.add(ms)
        const sorted = all.toSorted((one, other) => one - other)
        const { p50Ms, p95Ms, p99Ms } = histogram.figures
        for (const [share, found] of [
          [0.5, p50Ms],
          [0.95, p95Ms],
          [0.99, p99Ms],
        ] as const) {
          const exact = sorted[Math.ceil(sorted.length * share) - 1] ?? 0
          expect(Math.abs((found ?? 0) - exact) / exact).toBeLessThan(0.04)
        }
      }),
    )
  })

  test('of several put together is that of all values', () => {
    const times = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }))
    fc.assert(
      fc.property(times, times, (some, others) => {
        const [one, other, all] = [new LogHistogram(), new LogHistogram(), new LogHistogram()]
        for (const ms of some) one.add(ms, 3)
        for (const ms of others) other.add(ms)
        for (const ms of some) all.add(ms, 3)
        for (const ms of others) all.add(ms)
        one.merge(other)
        const { sumMs, ...figures } = one.figures
        const { sumMs: allMs, ...expected } = all.figures
        expect(figures).toEqual(expected)
        expect(sumMs).toBeCloseTo(allMs, 3)
      }),
    )
  })

  test('of nothing has no percentile', () => {
    expect(new LogHistogram().figures).toEqual({
      count: 0,
      sumMs: 0,
      buckets: [0, 0, 0, 0, 0, 0],
      p50Ms: null,
      p95Ms: null,
      p99Ms: null,
      maxMs: null,
    })
  })
})
