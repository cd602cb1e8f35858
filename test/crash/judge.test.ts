import { describe, expect, test } from 'vitest'
import { type DatabaseState, type JudgeOptions, judge, type Verdict } from './judge.ts'
import { readLedger } from './read-ledger.ts'

/** Three versions of one key, all acknowledged; the last stands in the database. */
const LEDGER = `1 a ask 1 kept_last/k put
2 a ack 1 e 10
3 a ask 2 kept_last/k put
4 a ack 2 e 20
5 b ask 1 kept_last/k put
6 b ack 1 e 30`

function stateOf(
  row: string | undefined,
  numbers: readonly number[],
  changes: readonly (string | undefined)[] = [row],
): DatabaseState {
  const key = 'kept_last/k'
  return {
    rows: row === undefined ? [] : [{ key, written: row }],
    versions: numbers.map((number) => ({ key, number, epoch: 'e' })),
    changes: changes.map((written) => ({ key, written })),
  }
}

function judged(ledger: string, state: DatabaseState, options?: JudgeOptions): Verdict {
  return judge(readLedger(ledger), state, options)
}

const clean = { lost: 0, rolledBack: 0, outOfOrder: 0, unknown: 0 }

describe('the judge', () => {
  test('finds nothing where the last of each key stands in the database', () => {
    expect(judged(LEDGER, stateOf('b.1', [10, 30]))).toMatchObject({ ...clean, acknowledged: 3 })
    expect(judged('', { rows: [], versions: [], changes: [] })).toMatchObject(clean)
  })

  test('sees a write that was lost', () => {
    expect(judged(LEDGER, stateOf('a.2', [10, 20]))).toMatchObject({ ...clean, lost: 1 })
    expect(judged(LEDGER, stateOf(undefined, []))).toMatchObject({ ...clean, lost: 1 })
  })

  test('sees a removal that was lost', () => {
    const ledger = `${LEDGER}\n7 b ask 2 kept_last/k remove\n8 b ack 2 e 40`
    expect(judged(ledger, stateOf('b.1', [30]))).toMatchObject({ ...clean, lost: 1 })
    expect(judged(ledger, stateOf(undefined, [30, 40]))).toMatchObject(clean)
    // The version says that it is removed, and the row is still there.
    expect(judged(ledger, stateOf('b.1', [30, 40]))).toMatchObject({ ...clean, rolledBack: 1 })
  })

  test('sees an older row in the place of a newer one', () => {
    const verdict = judged(LEDGER, stateOf('a.2', [30], ['b.1', 'a.2']))
    expect(verdict).toMatchObject({ ...clean, rolledBack: 1, outOfOrder: 1 })
    const unguarded = judged(LEDGER, stateOf('a.1', [], ['b.1', 'a.1']))
    expect(unguarded).toMatchObject({ ...clean, rolledBack: 1, outOfOrder: 1 })
    const gone = judged(LEDGER, stateOf(undefined, [30]))
    expect(gone).toMatchObject({ ...clean, rolledBack: 1 })
  })

  test('sees versions that were stored out of order, or twice', () => {
    const disorder = judged(LEDGER, stateOf('b.1', [20, 10, 30]))
    expect(disorder).toMatchObject({ ...clean, outOfOrder: 1 })
    expect(judged(LEDGER, stateOf('b.1', [30, 30]))).toMatchObject({ ...clean, outOfOrder: 1 })
  })

  test('sees a version that was given twice, or below one that its writer knew', () => {
    const twice = LEDGER.replace('b ack 1 e 30', 'b ack 1 e 20')
    expect(judged(twice, stateOf('b.1', [20]))).toMatchObject({ outOfOrder: 1 })
    const below = LEDGER.replace('a ack 2 e 20', 'a ack 2 e 5')
    expect(judged(below, stateOf('b.1', [30]))).toMatchObject({ ...clean, outOfOrder: 1 })
  })

  test('sees what nobody wrote, and what was written to another key', () => {
    expect(judged(LEDGER, stateOf('c.1', [31]))).toMatchObject({ ...clean, unknown: 1 })
    const other = `${LEDGER}\n7 a ask 3 kept_last/other put`
    expect(judged(other, stateOf('a.3', [31]))).toMatchObject({ unknown: 1 })
  })

  test('lets what was asked and not answered stand there or not, above what was acknowledged', () => {
    const doubt = `${LEDGER}\n7 b ask 2 kept_last/k put\n8 b not 2\n9 b ask 3 kept_last/k remove`
    expect(judged(doubt, stateOf('b.1', [30]))).toMatchObject({ ...clean, inDoubt: 2 })
    expect(judged(doubt, stateOf('b.2', [30, 31]))).toMatchObject(clean)
    expect(judged(doubt, stateOf(undefined, [30, 32]))).toMatchObject(clean)
    expect(judged(doubt, stateOf('b.2', [30]))).toMatchObject({ ...clean, rolledBack: 1 })
    expect(judged(doubt, stateOf(undefined, [30]))).toMatchObject({ ...clean, rolledBack: 1 })
  })

  test('asks for every version where none takes the place of another', () => {
    const every = LEDGER.replaceAll('kept_last', 'kept_every')
    const state = stateOf('b.1', [10, 30])
    const renamed: DatabaseState = JSON.parse(
      JSON.stringify(state).replaceAll('kept_last', 'kept_every'),
    )
    expect(judged(every, renamed)).toMatchObject({ ...clean, lost: 1 })
  })

  test('counts nothing as lost that its level allowed to lose', () => {
    const state = stateOf('a.2', [10, 20])
    expect(judged(LEDGER, state, { mayBeLost: (at) => at > 5 })).toMatchObject(clean)
    expect(judged(LEDGER, state, { mayBeLost: (at) => at > 6 })).toMatchObject({ lost: 1 })
  })
})
