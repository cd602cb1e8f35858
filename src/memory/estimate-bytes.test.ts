import { describe, expect, test } from 'vitest'
import { estimateBytes } from './estimate-bytes.ts'

describe('estimateBytes', () => {
  test('Latin text takes a byte a character, other text two', () => {
    expect(estimateBytes('a'.repeat(1_000))).toBe(1_016)
    expect(estimateBytes('é'.repeat(1_000))).toBe(1_016)
    expect(estimateBytes('語'.repeat(1_000))).toBe(2_016)
  })

  test('values without a cell of their own take nothing', () => {
    for (const value of [undefined, null, true, 7, -1]) expect(estimateBytes(value)).toBe(0)
    for (const value of [0.5, 2 ** 40, 10n]) expect(estimateBytes(value)).toBeGreaterThan(0)
  })

  test('a larger bigint takes more', () => {
    expect(estimateBytes(2n ** 4_000n)).toBeGreaterThan(500)
  })

  test('bytes in buffers count once, as many as there are', () => {
    expect(estimateBytes(new Uint8Array(10_000))).toBeGreaterThan(10_000)
    expect(estimateBytes(new Uint8Array(10_000))).toBeLessThan(10_500)
    expect(estimateBytes(new ArrayBuffer(10_000))).toBeGreaterThan(10_000)
  })

  test('an object that stands in two places counts once', () => {
    const shared = { text: 'x'.repeat(10_000) }
    expect(estimateBytes([shared, shared])).toBeLessThan(11_000)
  })

  test('cycles and deep nesting end', () => {
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    expect(estimateBytes(cycle)).toBeLessThan(100)
    let deep: unknown = 'end'
    for (let depth = 0; depth < 100_000; depth += 1) deep = [deep]
    expect(estimateBytes(deep)).toBeGreaterThan(1_000)
  })

  test('of a large array a sample stands for all', () => {
    const rows = Array.from({ length: 100_000 }, (_, id) => ({ id, name: `name ${id % 10}` }))
    const one = estimateBytes(rows[0])
    expect(estimateBytes(rows) / (100_000 * (one + 8))).toBeCloseTo(1, 1)
  })

  test('of maps and sets the members count', () => {
    const text = 'x'.repeat(1_000)
    expect(estimateBytes(new Map([[`${text}a`, `${text}b`]]))).toBeGreaterThan(2_000)
    const set = new Set(Array.from({ length: 1_000 }, (_, at) => `${text}${at}`))
    expect(estimateBytes(set)).toBeGreaterThan(1_000_000)
    expect(estimateBytes(set)).toBeLessThan(1_200_000)
  })

  test('getters are not called', () => {
    const value = {
      get loud(): string {
        throw new Error('called')
      },
    }
    expect(estimateBytes(value)).toBe(32)
  })

  test('a date and a value nested in many small objects are counted', () => {
    expect(estimateBytes(new Date())).toBeGreaterThan(50)
    const wide = Array.from({ length: 60 }, () => Array.from({ length: 60 }, () => 'x'.repeat(100)))
    expect(estimateBytes(wide) / (3_600 * 128)).toBeCloseTo(1, 1)
  })
})
