import { expect, test } from 'vitest'
import { FakeClock } from '../testing/fake-clock.ts'
import { inSlices, ofSlices } from './in-slices.ts'

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

test('a few parts are under way at a time, and come to what they do in order', async () => {
  const clock = new FakeClock()
  const started: number[] = []
  const ends: PromiseWithResolvers<void>[] = []
  const run = async ([first = 0]: readonly number[]): Promise<number> => {
    started.push(first)
    const end = Promise.withResolvers<void>()
    ends.push(end)
    await end.promise
    return first * 10
  }
  const seen: number[] = []
  const work = (async () => {
    const slices = inSlices(clock, [1, 2, 3, 4, 5, 6], 1)
    for await (const [, result] of ofSlices(slices, run)) seen.push(result)
  })()
  await clock.settle()
  expect(started).toEqual([1, 2, 3, 4])
  ends[1]?.resolve()
  await clock.settle()
  expect([started.length, seen]).toEqual([4, []])
  ends[0]?.resolve()
  await clock.settle()
  expect(seen).toEqual([10, 20])
  for (let turn = 0; turn < 3; turn += 1) {
    for (const { resolve } of ends) resolve()
    await clock.settle()
  }
  await work
  expect(seen).toEqual([10, 20, 30, 40, 50, 60])
})

test('a part that fails ends them all, and no failure goes unheard', async () => {
  const fail = async ([first = 0]: readonly number[]): Promise<number> => {
    if (first > 1) throw new Error(`part ${first}`)
    return first
  }
  const work = async (): Promise<void> => {
    const slices = inSlices(new FakeClock(), [1, 2, 3], 1)
    for await (const _ of ofSlices(slices, fail));
  }
  await expect(work()).rejects.toThrow('part 2')
})
