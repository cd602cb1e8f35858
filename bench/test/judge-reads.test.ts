import { describe, expect, test } from 'vitest'
import type { ReaderAnswer } from '../src/processes/reader-question.ts'
import { judgeReads } from '../src/suites/judge-reads.ts'

type Read = readonly [key: number, at: number, waited: 0 | 1]

function answer(reads: readonly Read[], loads: ReaderAnswer['loads'] = []): ReaderAnswer {
  return {
    reads: {
      keys: reads.map(([key]) => key),
      at: reads.map(([, at]) => at),
      answeredMs: reads.map(([, , waited]) => (waited === 1 ? 50 : 1)),
      waited: reads.map(([, , waited]) => waited),
    },
    loads,
  }
}

const span = { keys: 2, ttlMs: 1_000, from: 1_000, until: 3_000 }

describe('reads of several processes', () => {
  test('count where any process has read the key in the life before', () => {
    const one = answer([
      [1, 500, 1],
      [1, 1_600, 1],
      [2, 2_500, 1],
    ])
    const other = answer([
      [1, 1_400, 0],
      [1, 1_700, 0],
    ])
    const judged = judgeReads([one, other], span)
    // Key 2 was never read before, and what came before the span is history alone.
    expect(judged.withoutWait).toBeCloseTo(200 / 3)
    expect(judged.p99Ms).toBe(50)
  })

  test('cost loads that begin a life, duplicates of them, and so many in the time of a life', () => {
    const one = answer(
      [[1, 1_000, 0]],
      [
        [1, 900],
        [1, 1_100],
        [1, 2_000],
      ],
    )
    const other = answer(
      [],
      [
        [1, 1_150],
        [2, 1_100],
        [2, 3_000],
      ],
    )
    const judged = judgeReads([one, other], span)
    expect(judged.loadsALife).toBeCloseTo(4 / 3)
    expect(judged.loadsATtl).toBe(1)
  })
})
