import { expect, test } from 'vitest'
import { MOST_HOTTEST, mixed } from './hottest-keys.ts'

const row = (key: string | number, reads: number) => ({ key, reads })

test('what is still read stays, and what only the list knows fades', () => {
  const before = [row('a', 100), row('b', 80), row('c', 8)]
  expect(mixed(before, [row('b', 10), row('d', 5)])).toEqual([
    row('a', 50),
    row('b', 40),
    row('d', 5),
    row('c', 4),
  ])
})

test('the list is bounded by keys, and by the length of all of them', () => {
  const many = Array.from({ length: 3_000 }, (_, key) => row(key, key))
  expect(mixed([], many)).toHaveLength(MOST_HOTTEST)
  expect(mixed([], many)[0]).toEqual(row(2_999, 2_999))
  const long = Array.from({ length: 100 }, (_, key) => row(String(key).padStart(8_000, 'x'), key))
  expect(mixed([], long)).toHaveLength(32)
})
