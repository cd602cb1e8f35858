import { expect, test } from 'vitest'
import { isGood } from './report.ts'
import { newTally, type Tally } from './tally.ts'

/** Nothing wrong in a thousand reads. */
function tallyOf(wrong: Partial<Tally>): Tally {
  const hits = { faultless: { hits: 900, reads: 1_000 }, calm: { hits: 800, reads: 1_000 } }
  return { ...newTally(), reads: 10_000, answered: 9_999, pairs: 1_000, hits, ...wrong }
}

test('a run that found nothing is good', () => {
  expect(isGood(tallyOf({ controls: [{ name: 'no listening', staleReads: 3 }] }))).toBe(true)
})

test.each([
  ['a stale read', { staleReads: 1 }],
  ['a read over its time', { overBudgetReads: 1 }],
  ['a copy that stayed wrong', { notConverged: 1 }],
  ['a trouble', { troubles: ['a process died'] }],
  ['a control that was not caught', { controls: [{ name: 'no listening', staleReads: 0 }] }],
  ['too few reads answered', { answered: 9_989 }],
  ['too few hits', { hits: { faultless: { hits: 9, reads: 10 }, calm: { hits: 7, reads: 10 } } }],
  ['older answers for 50 ms in one of fifty pairs', { lagsMs: new Array(20).fill(50) }],
] as const)('a run is not good with %s', (_, wrong) => {
  expect(isGood(tallyOf(wrong as Partial<Tally>))).toBe(false)
})

test('a few older answers for longer than 50 ms are within what is allowed', () => {
  expect(isGood(tallyOf({ lagsMs: new Array(5).fill(400) }))).toBe(true)
})
