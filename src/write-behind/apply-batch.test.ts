import { describe, expect, test } from 'vitest'
import type { CacheKey, StoreOutcome, StoreWrite } from '../contracts/source.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { type AskStore, applyBatch, StoreAwayError } from './apply-batch.ts'
import { StorePace } from './store-pace.ts'

type Writes = readonly StoreWrite<CacheKey, unknown>[]

const BATCH = 100
const writes: Writes = Array.from({ length: BATCH }, (_, key) => ({ kind: 'remove', key }))

/** A store that throws for calls that `fails` finds fault with, and what it was asked for. */
function failing(fails: (keys: readonly number[], call: number) => unknown) {
  const calls: (readonly number[])[] = []
  const taken: number[] = []
  const ask = async (some: Writes): Promise<readonly StoreOutcome[]> => {
    const keys = some.map(({ key }) => Number(key))
    calls.push(keys)
    const error = fails(keys, calls.length)
    if (error !== undefined) throw error
    taken.push(...keys)
    return some.map(() => ({ kind: 'applied' }))
  }
  return { ask, calls, taken }
}

const applied = (ask: AskStore, some: Writes, isDoubtful = false, pace = new StorePace()) =>
  applyBatch(ask, some, { pace, isDoubtful, random: new SeededRandom(1) })

const sorted = (keys: readonly number[]) => [...keys].sort((one, other) => one - other)

const refusal = new Error('value out of range')
const refusing =
  (...bad: readonly number[]) =>
  (keys: readonly number[]) =>
    keys.some((key) => bad.includes(key)) ? refusal : undefined

describe('a batch for a store that throws', () => {
  test('costs ten more calls at most for one write that fails, wherever it stands', async () => {
    for (const bad of writes.keys()) {
      const { ask, calls, taken } = failing(refusing(bad))
      const outcomes = await applied(ask, writes)
      expect(calls.length).toBeLessThanOrEqual(1 + 10)
      expect(sorted(taken)).toEqual([...writes.keys()].filter((key) => key !== bad))
      expect(outcomes.map(({ kind }) => kind)).toEqual(
        [...writes.keys()].map((key) => (key === bad ? 'failed' : 'applied')),
      )
    }
  })

  test('is searched too where the store has one answer for all of a call', async () => {
    const locked = new Error('canceling statement due to lock timeout')
    const ask: AskStore = async (some) =>
      some.map(
        (): StoreOutcome =>
          some.some(({ key }) => key === 7)
            ? { kind: 'failed', error: locked, retry: 'transient' }
            : { kind: 'applied' },
      )
    const outcomes = await applied(ask, writes)
    expect(outcomes.map(({ kind }) => kind)).toEqual(
      [...writes.keys()].map((key) => (key === 7 ? 'failed' : 'applied')),
    )
    const away = await applied(
      async (some) => some.map(() => ({ kind: 'failed', error: locked, retry: 'transient' })),
      writes,
    )
    expect(away.every(({ kind }) => kind === 'away')).toBe(true)
  })

  test('of which many fail costs no more than two calls a write', async () => {
    const all = [...writes.keys()]
    const halves = [all.filter((key) => key % 2 === 1), all.slice(1), all.slice(50), [3, 40, 77]]
    for (const bad of halves) {
      const { ask, calls, taken } = failing(refusing(...bad))
      await applied(ask, writes)
      expect(sorted(taken)).toEqual(all.filter((key) => !bad.includes(key)))
      expect(calls.length).toBeLessThanOrEqual(2 * BATCH)
    }
  })

  test('that fails together but not apart is all taken', async () => {
    const { ask, taken } = failing((keys) => (keys.length > 30 ? new Error('too many') : undefined))
    const outcomes = await applied(ask, writes)
    expect(outcomes.every(({ kind }) => kind === 'applied')).toBe(true)
    expect(taken).toEqual([...writes.keys()])
  })

  test('says that it is away where three writes alone have failed and none succeeded', async () => {
    const { ask, calls } = failing(() => refusal)
    const outcomes = await applied(ask, writes)
    expect(outcomes).toEqual(writes.map(() => ({ kind: 'away', error: refusal })))
    expect(calls.length).toBeLessThan(12)
    expect(calls.slice(-4).map(({ length }) => length)).toEqual([2, 1, 1, 1])
    expect(new Set(calls.slice(-3).flat()).size).toBe(3)
  })

  test('stops at once where it takes too long', async () => {
    const away = new StoreAwayError(5_000)
    const whole = failing(() => away)
    expect(await applied(whole.ask, writes)).toEqual(
      writes.map(() => ({ kind: 'away', error: away })),
    )
    expect(whole.calls).toHaveLength(1)
    const one = failing(() => away)
    const [lone] = writes.map((write) => [write])
    expect(await applied(one.ask, lone ?? [])).toEqual([{ kind: 'away', error: away }])
  })

  test('that takes too long for one write is asked for less, until it stands alone', async () => {
    const pace = new StorePace()
    const away = new StoreAwayError(5_000)
    const { ask, calls } = failing((keys) => (keys.includes(7) ? away : undefined))
    const rounds = [
      await applied(ask, writes, false, pace),
      await applied(ask, writes, true, pace),
      await applied(ask, writes.slice(0, 12), false, pace),
    ]
    const kindsOf = (at: number): unknown => rounds[at]?.map(({ kind }) => kind)
    expect(new Set(rounds[0]?.map(({ kind }) => kind))).toEqual(new Set(['away']))
    expect(rounds[1]?.filter(({ kind }) => kind === 'away').length).toBeLessThanOrEqual(12)
    expect(kindsOf(2)).toEqual(
      Array.from({ length: 12 }, (_, at) => (at === 7 ? 'failed' : 'applied')),
    )
    expect(calls.filter((keys) => keys.includes(7)).map(({ length }) => length)).toEqual([
      100, 12, 1,
    ])
  })

  test('is not taken for one that fails a write where nothing succeeds after it', async () => {
    const away = new StoreAwayError(5_000)
    const pace = new StorePace()
    pace.tookTooLong(8)
    const { ask, calls } = failing((_keys, call) => (call > 1 ? away : undefined))
    const outcomes = await applied(ask, writes, false, pace)
    expect(calls).toHaveLength(3)
    expect(outcomes.slice(0, 1)).toEqual([{ kind: 'applied' }])
    expect(outcomes.slice(1).every(({ kind }) => kind === 'away')).toBe(true)
  })

  test('is tried with single writes from anywhere while it is in doubt, and each counts', async () => {
    const bad = [0, 1, 98, 99]
    const { ask, calls, taken } = failing(refusing(...bad))
    const outcomes = await applied(ask, writes, true)
    expect(calls[0]).toHaveLength(1)
    expect(outcomes.map(({ kind }) => kind)).toEqual(
      [...writes.keys()].map((key) => (bad.includes(key) ? 'failed' : 'applied')),
    )
    expect(new Set(taken).size).toBe(taken.length)
  })

  test('is not believed where it does not answer for each write', async () => {
    for (const answer of [undefined, [], [undefined], [{ kind: 'done' }]]) {
      const ask = async () => answer as never
      const [outcome] = await applied(ask, writes.slice(0, 1))
      expect(outcome).toMatchObject({ kind: 'away', error: expect.any(TypeError) })
    }
  })
})
