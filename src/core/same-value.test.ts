import { describe, expect, test } from 'vitest'
import { sameValue } from './same-value.ts'

const circle = (name: string): object => {
  const one: { name: string; self?: object } = { name }
  one.self = one
  return one
}

describe('two values are the same', () => {
  test.each([
    [1, 1],
    [Number.NaN, Number.NaN],
    ['a', 'a'],
    [undefined, undefined],
    [
      { a: 1, b: [1, { c: 2 }] },
      { b: [1, { c: 2 }], a: 1 },
    ],
    [{ a: 1, b: undefined }, { a: 1 }],
    [new Date(5), new Date(5)],
    [new Map([['a', { b: 1 }]]), new Map([['a', { b: 1 }]])],
    [new Set([1, 'a']), new Set(['a', 1])],
    [new Set([{ a: 1 }]), new Set([{ a: 1 }])],
    [new Uint8Array([1, 2]), new Uint8Array([1, 2])],
    [Object.assign(Object.create(null), { a: 1 }), Object.assign(Object.create(null), { a: 1 })],
    [circle('a'), circle('a')],
  ])('%o and %o', (one, other) => {
    expect(sameValue(one, other)).toBe(true)
  })
})

describe('two values differ', () => {
  test.each([
    [1, 2],
    [0, -0],
    [1, '1'],
    [null, undefined],
    [null, {}],
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ a: 1, b: 2 }, { a: 1 }],
    [
      [1, 2],
      [1, 2, undefined],
    ],
    [[1], { 0: 1 }],
    [new Date(5), new Date(6)],
    [new Map([['a', 1]]), new Map([['a', 2]])],
    [new Map([['a', 1]]), new Map([['b', 1]])],
    [new Map(), new Map([['b', 1]])],
    [new Set([1]), new Set([2])],
    [new Set([1]), new Set()],
    [new Uint8Array([1, 2]), new Uint8Array([1, 3])],
    [circle('a'), circle('b')],
    [circle('a'), { name: 'a', self: { name: 'a', self: {} } }],
  ])('%o and %o', (one, other) => {
    expect(sameValue(one, other)).toBe(false)
  })
})
