import { describe, expect, test } from 'vitest'
import { ArgumentError, ConfigError } from '../contracts/errors.ts'
import {
  checkNumber,
  checkTags,
  checkWord,
  durationMs,
  refuseArgument,
  refuseOption,
} from './field-check.ts'

const check = { field: 'some.field', refuse: refuseOption }
const HUNDRED_YEARS_MS = 36_525 * 86_400_000

/** What a careless or hostile caller passes where a number or a text is asked for. */
const HOSTILE: readonly unknown[] = [
  undefined,
  null,
  true,
  {},
  [],
  [1],
  () => 1,
  Symbol('s'),
  1n,
  Number.NaN,
  Object.create(null),
]

describe('a duration', () => {
  test.each([
    [1, 1],
    [0.2, 1],
    [5333.3, 5334],
    ['250ms', 250],
    ['1.5s', 1_500],
    ['0.5ms', 1],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['36525d', HUNDRED_YEARS_MS],
    [HUNDRED_YEARS_MS, HUNDRED_YEARS_MS],
  ] as const)('%j is %j ms', (value, ms) => {
    expect(durationMs(value, check)).toBe(ms)
  })

  test.each([
    ...HOSTILE,
    0,
    -1,
    '0s',
    '-5m',
    '5',
    '5 m',
    '5M',
    '1e3ms',
    '.5s',
    '5.s',
    '٥m',
    '',
    '36526d',
    `${'9'.repeat(400)}d`,
    HUNDRED_YEARS_MS + 1,
    Number.POSITIVE_INFINITY,
  ])('is not %o', (value) => {
    expect(() => durationMs(value as never, check)).toThrow(ConfigError)
    expect(() => durationMs(value as never, check)).toThrow('`some.field`')
  })

  test('may be 0 where that is allowed, and still not less', () => {
    expect(durationMs(0, { ...check, allow: 'zero' })).toBe(0)
    expect(durationMs('0s', { ...check, allow: 'zero' })).toBe(0)
    expect(() => durationMs(-1, { ...check, allow: 'zero' })).toThrow('from 0')
  })
})

describe('a number', () => {
  const bounds = { ...check, least: 1, most: 3 }

  test.each([1, 1.5, 3])('within its bounds is itself: %j', (value) => {
    expect(checkNumber(value, bounds)).toBe(value)
  })

  test.each([...HOSTILE, 0.9, 3.1, '2', Number.NEGATIVE_INFINITY])('is not %o', (value) => {
    expect(() => checkNumber(value as never, bounds)).toThrow('`some.field` to be a number from 1')
  })

  test('may have to be whole', () => {
    expect(checkNumber(2, { ...bounds, whole: true })).toBe(2)
    expect(() => checkNumber(1.5, { ...bounds, whole: true })).toThrow('a whole number')
  })
})

describe('a word', () => {
  test('is one of those that there are', () => {
    expect(checkWord('on', ['on', 'off'], check)).toBe('on')
  })

  test.each([...HOSTILE, 'ON', 'toString'])('is not %o', (value) => {
    expect(() => checkWord(value as never, ['on', 'off'], check)).toThrow("one of 'on', 'off'")
  })
})

describe('tags', () => {
  const most = Array.from({ length: 64 }, (_, i) => `tag ${i}`)

  test('are what was given, each once, in an array of their own', () => {
    const given = ['red', 'blue', 'red']
    expect(checkTags(given, check)).toEqual(['red', 'blue'])
    expect(checkTags(most, check)).toEqual(most)
    const one = ['x'.repeat(512)]
    expect(checkTags(one, check)).toEqual(one)
    expect(checkTags(one, check)).not.toBe(one)
    expect(checkTags([], check)).toEqual([])
  })

  test.each([undefined, null, 'red', new Set(['red']), { length: 1 }, [...most, 'one more']])(
    'are not %o',
    (value) => {
      expect(() => checkTags(value as never, check)).toThrow('`some.field`')
    },
  )

  test.each(['', 'x'.repeat(513), '\ud800', 7, null, undefined])('do not hold %o', (tag) => {
    expect(() => checkTags(['red', tag as never], check)).toThrow('`some.field[1]`')
  })
})

test('an argument is refused as one, an option as an option', () => {
  const problem = { field: 'a', expected: 'b', actual: 1, cure: 'Do c.' }
  expect(refuseOption(problem)).toBeInstanceOf(ConfigError)
  expect(refuseArgument(problem)).toBeInstanceOf(ArgumentError)
  expect(refuseArgument(problem).message).toBe('Expected `a` to be b, got 1 (number). Do c.')
})
