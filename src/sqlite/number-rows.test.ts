import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { NumberRows } from './number-rows.ts'

/** The numbers of one cache, in a table as `tier-layout.ts` makes it. */
function setup() {
  const db = new DatabaseSync(':memory:')
  db.exec(`CREATE TABLE member_numbers (cache INTEGER, kind TEXT, member TEXT, number REAL,
    PRIMARY KEY (cache, kind, member)) WITHOUT ROWID`)
  const numbers = new NumberRows(db, 1)
  const set = (number: number, ...members: readonly string[]) =>
    numbers.set(new Map(members.map((member) => [member, number])))
  return { db, numbers, set }
}

describe('NumberRows', () => {
  test('members are kept apart by kind and text, whatever characters they have', () => {
    const { numbers, set } = setup()
    const rests = ['', 'a', 't:a', '\u0000', 'a\u0000', '\ud800', '\u{10ffff}"a"', '%', "'"]
    const members = rests.flatMap((rest) => [`t:${rest}`, `c:${rest}`])
    for (const [index, member] of members.entries()) set(index + 1, member)
    expect([...numbers.find(members)].sort()).toEqual(
      members.map((member, index) => [member, index + 1]).sort(),
    )
    expect(numbers.ofKind('c').size).toBe(rests.length)
    numbers.remove(members.slice(0, 2))
    expect([...numbers.find(members).keys()]).not.toContain('t:')
    expect(numbers.above(0, 100)).toHaveLength(members.length - 2)
  })

  test('those above a number come in their order, as many as are asked for', () => {
    const { numbers, set } = setup()
    set(7, 't:a')
    set(5, 'b:1')
    set(6, 'c:x')
    set(9, 't:a')
    expect(numbers.above(5, 10)).toEqual([
      { member: 'c:x', number: 6 },
      { member: 't:a', number: 9 },
    ])
    expect(numbers.above(0, 1)).toEqual([{ member: 'b:1', number: 5 }])
    expect(numbers.above(0, Number.MAX_SAFE_INTEGER)).toHaveLength(3)
    expect(numbers.highest).toBe(9)
  })

  test('the lowest of removed and expired tags are forgotten, and no others', () => {
    const { numbers, set } = setup()
    set(1, 'c:first', 'b:1')
    for (let tag = 0; tag < 150; tag += 1) set(2 + tag, `${tag % 2 === 0 ? 't' : 'x'}:${tag}`)
    expect(numbers.forgetTags(100)).toBe(51)
    expect(numbers.ofKind('t').size + numbers.ofKind('x').size).toBe(100)
    expect([...numbers.find(['t:0', 'x:1', 't:50', 'c:first', 'b:1']).keys()].sort()).toEqual([
      'b:1',
      'c:first',
      't:50',
    ])
    // Nothing was removed since, so that they need not be counted.
    expect(numbers.forgetTags(0)).toBe(0)
  })

  test('a number that makes no sense may have been any', () => {
    const { db, numbers, set } = setup()
    set(1, 't:a', 't:b', 't:c')
    db.exec("UPDATE member_numbers SET number = 'text' WHERE member = 'a'")
    db.exec("UPDATE member_numbers SET number = -1 WHERE member = 'b'")
    expect(numbers.find(['t:a', 't:b', 't:c'])).toEqual(
      new Map([
        ['t:a', Number.POSITIVE_INFINITY],
        ['t:b', Number.POSITIVE_INFINITY],
        ['t:c', 1],
      ]),
    )
    expect(numbers.above(1, 10)).toEqual([{ member: 't:a', number: Number.POSITIVE_INFINITY }])
    expect(numbers.highest).toBe(1)
  })
})
