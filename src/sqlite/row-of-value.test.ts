import { describe, expect, test } from 'vitest'
import { ArgumentError } from '../contracts/errors.ts'
import { rowOfValue } from './row-of-value.ts'

describe('rowOfValue', () => {
  test('own properties that are columns are the row', () => {
    const bytes = new Uint8Array([1])
    const value = { a: 1, b: 2n, c: 'x', d: bytes, e: true, f: undefined, g: null, other: 1 }
    expect(rowOfValue(value, ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'missing', 'toString'])).toEqual({
      a: 1,
      b: 2n,
      c: 'x',
      d: bytes,
      e: 1,
      f: null,
      g: null,
    })
  })

  test('what no column can hold is refused by name', () => {
    expect(() => rowOfValue({ when: new Date() }, ['when'])).toThrow(/value\.when.*toRow/)
    expect(() => rowOfValue('text', ['a'])).toThrow(ArgumentError)
    expect(() => rowOfValue(null, ['a'])).toThrow('value')
  })
})
