import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../testing/seeded-random.ts'
import { HeavyHitters } from './heavy-hitters.ts'

/** Keys whose rank r is read with a chance proportional to 1 / (r + 1)^`skew`. */
function zipfTrace({ seed = 1, keys = 5000, skew = 1, reads = 100_000 }): string[] {
  const random = new SeededRandom(seed)
  const upTo: number[] = []
  let total = 0
  for (let rank = 0; rank < keys; rank += 1) {
    total += (rank + 1) ** -skew
    upTo.push(total)
  }
  return Array.from({ length: reads }, () => {
    const sought = random.next() * total
    let low = 0
    let high = keys - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((upTo[middle] ?? 0) > sought) high = middle
      else low = middle + 1
    }
    return `key:${low}`
  })
}

function exactCounts(trace: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const key of trace) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}

function counted(trace: readonly string[], keys: number): HeavyHitters<string> {
  const hitters = new HeavyHitters<string>({ keys })
  for (const key of trace) hitters.count(key)
  return hitters
}

describe('heavy hitters', () => {
  test('count exactly as long as there is room', () => {
    const trace = zipfTrace({ keys: 200, reads: 5000 })
    const hitters = counted(trace, 201)
    const exact = exactCounts(trace)
    for (const [key, reads] of exact) expect(hitters.reads(key)).toBe(reads)
    expect(hitters.floor).toBe(0)
    expect(hitters.total).toBe(5000)
    expect(hitters.reads('never')).toBe(0)
  })

  test('never count too low, and miss no key above the floor, on any Zipf trace', () => {
    const traces = fc.record({
      seed: fc.integer(),
      keys: fc.integer({ min: 1, max: 3000 }),
      skew: fc.double({ min: 0, max: 1.5, noNaN: true }),
      reads: fc.integer({ min: 1, max: 8000 }),
      room: fc.integer({ min: 1, max: 300 }),
    })
    fc.assert(
      fc.property(traces, ({ room, ...options }) => {
        const trace = zipfTrace(options)
        const hitters = counted(trace, room)
        const named = new Set(hitters.hottest().map(({ key }) => key))
        expect(hitters.size).toBeLessThanOrEqual(room)
        for (const [key, reads] of exactCounts(trace)) {
          expect(hitters.reads(key)).toBeGreaterThanOrEqual(reads * (1 - 1e-5))
          if (reads > hitters.floor * (1 + 1e-5)) expect(named).toContain(key)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('count too high by more than the bound of the sketch for few keys only', () => {
    for (const skew of [0.6, 0.9, 1.2]) {
      const trace = zipfTrace({ skew, keys: 20_000 })
      const hitters = new HeavyHitters<string>({ keys: 100, sketchWidth: 1024 })
      for (const key of trace) hitters.count(key)
      const bound = (Math.E * trace.length) / 1024
      const exact = [...exactCounts(trace)]
      const beyond = exact.filter(([key, reads]) => hitters.reads(key) > reads + bound)
      expect(beyond.length / exact.length).toBeLessThan(0.02)
    }
  })

  test('name the hottest keys of a Zipf trace in their order', () => {
    const trace = zipfTrace({ skew: 1, keys: 50_000, reads: 200_000 })
    const hitters = counted(trace, 500)
    const exact = [...exactCounts(trace)].sort(([, a], [, b]) => b - a).slice(0, 100)
    const hottest = hitters.hottest(100)
    const named = new Set(hottest.map(({ key }) => key))
    expect(exact.filter(([key]) => named.has(key)).length).toBeGreaterThanOrEqual(95)
    expect(hottest[0]).toEqual({ key: exact[0]?.[0], reads: exact[0]?.[1] })
    for (const [place, { reads }] of hottest.slice(1).entries()) {
      expect(reads).toBeLessThanOrEqual(hottest[place]?.reads ?? 0)
    }
  })

  test('a key that is read n times in each span comes to about n, and fades when it is not read', () => {
    const hitters = new HeavyHitters<string>({ keys: 10, spanMs: 60_000 })
    for (let second = 0; second < 600; second += 1) {
      hitters.age(second * 1000)
      hitters.count('steady', 2)
    }
    expect(hitters.reads('steady')).toBeCloseTo(120, -1)
    hitters.age(599_000 + 60_000)
    expect(hitters.reads('steady')).toBeCloseTo(120 / Math.E, -1)
  })

  test('ageing keeps the order and the floor over any number of rescalings', () => {
    const random = new SeededRandom(3)
    const hitters = new HeavyHitters<number>({ keys: 50, spanMs: 1000 })
    const exact = new Map<number, number>()
    for (let ms = 0; ms < 60_000; ms += 10) {
      hitters.age(ms)
      for (const [key, reads] of exact) exact.set(key, reads * Math.exp(-0.01))
      const key = Math.floor(300 * random.next() ** 3)
      hitters.count(key)
      exact.set(key, (exact.get(key) ?? 0) + 1)
    }
    const named = new Set(hitters.hottest().map(({ key }) => key))
    for (const [key, reads] of exact) {
      expect(hitters.reads(key)).toBeGreaterThanOrEqual(reads - 1e-3)
      if (reads > hitters.floor + 1e-3) expect(named).toContain(key)
    }
  })

  test('a clock that stands or goes back ages nothing, and a long absence leaves nothing', () => {
    const hitters = new HeavyHitters<string>({ keys: 4, spanMs: 1000 })
    hitters.age(5000)
    hitters.count('a')
    hitters.age(5000)
    hitters.age(4000)
    expect(hitters.reads('a')).toBe(1)
    hitters.age(1_000_000)
    expect(hitters.size).toBe(0)
  })

  test('keys of all types are kept apart, and overlong ones are not kept', () => {
    const hitters = new HeavyHitters<string | number | bigint>({ keys: 4 })
    for (const key of [1, '1', 1n, 1]) hitters.count(key)
    hitters.count('x'.repeat(513))
    expect(hitters.hottest()).toEqual([
      { key: 1, reads: 2 },
      { key: '1', reads: 1 },
      { key: 1n, reads: 1 },
    ])
    expect(hitters.total).toBe(4)
  })

  test('a cleared one is like a new one', () => {
    const trace = zipfTrace({ keys: 500, reads: 3000 })
    const hitters = counted(trace, 50)
    hitters.clear()
    expect(hitters.size).toBe(0)
    expect(hitters.reads('key:0')).toBe(0)
    for (const key of trace) hitters.count(key)
    expect(hitters.hottest()).toEqual(counted(trace, 50).hottest())
  })

  test('hold the bytes they state, however many keys there are', () => {
    const hitters = new HeavyHitters<string>({ keys: 1024 })
    const before = hitters.sizeBytes
    expect(before).toBe(1024 * 152 + 8192 * 16)
    for (let key = 0; key < 100_000; key += 1) hitters.count(`key:${key}`)
    expect(hitters.size).toBe(1024)
    expect(hitters.sizeBytes).toBe(before)
  })
})
