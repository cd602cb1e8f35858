import { describe, expect, test } from 'vitest'
import type { Clock } from '../contracts/clock.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { TickBatch } from './tick-batch.ts'

function setup(run?: (items: readonly number[]) => Promise<readonly string[]>) {
  const clock = new FakeClock()
  const calls: (readonly number[])[] = []
  const batch = new TickBatch<number, string>({
    clock,
    limit: 3,
    run: async (items) => {
      calls.push(items)
      return run === undefined ? items.map((item) => `<${item}>`) : await run(items)
    },
  })
  return { clock, calls, batch }
}

describe('a batch of one tick', () => {
  test('is one call, and each gets its own answer', async () => {
    const { batch, calls } = setup()
    const answers = Promise.all([1, 2, 1].map((item) => batch.add(item)))
    expect(calls).toEqual([])
    expect(await answers).toEqual(['<1>', '<2>', '<1>'])
    expect(calls).toEqual([[1, 2, 1]])
  })

  test('travels in several calls beyond the limit', async () => {
    const { batch, calls } = setup()
    const answers = await Promise.all([1, 2, 3, 4, 5, 6, 7].map((item) => batch.add(item)))
    expect(answers).toEqual(['<1>', '<2>', '<3>', '<4>', '<5>', '<6>', '<7>'])
    expect(calls).toEqual([[1, 2, 3], [4, 5, 6], [7]])
  })

  test('of the next tick is another call, also while the first is under way', async () => {
    const held = Promise.withResolvers<readonly string[]>()
    const { batch, calls, clock } = setup((items) =>
      items[0] === 1 ? held.promise : Promise.resolve(['second']),
    )
    const first = batch.add(1)
    await clock.settle()
    expect(await batch.add(2)).toBe('second')
    held.resolve(['first'])
    expect(await first).toBe('first')
    expect(calls).toEqual([[1], [2]])
  })

  test('that fails, fails all of its call and none of another', async () => {
    const { batch } = setup(async (items) => {
      if (items.includes(2)) throw new Error('down')
      return items.map(String)
    })
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map((item) => batch.add(item)))
    expect(outcomes.map(({ status }) => status)).toEqual([
      'rejected',
      'rejected',
      'rejected',
      'fulfilled',
    ])
    await expect(batch.add(5)).resolves.toBe('5')
  })

  test('rejects each item that was answered with an error, and no other', async () => {
    const error = new RangeError('not this one')
    const clock = new FakeClock()
    const batch = new TickBatch<number, string>({
      clock,
      limit: 10,
      run: async (items) => items.map((item) => (item % 2 === 0 ? error : String(item))),
    })
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map((item) => batch.add(item)))
    expect(outcomes).toEqual([
      { status: 'fulfilled', value: '1' },
      { status: 'rejected', reason: error },
      { status: 'fulfilled', value: '3' },
      { status: 'rejected', reason: error },
    ])
  })

  test('that is answered too shortly leaves the last without an answer, and nobody waiting', async () => {
    const { batch } = setup(async () => ['only one'])
    expect(await Promise.all([batch.add(1), batch.add(2)])).toEqual(['only one', undefined])
  })

  test('that is eager closes without a turn when it is alone, and by a turn while one is under way', async () => {
    const held = Promise.withResolvers<void>()
    const deferred: (() => void)[] = []
    const fake = new FakeClock()
    const clock: Clock = {
      now: () => fake.now(),
      monotonic: () => fake.monotonic(),
      schedule: (delayMs, task) => fake.schedule(delayMs, task),
      defer: (task) => deferred.push(task),
    }
    const calls: (readonly number[])[] = []
    const batch = new TickBatch<number, number>({
      clock,
      limit: 10,
      eager: true,
      run: async (items) => {
        calls.push(items)
        await held.promise
        return items
      },
    })
    const first = [batch.add(1), batch.add(2)]
    expect(deferred).toHaveLength(1)
    deferred[0]?.()
    expect(calls).toEqual([[1, 2]])
    const second = batch.add(3)
    expect(deferred).toHaveLength(1)
    await fake.settle()
    expect(calls).toEqual([[1, 2], [3]])
    held.resolve()
    expect(await Promise.all([...first, second])).toEqual([1, 2, 3])
    const third = batch.add(4)
    expect(deferred).toHaveLength(2)
    deferred[1]?.()
    expect(await third).toBe(4)
  })
})
