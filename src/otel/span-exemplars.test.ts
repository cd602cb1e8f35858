import { expect, test } from 'vitest'
import { SpanExemplars } from './span-exemplars.ts'

const asked = { cache: 'shop', operation: 'load', tier: 'source' } as const
const span = { traceId: 'a', spanId: 'b', traceFlags: 1 }

test.each([
  [0, 0],
  [0.99, 0],
  [1, 1],
  [49, 3],
  [99.9, 4],
  [100, 5],
  [9_999, 5],
])('an operation of %d ms is in bucket %i', (durationMs, bucket) => {
  const exemplars = new SpanExemplars('shop')
  exemplars.note({ operation: 'load', pattern: '*' }, durationMs, span)
  const found = [0, 1, 2, 3, 4, 5].filter(
    (one) => exemplars.find({ ...asked, pattern: '*', bucket: one }) !== undefined,
  )
  expect(found).toEqual([bucket])
})

test('are 10,000 at most, of which each is the last', () => {
  const exemplars = new SpanExemplars('shop')
  const note = (pattern: string, traceId: string): void =>
    exemplars.note({ operation: 'load', pattern }, 0, { ...span, traceId })
  for (let at = 0; at < 10_001; at += 1) note(`${at}:*`, 'first')
  note('0:*', 'second')
  const find = (pattern: string) => exemplars.find({ ...asked, pattern, bucket: 0 })?.traceId
  expect([find('0:*'), find('9999:*'), find('10000:*')]).toEqual(['second', 'first', undefined])
})
