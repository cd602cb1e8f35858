import { describe, expect, test } from 'vitest'
import { Judge } from './judge.ts'
import { allKeys } from './keyspace.ts'
import type { ReadRecord, WriteRecord } from './messages.ts'
import { RowSource } from './row-source.ts'
import { newTally } from './tally.ts'
import { Timeline } from './timeline.ts'

const [key = ''] = allKeys

/** A source with two versions of one key, and what is told of it at times of one's own. */
function setup() {
  const source = new RowSource()
  const timeline = new Timeline()
  const tally = newTally()
  const judge = new Judge({ source, timeline, tally, hardMs: 1000 })
  source.write([{ key, version: 'second' }])
  const nothing = { reads: [], writes: [], notes: [], stalls: [] }
  const write = (outcome: WriteRecord['outcome'], ended: number): void => {
    const rows = [{ key, version: 'second' }]
    const record = { kind: 'through', rows, began: ended - 5, ended, outcome, error: undefined }
    judge.hear('writer', { ...nothing, writes: [record as WriteRecord] })
  }
  const read = (began: number, parts: Partial<ReadRecord> = {}): void => {
    const record: ReadRecord = {
      key,
      began,
      ended: began + 1,
      version: 'first',
      tier: 'memory',
      stale: false,
      error: undefined,
      look: false,
      ...parts,
    }
    judge.hear('reader', { ...nothing, reads: [record] })
  }
  return { source, timeline, tally, judge, write, read }
}

describe('the judge', () => {
  test('a connected instance may answer the older version for a second after the write', () => {
    const { tally, judge, write, read } = setup()
    write('done', 10_000)
    read(10_999)
    judge.judge([])
    expect(tally).toMatchObject({ reads: 1, staleReads: 0, lagsMs: [999] })
    read(11_001)
    judge.judge([])
    expect(tally.staleReads).toBe(1)
  })

  test('one that was cut off within the last second may answer it for five', () => {
    const { tally, judge, timeline, write, read } = setup()
    write('done', 10_000)
    timeline.wasBroken('reader', { from: 9000, to: 13_500 })
    read(14_400)
    judge.judge([])
    expect(tally.staleReads).toBe(0)
    read(14_600)
    judge.judge([])
    expect(tally.staleReads).toBe(1)
  })

  test('not even one that is cut off may answer it later than that', () => {
    const { tally, judge, timeline, write, read } = setup()
    write('done', 10_000)
    timeline.wasBroken('reader', { from: 9000, to: Number.POSITIVE_INFINITY })
    read(15_001)
    judge.judge([])
    expect(tally.staleReads).toBe(1)
    expect(tally.findings[0]).toContain('while cut off')
  })

  test('a write that was not protected promises nothing', () => {
    const { tally, judge, write, read } = setup()
    write('unprotected', 10_000)
    read(60_000)
    judge.judge([])
    expect(tally).toMatchObject({ staleReads: 0, writes: 1, unprotectedWrites: 1 })
  })

  test('what the source has never held is no answer, and neither is nothing', () => {
    const { tally, judge, write, read } = setup()
    write('done', 10_000)
    read(10_500, { version: 'invented' })
    read(12_000, { version: undefined })
    judge.judge([])
    expect(tally.staleReads).toBe(2)
  })

  test('a read has its time and a tenth of a second, its stalls aside', () => {
    const { tally, judge, read } = setup()
    read(20_000, { ended: 21_099, version: 'second' })
    judge.judge([])
    expect(tally.overBudgetReads).toBe(0)
    judge.stalled(['reader'], { from: 20_500, to: 21_000 })
    read(20_000, { ended: 21_599, version: 'second' })
    judge.judge([])
    expect(tally.overBudgetReads).toBe(0)
    read(20_000, { ended: 21_601, version: 'second' })
    judge.judge([])
    expect(tally.overBudgetReads).toBe(1)
  })

  test('a rejected read is counted as not answered', () => {
    const { tally, judge, read } = setup()
    read(20_000, { error: 'TierError', version: undefined })
    read(20_000, { version: 'second' })
    judge.judge([])
    expect(tally).toMatchObject({ reads: 2, answered: 1, staleReads: 0 })
  })
})
