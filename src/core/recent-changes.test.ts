import { describe, expect, test } from 'vitest'
import { RecentChanges } from './recent-changes.ts'

describe('RecentChanges', () => {
  test('knows which keys have changed since a mark, and no others', () => {
    const changes = new RecentChanges()
    changes.add('before')
    const { mark } = changes
    changes.add('since')
    expect(changes.touched('before', mark)).toBe(false)
    expect(changes.touched('since', mark)).toBe(true)
    expect(changes.touched('never', mark)).toBe(false)
    expect(changes.touched('since', changes.mark)).toBe(false)
  })

  test('a change of which nobody knows the key is one of every key', () => {
    const changes = new RecentChanges()
    const { mark } = changes
    changes.add(undefined)
    expect(changes.touched('any', mark)).toBe(true)
    expect(changes.touched('any', changes.mark)).toBe(false)
  })

  test('beyond its bound, every key counts as changed', () => {
    const changes = new RecentChanges()
    const { mark } = changes
    for (let turn = 0; turn < 256; turn += 1) changes.add(turn)
    expect(changes.touched('any', mark)).toBe(false)
    expect(changes.touched(0, mark)).toBe(true)
    changes.add('one more')
    expect(changes.touched('any', mark)).toBe(true)
    expect(changes.touched('any', mark + 1)).toBe(false)
  })

  test('keys of different types are different keys', () => {
    const changes = new RecentChanges()
    changes.add(1)
    expect(changes.touched('1', 0)).toBe(false)
    expect(changes.touched(1n, 0)).toBe(false)
    expect(changes.touched(1, 0)).toBe(true)
  })
})
