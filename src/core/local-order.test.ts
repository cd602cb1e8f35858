import { describe, expect, test } from 'vitest'
import { LocalOrder } from './local-order.ts'

const ANY = { match: 'any', mode: 'delete' } as const
const ALL = { match: 'all', mode: 'delete' } as const
const EXPIRED = { match: 'any', mode: 'expire' } as const

describe('the order of this process', () => {
  test('lets a value stand that was asked for after its tag was removed, and none from before', () => {
    const order = new LocalOrder()
    const before = order.stamp
    order.removeTags(['red', 'blue'], ANY)
    expect(order.stands(before, ['red'])).toBe(false)
    expect(order.stands(before, ['green', 'blue'])).toBe(false)
    expect(order.stands(before, ['green'])).toBe(true)
    expect(order.stands(before, [])).toBe(true)
    expect(order.stands(order.stamp, ['red', 'blue'])).toBe(true)
  })

  test('tells whether any tag was removed since, for values whose tags nobody knows yet', () => {
    const order = new LocalOrder()
    const before = order.stamp
    order.next()
    expect(order.untouched(before)).toBe(true)
    order.removeTags(['red'], ANY)
    expect(order.untouched(before)).toBe(false)
    expect(order.untouched(order.stamp)).toBe(true)
  })

  test('numbers changes upwards', () => {
    const order = new LocalOrder()
    const numbers = [order.next(), order.next()]
    order.removeTags(['red'], ANY)
    numbers.push(order.stamp, order.next())
    expect(numbers).toEqual([1, 2, 3, 4])
  })

  test('remembers 10,000 tags one by one, and of older ones that there were some', () => {
    const order = new LocalOrder()
    order.removeTags(['oldest'], ANY)
    const afterOldest = order.stamp
    order.removeTags(['again'], ANY)
    const afterAgain = order.stamp
    for (let i = 0; i < 9_998; i += 1) order.removeTags([`tag ${i}`], ANY)
    const late = order.stamp
    expect(order.stands(afterOldest, ['unheard of'])).toBe(true)
    // Removed again, it is not among the oldest any more.
    order.removeTags(['again'], ANY)
    order.removeTags(['the one too many'], ANY)
    expect(order.stands(afterOldest - 1, ['unheard of'])).toBe(false)
    expect(order.stands(afterOldest, ['unheard of'])).toBe(true)
    order.removeTags(['and another'], ANY)
    // What is forgotten with `tag 0` may have been a tag of any value from before it.
    expect(order.stands(afterAgain, ['unheard of'])).toBe(false)
    expect(order.stands(afterAgain + 1, ['unheard of'])).toBe(true)
    expect(order.stands(afterAgain, [])).toBe(true)
    expect(order.stands(late, ['again'])).toBe(false)
    expect(order.stands(order.stamp, ['oldest', 'again', 'tag 0'])).toBe(true)
  })

  test('takes more tags in one removal than it remembers', () => {
    const order = new LocalOrder()
    const before = order.stamp
    order.removeTags(
      Array.from({ length: 10_001 }, (_, i) => `tag ${i}`),
      ANY,
    )
    expect(order.stands(before, ['tag 0'])).toBe(false)
    expect(order.stands(order.stamp, ['tag 0'])).toBe(true)
  })

  test('leaves a value in grace whose tag was expired, and none whose tag was removed as well', () => {
    const order = new LocalOrder()
    const before = order.stamp
    order.removeTags(['red'], EXPIRED)
    expect(order.judge(before, ['red', 'green'])).toBe('expired')
    expect(order.stands(before, ['red'])).toBe(false)
    expect(order.judge(before, ['green'])).toBe('stands')
    expect(order.judge(order.stamp, ['red'])).toBe('stands')
    order.removeTags(['red'], ANY)
    expect(order.judge(before, ['red'])).toBe('gone')
  })

  test('does not give grace back to what was removed, when its tag is expired afterwards', () => {
    const order = new LocalOrder()
    const before = order.stamp
    order.removeTags(['red'], ANY)
    const between = order.stamp
    order.removeTags(['red'], EXPIRED)
    expect(order.judge(before, ['red'])).toBe('gone')
    expect(order.judge(between, ['red'])).toBe('expired')
  })

  test('removes what carries all of several tags, and spares what carries some', () => {
    const order = new LocalOrder()
    const before = order.stamp
    order.removeTags(['red', 'blue'], ALL)
    expect(order.judge(before, ['red', 'green', 'blue'])).toBe('gone')
    expect(order.judge(before, ['red', 'green'])).toBe('stands')
    expect(order.judge(before, ['blue'])).toBe('stands')
    expect(order.judge(order.stamp, ['red', 'blue'])).toBe('stands')
    expect(order.untouched(before)).toBe(false)
  })

  test('takes all of one tag for any of it', () => {
    const order = new LocalOrder()
    const before = order.stamp
    order.removeTags(['red'], ALL)
    expect(order.judge(before, ['red', 'blue'])).toBe('gone')
  })

  test('remembers 1,000 removals of several tags, and of the oldest its first tag', () => {
    const order = new LocalOrder()
    const before = order.stamp
    for (let i = 0; i < 1_000; i += 1) order.removeTags([`a ${i}`, `b ${i}`], ALL)
    expect(order.judge(before, ['a 0'])).toBe('stands')
    const late = order.stamp
    order.removeTags(['a 1000', 'b 1000'], ALL)
    expect(order.judge(before, ['a 0'])).toBe('gone')
    expect(order.judge(before, ['b 0'])).toBe('stands')
    expect(order.judge(before, ['a 1'])).toBe('stands')
    expect(order.judge(before, ['a 1', 'b 1'])).toBe('gone')
    expect(order.judge(late, ['a 1000', 'b 1000'])).toBe('gone')
  })

  test('remembers 10,000 tags that were expired, and takes older ones for removed', () => {
    const order = new LocalOrder()
    const before = order.stamp
    order.removeTags(['oldest'], EXPIRED)
    for (let i = 0; i < 9_999; i += 1) order.removeTags([`tag ${i}`], EXPIRED)
    expect(order.judge(before, ['oldest'])).toBe('expired')
    order.removeTags(['the one too many'], EXPIRED)
    expect(order.judge(before, ['oldest'])).toBe('gone')
    expect(order.judge(before + 1, ['tag 0'])).toBe('expired')
  })
})
