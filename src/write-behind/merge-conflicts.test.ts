import { describe, expect, test } from 'vitest'
import type { CacheKey, StoreWrite } from '../contracts/source.ts'
import { StoreAwayError, type WriteOutcome } from './apply-batch.ts'
import { type MergeParts, mergeConflicts } from './merge-conflicts.ts'

type Write = StoreWrite<CacheKey, unknown>

const put = (key: string): Write => ({ kind: 'put', key, value: `mine ${key}`, version: 5n })
const CONFLICT: WriteOutcome = { kind: 'conflict', reason: 'changed' }
const APPLIED: WriteOutcome = { kind: 'applied' }

/** A store that answers each call of `apply` with the next of these. */
function setup(answers: readonly (WriteOutcome | Error)[], changes: Partial<MergeParts> = {}) {
  const applied: Write[][] = []
  const loads: (readonly CacheKey[])[] = []
  const left = [...answers]
  const parts: MergeParts = {
    merge: (mine, theirs) => `${mine} and ${theirs}`,
    load: async (keys) => {
      loads.push(keys)
      const found = new Map(keys.map((key) => [key, `theirs ${loads.length}`]))
      return { found, failed: new Map(), unasked: new Map() }
    },
    apply: async (writes) => {
      applied.push([...writes])
      const answer = left.shift() ?? CONFLICT
      return writes.map(() => (answer instanceof Error ? { kind: 'away', error: answer } : answer))
    },
    ...changes,
  }
  const run = (writes: readonly Write[], outcomes: readonly WriteOutcome[]) =>
    mergeConflicts(parts, writes, outcomes)
  return { applied, loads, run }
}

describe('writes that are in conflict', () => {
  test('are merged together, with what stands in the store as their base; others are left alone', async () => {
    const { applied, loads, run } = setup([APPLIED])
    const outcomes = [CONFLICT, APPLIED, CONFLICT]
    expect((await run(['a', 'b', 'c'].map(put), outcomes)).map(({ kind }) => kind)).toEqual([
      'merged',
      'applied',
      'merged',
    ])
    expect(loads).toEqual([['a', 'c']])
    const base = { value: 'theirs 1' }
    expect(applied).toEqual([
      ['a', 'c'].map((key) => ({ ...put(key), value: `mine ${key} and theirs 1`, base })),
    ])
  })

  test('are merged anew up to three times, and fail then', async () => {
    const twice = setup([CONFLICT, APPLIED])
    expect(await twice.run([put('a')], [CONFLICT])).toEqual([{ kind: 'merged' }])
    expect(twice.applied[1]).toMatchObject([{ value: 'mine a and theirs 2' }])
    const never = setup([])
    const [outcome] = await never.run([put('a')], [CONFLICT])
    expect(outcome).toMatchObject({ kind: 'failed', retry: 'transient' })
    expect(never.applied).toHaveLength(3)
  })

  test('leave what stands there where they are merged to nothing', async () => {
    const { applied, run } = setup([], { merge: () => undefined })
    expect(await run([put('a')], [CONFLICT])).toEqual([{ kind: 'yielded' }])
    expect(applied).toEqual([])
  })

  test('are given up where merging throws, and tried again where it takes too long', async () => {
    const error = new Error('no idea')
    const merge = (mine: unknown) => {
      throw mine === 'mine a' ? error : new StoreAwayError(5, 'function `merge`')
    }
    const { run } = setup([], { merge })
    expect(await run([put('a'), put('b')], [CONFLICT, CONFLICT])).toMatchObject([
      { kind: 'failed', error, retry: 'permanent' },
      { kind: 'failed', error: { message: expect.stringContaining('merge') }, retry: 'transient' },
    ])
  })

  test('use up a try where the store fails for what is merged, and none where it is away', async () => {
    const failing = setup([new Error('no such column')])
    expect(await failing.run([put('a')], [CONFLICT])).toMatchObject([
      { kind: 'failed', retry: 'transient' },
    ])
    const away = setup([new StoreAwayError(5)])
    expect(await away.run([put('a')], [CONFLICT])).toMatchObject([{ kind: 'away' }])
    const late = (keys: readonly CacheKey[]) =>
      new Map(keys.map((key) => [key, new StoreAwayError(5)]))
    const unread = setup([], {
      load: async (keys) => ({ found: new Map(), failed: late(keys), unasked: new Map() }),
    })
    expect(await unread.run([put('a')], [CONFLICT])).toMatchObject([{ kind: 'away' }])
  })

  test('use up a try where they alone cannot be read, and none where they were not asked for', async () => {
    const { run } = setup([APPLIED], {
      load: async () => ({
        found: new Map([['a', 'theirs']]),
        failed: new Map([['b', new StoreAwayError(5)]]),
        unasked: new Map([['c', new StoreAwayError(5)]]),
      }),
    })
    const outcomes = await run(['a', 'b', 'c'].map(put), [CONFLICT, CONFLICT, CONFLICT])
    expect(outcomes.map(({ kind }) => kind)).toEqual(['merged', 'failed', 'away'])
  })

  test('cannot be merged where they remove', async () => {
    const { run } = setup([])
    const remove = { kind: 'remove', key: 'a' } as const
    expect(await run([remove], [CONFLICT])).toMatchObject([{ kind: 'failed', retry: 'permanent' }])
  })
})
