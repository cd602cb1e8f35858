import { expect, test } from 'vitest'
import type { MemoryEntry } from '../contracts/memory-tier.ts'
import { expiredEntry } from './expired-entry.ts'

const entry = (own: Partial<MemoryEntry> = {}): MemoryEntry => ({
  value: 'v',
  absent: false,
  servedUntil: 800,
  freshUntil: 1_000,
  aheadFrom: Number.POSITIVE_INFINITY,
  graceUntil: 1_500,
  createdAt: 0,
  ttlMs: 1_000,
  renewal: 'fixed',
  graceMs: 500,
  renewableUntil: Number.POSITIVE_INFINITY,
  stamp: 1,
  shared: undefined,
  tags: [],
  size: 1,
  priority: 'normal',
  loadMs: undefined,
  ...own,
})

test('an entry that is expired is in grace from now on, for as long as was granted', () => {
  expect(expiredEntry(entry(), 300)).toEqual(
    entry({ freshUntil: 300, servedUntil: 300, graceUntil: 800 }),
  )
})

test('an entry without grace is gone when it is expired', () => {
  const gone = expiredEntry(entry({ graceMs: 0, graceUntil: 1_000 }), 300)
  expect(gone).toMatchObject({ freshUntil: 300, servedUntil: 300, graceUntil: 300 })
})

test('an entry that is past its freshness is left as it is', () => {
  expect(expiredEntry(entry(), 1_200)).toEqual(entry())
})

test('an entry whose grace ends sooner than was granted is not given more', () => {
  const capped = entry({ graceUntil: 600, freshUntil: 600, servedUntil: 600 })
  expect(expiredEntry(capped, 300)).toMatchObject({ freshUntil: 300, graceUntil: 600 })
})

test('an entry without an end has one', () => {
  const never = Number.POSITIVE_INFINITY
  const endless = entry({ freshUntil: never, graceUntil: never, servedUntil: never, ttlMs: never })
  expect(expiredEntry(endless, 300)).toMatchObject({
    freshUntil: 300,
    aheadFrom: Number.POSITIVE_INFINITY,
    servedUntil: 300,
    graceUntil: 800,
  })
})
