import { describe, expect, test } from 'vitest'
import { type Evidence, judge } from './judge.ts'

/** Two bought of ten, three are reserved, and everybody knows. */
const AGREED: Evidence = {
  totals: new Map([[1, 10]]),
  books: [{ productId: 1, stock: 5, reserved: 3, changed: 3, ordered: 2 }],
  changes: [
    { id: 'a', productId: 1, quantity: 4 },
    { id: 'a-back', productId: 1, quantity: -1 },
    { id: 'b', productId: 1, quantity: 0 },
  ],
  orders: [{ id: 7, userId: 9 }],
  asked: [
    { request: 'a', productId: 1, quantity: 4, outcome: 'done' },
    { request: 'a-back', productId: 1, quantity: -1, outcome: 'done' },
    { request: 'b', productId: 1, quantity: 6, outcome: 'refused' },
  ],
  given: [
    { userId: 9, id: 7 },
    { userId: 9, id: 'refused' },
  ],
  leastSeen: 0,
}

describe('the judge', () => {
  test('finds nothing where buyers and books agree', () => {
    expect(judge(AGREED)).toEqual([])
    const unheard = { ...AGREED, orders: [], given: [{ userId: 9, id: 'unknown' as const }] }
    expect(judge(unheard)).toEqual([])
  })

  test.each<[string, Partial<Evidence>, RegExp]>([
    [
      'less than nothing in stock',
      { books: [{ productId: 1, stock: -1, reserved: 3, changed: 3, ordered: 8 }] },
      /-1 in stock/,
    ],
    [
      'something sold twice',
      { books: [{ productId: 1, stock: 6, reserved: 3, changed: 3, ordered: 2 }] },
      /6 \+ 3 reserved \+ 2 sold of product 1 are not 10/,
    ],
    [
      'a reservation that no book has',
      { books: [{ productId: 1, stock: 4, reserved: 4, changed: 3, ordered: 2 }] },
      /4 reserved of product 1, by the books 3/,
    ],
    ['a change that is lost', { changes: AGREED.changes.slice(0, 1) }, /a-back was acknowledged/],
    [
      'a change that was refused',
      { changes: [...AGREED.changes.slice(0, 2), { id: 'b', productId: 1, quantity: 6 }] },
      /b was refused, and carried out/,
    ],
    ['an order that is lost', { orders: [] }, /order 7 was confirmed, and is not there/],
    [
      'an order too many',
      { orders: [...AGREED.orders, { id: 8, userId: 9 }] },
      /2 orders of 9, not 1/,
    ],
    ['somebody who was told of less than nothing', { leastSeen: -2 }, /told of -2/],
  ])('finds %s', (_, wrong, words) => {
    expect(judge({ ...AGREED, ...wrong })).toEqual([expect.stringMatching(words)])
  })
})
