import { describe, expect, test } from 'vitest'
import { NewestNumbers } from './newest-numbers.ts'

describe('the newest numbers', () => {
  test('keep the highest of each name, whatever the order they come in', () => {
    const numbers = new NewestNumbers(10)
    expect([numbers.raise('a', 5), numbers.raise('a', 3), numbers.raise('a', 5)]).toEqual([
      true,
      false,
      false,
    ])
    expect([numbers.of('a'), numbers.of('b')]).toEqual([5, 0])
  })

  test('forget the oldest beyond their bound, and remember up to where', () => {
    const numbers = new NewestNumbers(2)
    numbers.raise('a', 1)
    numbers.raise('b', 2)
    numbers.raise('a', 3)
    expect(numbers.forgotten).toBe(0)
    numbers.raise('c', 4)
    expect([numbers.size, numbers.forgotten, numbers.of('b'), numbers.of('a')]).toEqual([
      2, 2, 0, 3,
    ])
  })

  test('drop what a floor covers, and nothing above it', () => {
    const numbers = new NewestNumbers(10)
    for (const [at, name] of ['a', 'b', 'c'].entries()) numbers.raise(name, at + 1)
    numbers.dropThrough(2)
    expect([numbers.size, numbers.of('c'), numbers.forgotten]).toEqual([1, 3, 0])
  })
})
