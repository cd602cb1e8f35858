import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { BucketRows } from './bucket-rows.ts'

/** The buckets of one cache, in a table as `tier-layout.ts` makes it. */
function setup() {
  const db = new DatabaseSync(':memory:')
  db.exec(`CREATE TABLE buckets (cache INTEGER, part INTEGER, highest REAL, numbers BLOB);
    CREATE UNIQUE INDEX buckets_by_part ON buckets (cache, part)`)
  const rows = new BucketRows(db, 1)
  const set = (number: number, ...buckets: readonly number[]) =>
    rows.set(new Map(buckets.map((bucket) => [`b:${bucket}`, number])))
  const above = (number: number) =>
    rows
      .above(number)
      .map((one) => `${one.member} ${one.number}`)
      .sort()
  return { db, rows, set, above }
}

describe('BucketRows', () => {
  test('each bucket has its last number, and those above another are found', () => {
    const { rows, set, above } = setup()
    set(5, 0, 127, 128, 4095)
    set(7, 128, 300)
    expect(above(0)).toEqual(['b:0 5', 'b:127 5', 'b:128 7', 'b:300 7', 'b:4095 5'])
    expect(above(5)).toEqual(['b:128 7', 'b:300 7'])
    expect(above(7)).toEqual([])
    expect(rows.highest).toBe(7)
  })

  test('a part is found by the highest of its numbers, whichever was set last', () => {
    const { rows, set, above } = setup()
    set(9, 1)
    set(4, 2)
    expect(above(5)).toEqual(['b:1 9'])
    expect(rows.highest).toBe(9)
  })

  test('every bucket can change at once, and all are forgotten together', () => {
    const { rows, set, above } = setup()
    set(2 ** 52, ...Array.from({ length: 4096 }, (_, bucket) => bucket))
    expect(above(2 ** 52 - 1)).toHaveLength(4096)
    rows.clear()
    expect(above(0)).toEqual([])
    expect(rows.highest).toBe(0)
  })

  test('caches have their own', () => {
    const { db, set, above } = setup()
    set(3, 1)
    new BucketRows(db, 2).set(new Map([['b:1', 9]]))
    expect(above(0)).toEqual(['b:1 3'])
  })

  test.each([
    ["numbers = 'text'"],
    ["numbers = x'00'"],
    ['numbers = NULL'],
    ["highest = 'text', numbers = NULL"],
  ])('where somebody has written %s, any bucket may have changed', (broken) => {
    const { db, rows, set, above } = setup()
    set(5, 1, 200)
    db.exec(`UPDATE buckets SET ${broken} WHERE part = 0; UPDATE buckets SET highest = 1e9 WHERE part = 0
      AND typeof(highest) = 'real'`)
    expect(above(5)).toHaveLength(128)
    expect(above(5)[0]).toMatch('Infinity')
    set(6, 2)
    // Known to be no higher than what has changed since.
    expect(above(5)).toHaveLength(128)
    expect(above(6)).toEqual([])
    expect(rows.highest).toBe(6)
  })

  test('a single number that makes no sense may have been any', () => {
    const { db, set, above } = setup()
    set(5, 0, 1)
    const numbers = new Float64Array(128).fill(-1, 3, 4)
    db.prepare('UPDATE buckets SET numbers = ?').run(new Uint8Array(numbers.buffer))
    expect(above(4)).toEqual(['b:3 Infinity'])
  })
})
