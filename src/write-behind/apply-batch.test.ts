import { describe, expect, test } from 'vitest'
import type { CacheKey, StoreOutcome, StoreWrite } from '../contracts/source.ts'
import { applyBatch, StoreAwayError } from './apply-batch.ts'

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

const refusal = new Error('value out of range')
const refusing =
  (...bad: readonly number[]) =>
  (keys: readonly number[]) =>
    keys.some((key) => bad.includes(key)) ? refusal : undefined

describe('a batch for a store that throws', () => {
  test('costs ten more calls at most for one write that fails, wherever it stands', async () => {
    for (const bad of writes.keys()) {
      const { ask, calls, taken } = failing(refusing(bad))
      const outcomes = await applyBatch(ask, writes)
      expect(calls.length).toBeLessThanOrEqual(1 + 10)
      expect(taken).toEqual([...writes.keys()].filter((key) => key !== bad))
      expect(outcomes.map(({ kind }) => kind)).toEqual(
        [...writes.keys()].map((key) => (key === bad ? 'failed' : 'applied')),
      )
    }
  })

  test('of which many fail costs no more than two calls a write', async () => {
    const all = [...writes.keys()]
    const halves = [all.filter((key) => key % 2 === 1), all.slice(1), all.slice(50), [3, 40, 77]]
    for (const bad of halves) {
      const { ask, calls, taken } = failing(refusing(...bad))
      await applyBatch(ask, writes)
      expect(taken).toEqual(all.filter((key) => !bad.includes(key)))
      expect(calls.length).toBeLessThanOrEqual(2 * BATCH)
    }
  })

  test('that fails together but not apart is all taken', async () => {
    const { ask, taken } = failing((keys) => (keys.length > 30 ? new Error('too many') : undefined))
    const outcomes = await applyBatch(ask, writes)
    expect(outcomes.every(({ kind }) => kind === 'applied')).toBe(true)
    expect(taken).toEqual([...writes.keys()])
  })

  test('says that it is away where two writes alone have failed and none succeeded', async () => {
    const { ask, calls } = failing(() => refusal)
    const outcomes = await applyBatch(ask, writes)
    expect(outcomes).toEqual(writes.map(() => ({ kind: 'away', error: refusal })))
    expect(calls.length).toBeLessThan(12)
    expect(calls.slice(-2)).toEqual([[0], [1]])
  })

  test('stops at once where it takes too long', async () => {
    const away = new StoreAwayError(5_000)
    const whole = failing(() => away)
    expect(await applyBatch(whole.ask, writes)).toEqual(
      writes.map(() => ({ kind: 'away', error: away })),
    )
    expect(whole.calls).toHaveLength(1)
    const one = failing(() => away)
    const [lone] = writes.map((write) => [write])
    expect(await applyBatch(one.ask, lone ?? [])).toEqual([{ kind: 'away', error: away }])
    // After something has succeeded, what did not answer may yet be the store and no write.
    const later = failing((_keys, call) => [refusal, undefined, away][call - 1])
    const outcomes = await applyBatch(later.ask, writes)
    expect(later.calls).toHaveLength(3)
    expect(outcomes.slice(0, 50).every(({ kind }) => kind === 'applied')).toBe(true)
    expect(outcomes.slice(50).every(({ kind }) => kind === 'away')).toBe(true)
  })

  test('is not believed where it does not answer for each write', async () => {
    for (const answer of [undefined, [], [undefined], [{ kind: 'done' }]]) {
      const ask = async () => answer as never
      const [outcome] = await applyBatch(ask, writes.slice(0, 1))
      expect(outcome).toMatchObject({ kind: 'away', error: expect.any(TypeError) })
    }
  })
})
