import { describe, expect, test } from 'vitest'
import { TagNumbers } from './tag-numbers.ts'

describe('the numbers of tags', () => {
  test('make values with a removed tag and an older stamp gone', () => {
    const tags = new TagNumbers()
    tags.raise('a', 5, 'delete')
    expect(tags.judge(4, ['x', 'a'])).toBe('gone')
    expect(tags.judge(5, ['a'])).toBe('stands')
    expect(tags.judge(4, ['x'])).toBe('stands')
    expect(tags.judge(4, [])).toBe('stands')
  })

  test('make values with an expired tag expired, unless another of theirs is gone', () => {
    const tags = new TagNumbers()
    tags.raise('a', 5, 'expire')
    expect(tags.judge(4, ['a', 'b'])).toBe('expired')
    expect(tags.judge(5, ['a'])).toBe('stands')
    tags.raise('b', 6, 'delete')
    expect(tags.judge(4, ['a', 'b'])).toBe('gone')
    expect(tags.judge(4, ['b', 'a'])).toBe('gone')
  })

  test('make values with all tags of a set gone', () => {
    const tags = new TagNumbers()
    expect(tags.raiseSet(['a', 'b'], 5)).toBe(true)
    expect(tags.raiseSet(['b', 'a'], 5)).toBe(false)
    expect(tags.judge(4, ['a', 'b'])).toBe('gone')
    expect(tags.judge(4, ['a', 'c'])).toBe('stands')
  })

  test('below the floor leave nothing with tags, and everything without', () => {
    const tags = new TagNumbers()
    expect(tags.raiseFloor(5)).toBe(true)
    expect(tags.raiseFloor(4)).toBe(false)
    expect(tags.judge(4, ['whatever'])).toBe('gone')
    expect(tags.judge(4, [])).toBe('stands')
    expect(tags.judge(5, ['whatever'])).toBe('stands')
  })

  test('that are forgotten beyond ten thousand make every older value with tags gone', () => {
    const tags = new TagNumbers()
    for (let at = 1; at <= 10_001; at += 1) tags.raise(`t${at}`, at, 'delete')
    expect(tags.judge(0, ['unheard of'])).toBe('gone')
    expect(tags.judge(1, ['unheard of'])).toBe('stands')
    expect(tags.judge(1, ['t2'])).toBe('gone')
  })

  test('of the oldest set, once forgotten, make values with its first tag gone', () => {
    const tags = new TagNumbers()
    for (let at = 1; at <= 1001; at += 1) tags.raiseSet([`t${at}`, 'b'], at)
    expect(tags.judge(0, ['t1'])).toBe('gone')
    expect(tags.judge(0, ['t2'])).toBe('stands')
    expect(tags.judge(0, ['t2', 'b'])).toBe('gone')
  })
})
