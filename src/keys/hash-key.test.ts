import { describe, expect, test } from 'vitest'
import { hashKey } from './hash-key.ts'

describe('hashKey', () => {
  test('different keys hash differently, whatever their type', () => {
    const keys = [1, '1', 1n, 0, '', 0.5, -1, 2 ** 40, 2n ** 70n, 'a', 'b', '__proto__', Number.NaN]
    expect(new Set(keys.map((key) => hashKey(key, 0))).size).toBe(keys.length)
  })

  test('the same key hashes differently in another space', () => {
    expect(hashKey('a', 0)).not.toBe(hashKey('a', 1))
  })

  test('keys that a Map takes for one hash alike', () => {
    expect(hashKey(-0, 0)).toBe(hashKey(0, 0))
  })

  test('running numbers spread over the low bits, which choose a bucket', () => {
    const low = new Set<number>()
    for (let key = 0; key < 1_000; key += 1) low.add(hashKey(key, 0) & 1_023)
    expect(low.size).toBeGreaterThan(550)
  })

  test('long keys that differ only at the end differ', () => {
    const long = 'x'.repeat(1_000_000)
    expect(hashKey(`${long}1`, 0)).not.toBe(hashKey(`${long}2`, 0))
  })
})
