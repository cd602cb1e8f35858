import { describe, expect, test } from 'vitest'
import { deepFreeze } from './deep-freeze.ts'

function setup() {
  const frozen = new WeakSet<object>()
  return { freeze: <T>(value: T): T => deepFreeze(value, frozen) as T }
}

describe('deepFreeze', () => {
  test('objects are frozen down to the last, cycles included', () => {
    const inner: { list: number[]; up?: unknown } = { list: [1] }
    const outer = { inner, map: new Map([['k', { a: 1 }]]), set: new Set([{ b: 2 }]) }
    inner.up = outer
    setup().freeze(outer)
    expect(
      [outer, inner, inner.list, outer.map.get('k'), ...outer.set].every(Object.isFrozen),
    ).toBe(true)
    expect(() => inner.list.push(2)).toThrow(TypeError)
  })

  test('what lies below an object that its maker froze is frozen too', () => {
    const inner = { a: 1 }
    setup().freeze(Object.freeze({ inner }))
    expect(Object.isFrozen(inner)).toBe(true)
  })

  test('typed arrays stay as they are', () => {
    const value = { bytes: new Uint8Array([1]) }
    setup().freeze(value)
    value.bytes[0] = 2
    expect(value.bytes[0]).toBe(2)
  })

  test('getters are not called, and a value as deep as any stack is fine', () => {
    const { freeze } = setup()
    const loud = {
      get value(): string {
        throw new Error('called')
      },
    }
    expect(freeze(loud)).toBe(loud)
    let deep: { next?: unknown } = {}
    for (let depth = 0; depth < 100_000; depth += 1) deep = { next: deep }
    expect(Object.isFrozen(freeze(deep).next)).toBe(true)
  })

  test('primitives come back as they are', () => {
    const { freeze } = setup()
    for (const value of [undefined, null, 0, '', false, 1n]) expect(freeze(value)).toBe(value)
  })
})
