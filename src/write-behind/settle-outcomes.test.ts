import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../testing/seeded-random.ts'
import { settledBy } from './settle-outcomes.ts'

const record = { attempts: 0, epoch: 'now' }
const judging = { epochs: ['now', 'before'], attempts: 5, random: new SeededRandom(1) }

describe('a write that the store has in another version', () => {
  test('of an epoch that is known is settled', () => {
    const outcome = { kind: 'superseded', by: 7n, byEpoch: 'before' } as const
    expect(settledBy(record, outcome, judging)).toEqual({ kind: 'discarded' })
  })

  test('of any other goes on above it', () => {
    const outcome = { kind: 'superseded', by: 7n, byEpoch: 'gone' } as const
    expect(settledBy(record, outcome, judging)).toEqual({ kind: 'raise', above: 7 })
  })

  test.each([2n ** 53n, 2n ** 64n, 2n ** 52n + 1n, -1n, Number.NaN, undefined])(
    'that no number of a shard can follow, %s, is a dead letter',
    (by) => {
      const outcome = { kind: 'superseded', by: by as bigint, byEpoch: 'gone' } as const
      expect(settledBy(record, outcome, judging)).toMatchObject({
        kind: 'dead',
        error: expect.stringContaining('version'),
      })
    },
  )
})
