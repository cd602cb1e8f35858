import { describe, expect, test } from 'vitest'
import { CoverList } from './cover-list.ts'

describe('the list of what is outdated since when', () => {
  test('a version is outdated from the first end that covers a later one', () => {
    const covers = new CoverList()
    covers.add({ at: 300, index: 3 })
    covers.add({ at: 100, index: 1 })
    covers.add({ at: 200, index: 2 })
    expect(covers.firstAbove(0)?.at).toBe(100)
    expect(covers.firstAbove(1)?.at).toBe(200)
    expect(covers.firstAbove(2)?.at).toBe(300)
    expect(covers.firstAbove(3)).toBeUndefined()
  })

  test('an end that is told after a later version has been covered adds nothing', () => {
    const covers = new CoverList()
    covers.add({ at: 100, index: 2 })
    covers.add({ at: 200, index: 1 })
    expect(covers.firstAbove(0)?.at).toBe(100)
    expect(covers.firstAbove(1)?.at).toBe(100)
    expect(covers.firstAbove(2)).toBeUndefined()
  })
})
