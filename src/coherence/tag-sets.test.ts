import { describe, expect, test } from 'vitest'
import { TagSets } from './tag-sets.ts'

describe('removals of entries with all of several tags', () => {
  test('touch values that carry every one of them, in any order, and no others', () => {
    const sets = new TagSets()
    sets.raise(['a', 'b'], 5)
    expect(sets.removedSince(4, ['b', 'x', 'a'])).toBe(true)
    expect(sets.removedSince(4, ['a'])).toBe(false)
    expect(sets.removedSince(4, ['b', 'c'])).toBe(false)
    expect(sets.removedSince(5, ['a', 'b'])).toBe(false)
  })

  test('are one for the same tags in another order', () => {
    const sets = new TagSets()
    sets.raise(['a', 'b'], 5)
    sets.raise(['b', 'a'], 9)
    expect([sets.size, sets.numberOf(['a', 'b'])]).toEqual([1, 9])
    expect(sets.removedSince(8, ['a', 'b'])).toBe(true)
  })

  test('beyond a thousand give up the oldest, which is answered as one tag', () => {
    const sets = new TagSets()
    for (let at = 1; at <= 1000; at += 1) expect(sets.raise([`t${at}`, 'b'], at)).toBe(undefined)
    expect(sets.raise(['new', 'b'], 1001)).toEqual({ tag: 't1', number: 1 })
    expect([sets.size, sets.numberOf(['t1', 'b'])]).toEqual([1000, 0])
    expect(sets.removedSince(0, ['t1', 'b'])).toBe(false)
  })
})
