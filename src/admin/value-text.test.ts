import { expect, test } from 'vitest'
import { valueAsText } from './value-text.ts'

const itself: { self?: object } = {}
itself.self = itself

test.each([
  [{ a: [1, 'b', null] }, '{"a":[1,"b",null]}'],
  [new Map([['a', 1n]]), '[["a","1"]]'],
  [new Set([undefined, Number.POSITIVE_INFINITY]), '[null,null]'],
  [itself, '[object]'],
  [undefined, '[undefined]'],
  [Symbol('a'), '[symbol]'],
])('a value is shown as well as JSON can: case %#', (value, json) => {
  expect(valueAsText(value)).toEqual({ json, truncated: false })
})

test('a long value is cut, and says so', () => {
  const { json, truncated } = valueAsText('x'.repeat(70_000))
  expect([json.length, truncated]).toEqual([65_536, true])
})
