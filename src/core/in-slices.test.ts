import { expect, test } from 'vitest'
import { FakeClock } from '../testing/fake-clock.ts'
import { inSlices } from './in-slices.ts'

test('a long batch comes in parts, and others have a turn between two of them', async () => {
  const clock = new FakeClock()
  const seen: unknown[] = []
  const work = (async () => {
    for await (const slice of inSlices(clock, [1, 2, 3, 4, 5], 2)) {
      seen.push(slice)
      clock.schedule(0, () => seen.push('another'))
    }
  })()
  await clock.settle()
  await work
  expect(seen.slice(0, 5)).toEqual([[1, 2], 'another', [3, 4], 'another', [5]])
})

test('nothing comes in no part at all', async () => {
  for await (const slice of inSlices(new FakeClock(), [], 2)) expect(slice).toBe('never')
})
