import { describe, expect, test } from 'vitest'
import { encodeKey } from '../keys/key-encoding.ts'
import { PatternNumbers } from './pattern-numbers.ts'

const glob = (pattern: string, collection = '', active = true) =>
  ({ kind: 'pattern', collection, pattern, active }) as const

describe('the numbers of patterns', () => {
  test('touch older values of keys that match, in their own collection', () => {
    const patterns = new PatternNumbers()
    patterns.raise(glob('page:*', 'shop'), 5, 0)
    expect(patterns.touchedSince(4, encodeKey('shop', 'page:1'))).toBe(true)
    expect(patterns.touchedSince(5, encodeKey('shop', 'page:1'))).toBe(false)
    expect(patterns.touchedSince(4, encodeKey('shop', 'product:1'))).toBe(false)
    expect(patterns.touchedSince(4, encodeKey('other', 'page:1'))).toBe(false)
    expect(patterns.touchedSince(4, encodeKey('', 'page:1'))).toBe(false)
  })

  test('match the key as its user wrote it, of whatever type', () => {
    const patterns = new PatternNumbers()
    patterns.raise(glob('1?'), 5, 0)
    expect(patterns.touchedSince(4, encodeKey('', 12))).toBe(true)
    expect(patterns.touchedSince(4, encodeKey('', 12n))).toBe(true)
    expect(patterns.touchedSince(4, encodeKey('', '12'))).toBe(true)
    expect(patterns.touchedSince(4, encodeKey('', '1'))).toBe(false)
  })

  test('leave a value be that is younger than those of them that match it', () => {
    const patterns = new PatternNumbers()
    patterns.raise(glob('a*'), 5, 0)
    patterns.raise(glob('b*'), 6, 0)
    expect(patterns.touchedSince(5, encodeKey('', 'a'))).toBe(false)
    expect(patterns.touchedSince(5, encodeKey('', 'b'))).toBe(true)
  })

  test('rise when the same pattern is removed again', () => {
    const patterns = new PatternNumbers()
    expect(patterns.raise(glob('*', '', false), 5, 0)).toBe(true)
    expect(patterns.raise(glob('*'), 4, 0)).toBe(false)
    expect(patterns.raise(glob('*'), 9, 100)).toBe(true)
    expect(patterns.touchedSince(8, encodeKey('', 'k'))).toBe(true)
    expect(patterns.activeSince(101)).toBe(9)
  })

  test('tell the oldest that is active for too long, until it has ended', () => {
    const patterns = new PatternNumbers()
    patterns.raise(glob('a*'), 5, 100)
    patterns.raise(glob('b*'), 6, 200)
    expect([patterns.activeSince(100), patterns.activeSince(101)]).toEqual([undefined, 5])
    patterns.ended(5)
    expect([patterns.activeSince(200), patterns.activeSince(201)]).toEqual([undefined, 6])
    patterns.raise(glob('b*', '', false), 6, 300)
    patterns.raise(glob('b*', '', true), 6, 300)
    expect(patterns.activeSince(1_000)).toBe(undefined)
    expect(patterns.touchedSince(5, encodeKey('', 'b'))).toBe(true)
  })

  test('beyond a hundred give up the oldest, and remember up to where', () => {
    const patterns = new PatternNumbers()
    for (let at = 1; at <= 101; at += 1) patterns.raise(glob(`k${at}`), at, 0)
    expect(patterns.forgotten).toBe(1)
    expect(patterns.touchedSince(0, encodeKey('', 'k1'))).toBe(false)
    expect(patterns.touchedSince(1, encodeKey('', 'k2'))).toBe(true)
  })

  test('under a floor are dropped, but for those that are still to be swept', () => {
    const patterns = new PatternNumbers()
    patterns.raise(glob('a*', '', false), 5, 0)
    patterns.raise(glob('b*'), 6, 0)
    patterns.dropThrough(6)
    expect(patterns.touchedSince(0, encodeKey('', 'a'))).toBe(false)
    expect(patterns.activeSince(1)).toBe(6)
  })

  test('that cannot be read here match every key of their collection', () => {
    const patterns = new PatternNumbers()
    patterns.raise(glob('[a'), 5, 0)
    expect(patterns.touchedSince(4, encodeKey('', 'k'))).toBe(true)
  })
})
