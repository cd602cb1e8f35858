import { describe, expect, test, vi } from 'vitest'
import { converted } from '../src/measure/converted.ts'
import { quantile } from '../src/measure/quantile.ts'
import { type TurnTaker, takeTurns } from '../src/measure/take-turns.ts'
import { passKeys, watchedPlaces } from '../src/processes/receiver-question.ts'
import { CopyWatch } from '../src/processes/watch-copies.ts'
import { tickReads } from '../src/subjects/redis/tick-reads.ts'

/** Two who take turns and write down when; and keys of which the first are still held. */
function setup() {
  const ran: string[] = []
  const taker = (name: string): TurnTaker => ({
    name,
    role: 'peer',
    turn: async (round) => {
      ran.push(`${name}${round}`)
      return [round, round * 10]
    },
  })
  const held = new Set(['a', 'b', 'c'])
  const watch = new CopyWatch({ holds: (key) => held.has(key) }, ['a', 'b', 'c'])
  return { ran, taker, held, watch }
}

describe('takeTurns', () => {
  test('keeps a sample for each case and leaves the warm-up out', async () => {
    const { ran, taker } = setup()
    const options = { rounds: 2, warmUps: 1, cases: 2 }
    const [first, second] = await takeTurns([taker('a'), taker('b')], options)
    expect(first?.map(({ samples }) => samples)).toEqual([
      [1, 2],
      [1, 2],
    ])
    expect(second?.[0]?.samples).toEqual([10, 20])
    expect(ran).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'b2'])
  })

  test('refuses a turn that has not measured every case', async () => {
    const { taker } = setup()
    const options = { rounds: 1, warmUps: 0, cases: 3 }
    await expect(takeTurns([taker('a')], options)).rejects.toThrow('a sample for each case')
  })
})

describe('quantile', () => {
  test('lies between its neighbours', () => {
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5)
    expect(quantile([1, 2, 3], 1)).toBe(3)
  })

  test('is infinite where what is lost reaches it, and only there', () => {
    const lost = [1, 2, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
    expect(quantile(lost, 0.99)).toBe(Number.POSITIVE_INFINITY)
    expect(quantile(lost, 1 / 3)).toBe(2)
  })
})

test('nanoseconds become the unit of the row', () => {
  const series = [{ name: 'a', role: 'ours' as const, samples: [2_000_000] }]
  expect(converted(series, 'us')[0]?.samples).toEqual([2000])
  expect(converted(series, 'ms')[0]?.samples).toEqual([2])
  expect(converted(series, '1/s')[0]?.samples).toEqual([500])
})

test('of each bulk the last key is watched', () => {
  const keys = passKeys({ prefix: 'p', count: 6 })
  expect(watchedPlaces({ count: 6, every: 3 }).map((place) => keys[place])).toEqual(['p:2', 'p:5'])
})

describe('CopyWatch', () => {
  test('notes the copies that have left, in their order, and the rest as still there', async () => {
    const { held, watch } = setup()
    held.delete('a')
    watch.look()
    await expect.poll(() => watch.left).toBe(1)
    held.delete('b')
    watch.look()
    await expect.poll(() => watch.left).toBe(2)
    const [a, b, c] = watch.end()
    expect(a).toBeLessThanOrEqual(b ?? Number.NaN)
    expect(c).toBeNull()
  })

  test('looks again when it is told of a removal while it looks', async () => {
    // Without its own looks in between, which would hide a removal that was not taken up.
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { held, watch } = setup()
    watch.look()
    held.clear()
    watch.look()
    for (let turn = 0; turn < 50 && !watch.done; turn += 1) await Promise.resolve()
    vi.useRealTimers()
    expect(watch.end()).not.toContain(null)
  })
})

test('the reads of one tick are one command, each with its own answer', async () => {
  const commands: (readonly string[])[] = []
  const read = tickReads({
    mget: async (keys) => {
      commands.push(keys)
      return keys.map((key) => `value of ${key}`)
    },
  })
  expect(await Promise.all([read('a'), read('b')])).toEqual(['value of a', 'value of b'])
  await read('c')
  expect(commands).toEqual([['a', 'b'], ['c']])
})
