import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { BucketRows } from './bucket-rows.ts'

/** The buckets of one cache, in tables as `tier-layout.ts` makes them. */
function setup() {
  const db = new DatabaseSync(':memory:')
  db.exec(`CREATE TABLE bucket_parts (cache INTEGER, part INTEGER, highest REAL, numbers BLOB);
    CREATE UNIQUE INDEX buckets_by_part ON bucket_parts (cache, part);
    CREATE TABLE bucket_steps (
      cache INTEGER, highest REAL, numbers BLOB, PRIMARY KEY (cache, highest)) WITHOUT ROWID`)
  const rows = new BucketRows(db, 1)
  const set = (number: number, ...buckets: readonly number[]) =>
    rows.set(new Map(buckets.map((bucket) => [`b:${bucket}`, number])))
  const above = (number: number) =>
    rows
      .above(number)
      .map((one) => `${one.member} ${one.number}`)
      .sort()
  const count = (table: 'bucket_steps' | 'bucket_parts') =>
    Number(db.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.['count'])
  /** As many steps as it takes until what they have changed is brought into the parts, each of bucket 0. */
  const untilFolded = (from: number) => {
    let number = from
    do {
      number += 1
      set(number, 0)
    } while (count('bucket_steps') > 0)
    return number
  }
  return { db, rows, set, above, count, untilFolded }
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
    const { rows, set, above, untilFolded } = setup()
    set(900, 1)
    set(4, 2)
    untilFolded(10)
    expect(above(500)).toEqual(['b:1 900'])
    expect(rows.highest).toBe(900)
  })

  test('a step is noted in one row, and many of them are brought into the parts together', () => {
    const { rows, set, above, count, untilFolded } = setup()
    set(5, 1, 1000, 4000)
    set(6, 1, 2000)
    expect([count('bucket_steps'), count('bucket_parts')]).toEqual([2, 0])
    const last = untilFolded(6)
    expect(last).toBe(6 + 126)
    expect(count('bucket_parts')).toBe(4)
    expect(above(5)).toEqual([`b:0 ${last}`, 'b:1 6', 'b:2000 6'])
    set(last + 1, 1000)
    expect(above(5)).toEqual([`b:0 ${last}`, `b:1 6`, `b:1000 ${last + 1}`, 'b:2000 6'])
    expect(above(last)).toEqual([`b:1000 ${last + 1}`])
    expect(rows.highest).toBe(last + 1)
  })

  test('a step that changes very many goes into the parts at once', () => {
    const { set, above, count, untilFolded } = setup()
    set(5, 7)
    set(6, ...Array.from({ length: 129 }, (_, bucket) => bucket))
    expect(count('bucket_steps')).toBe(1)
    expect(above(5)).toHaveLength(129)
    expect(above(0)).toContain('b:7 6')
    untilFolded(6)
    // The row of the step before it does not bring the older number back.
    expect(above(0)).toContain('b:7 6')
  })

  test('two steps of one number are both kept', () => {
    const { set, above } = setup()
    set(5, 1)
    set(5, 2)
    expect(above(4)).toEqual(['b:1 5', 'b:2 5'])
  })

  test('what processes have left that came and went is brought into the parts as well', () => {
    const { db, count, above } = setup()
    for (let number = 1; number <= 127; number += 1) {
      new BucketRows(db, 1).set(new Map([[`b:${number}`, number]]))
    }
    expect(count('bucket_steps')).toBe(127)
    new BucketRows(db, 1).set(new Map([['b:128', 128]]))
    expect(count('bucket_steps')).toBe(0)
    expect(above(0)).toHaveLength(128)
  })

  test('every bucket can change at once, and all are forgotten together', () => {
    const { rows, set, above } = setup()
    set(2 ** 52, ...Array.from({ length: 4096 }, (_, bucket) => bucket))
    expect(above(2 ** 52 - 1)).toHaveLength(4096)
    set(2 ** 52 + 1, 7)
    rows.clear()
    expect(above(0)).toEqual([])
    expect(rows.highest).toBe(0)
  })

  test('caches have their own', () => {
    const { db, set, above } = setup()
    set(3, 1)
    const others = new BucketRows(db, 2)
    others.set(new Map([['b:1', 900]]))
    expect(above(0)).toEqual(['b:1 3'])
    for (let number = 1; number < 128; number += 1) set(3 + number, 1)
    expect(above(0)).toEqual(['b:1 130'])
    expect(others.above(0)).toEqual([{ member: 'b:1', number: 900 }])
  })

  test.each([
    ["numbers = 'text'"],
    ["numbers = x'00'"],
    ['numbers = NULL'],
    ["highest = 'text', numbers = NULL"],
  ])('where somebody has written %s into a part, any of its buckets may have changed', (broken) => {
    const { db, rows, set, above, untilFolded } = setup()
    set(5, 1, 200)
    const last = untilFolded(5)
    db.exec(`UPDATE bucket_parts SET ${broken} WHERE part = 0;
      UPDATE bucket_parts SET highest = 1e9 WHERE part = 0 AND typeof(highest) = 'real'`)
    expect(above(last)).toHaveLength(128)
    expect(above(last)[0]).toMatch('Infinity')
    set(last + 1, 2)
    // Known to be no higher than what has changed since.
    expect(above(last)).toHaveLength(128)
    expect(above(last + 1)).toEqual([])
    expect(rows.highest).toBe(last + 1)
  })

  test('a part that makes no sense is mended by a step that changes another', () => {
    const { db, set, above, untilFolded } = setup()
    set(5, 1, 200)
    const last = untilFolded(5)
    db.exec("UPDATE bucket_parts SET highest = 1e9, numbers = x'00' WHERE part = 1")
    expect(above(last)).toHaveLength(128)
    set(last + 1, 2)
    expect(above(last + 1)).toEqual([])
    expect(above(last)).toHaveLength(129)
  })

  test.each([
    ["numbers = 'text'"],
    ["numbers = x'00'"],
    ["highest = 'text'"],
    ["numbers = CAST(x'000000000000f87f000000000000f87f' AS BLOB)"],
    ["numbers = x''"],
    ['numbers = zeroblob(16)'],
    ['numbers = zeroblob(32)'],
    // Bucket 1.5 at 5, and bucket 4096.
    ["numbers = x'000000000000f83f0000000000001440'"],
    ["numbers = x'000000000000b0400000000000001440'"],
  ])('where somebody has written %s into a step, any bucket may have changed', (broken) => {
    const { db, rows, set, above, count } = setup()
    set(5, 1, 200)
    db.exec(`UPDATE bucket_steps SET ${broken}`)
    expect(above(4)).toHaveLength(4096)
    expect(above(4)[0]).toMatch('Infinity')
    set(6, 2)
    expect(above(5)).toHaveLength(4096)
    expect(above(6)).toEqual([])
    expect([rows.highest, count('bucket_steps')]).toEqual([6, 0])
  })

  test('a single number that makes no sense may have been any', () => {
    const { db, set, above, untilFolded } = setup()
    set(5, 0, 1)
    const last = untilFolded(5)
    const numbers = new Float64Array(128).fill(-1, 3, 4)
    db.prepare('UPDATE bucket_parts SET numbers = ?').run(new Uint8Array(numbers.buffer))
    expect(above(last - 1)).toEqual(['b:3 Infinity'])
  })
})
