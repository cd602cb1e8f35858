import { describe, expect, test } from 'vitest'
import type { Backlog, EnqueueAnswer } from '../contracts/pending-steps.ts'
import { QueueRoom } from './queue-room.ts'

const BOUND = { records: 10, bytes: 1_000 }
const LOW = { records: 8, bytes: 800 }
const TOTAL = { records: 20, bytes: 2_000 }

function answerOf(kind: 'queued' | 'full', backlog: Backlog): EnqueueAnswer {
  return { kind, backlog, shard: 0, epoch: 'e', sequence: 1, serverNow: 0 }
}

function setup({ lowWater = 0.8, records = TOTAL.records, bytes = TOTAL.bytes } = {}) {
  const room = new QueueRoom({ records, bytes, lowWater, shards: 2 })
  const meets = (kind: 'queued' | 'full', backlog: Backlog, asked = room.most(0)): void =>
    room.learn(0, asked, answerOf(kind, backlog))
  return { room, meets }
}

describe('the room of a queue', () => {
  test('is the bound, shared by the shards, until it was reached', () => {
    const { room, meets } = setup()
    expect(room.bound).toEqual(BOUND)
    meets('queued', { records: 10, bytes: 500 })
    expect(room.most(0)).toEqual(BOUND)
    meets('full', { records: 10, bytes: 500 })
    expect(room.most(0)).toEqual(LOW)
    expect(room.most(1)).toEqual(BOUND)
  })

  test('is the bound again when less waits than the low water, by number and by bytes', () => {
    const { room, meets } = setup()
    meets('full', BOUND)
    meets('queued', { records: 9, bytes: 100 })
    expect(room.most(0)).toEqual(LOW)
    meets('queued', { records: 3, bytes: 900 })
    expect(room.most(0)).toEqual(LOW)
    meets('queued', LOW)
    expect(room.most(0)).toEqual(BOUND)
  })

  test('is not full again for one that asked for less while another was let in', () => {
    const { room, meets } = setup()
    meets('full', BOUND)
    const asked = room.most(0)
    meets('queued', LOW, asked)
    meets('full', LOW, asked)
    expect(room.most(0)).toEqual(BOUND)
  })

  test('is left by a source that lags, until it does so no more than the low water', () => {
    const bound = { ...BOUND, overdueMs: 60_000 }
    const room = new QueueRoom({ ...TOTAL, overdueMs: 60_000, lowWater: 0.8, shards: 2 })
    expect(room.bound).toEqual(bound)
    const learn = (kind: 'queued' | 'full', overdueMs: number): void =>
      room.learn(0, room.most(0), answerOf(kind, { records: 1, bytes: 1, overdueMs }))
    learn('full', 60_001)
    expect(room.most(0)).toEqual({ ...LOW, overdueMs: 48_000 })
    learn('queued', 48_001)
    expect(room.most(0)).toEqual({ ...LOW, overdueMs: 48_000 })
    learn('queued', 48_000)
    expect(room.most(0)).toEqual(bound)
  })

  test('is one write at least, and has no low water where that is all of it', () => {
    const small = setup({ records: 2, bytes: 2 })
    small.meets('full', { records: 1, bytes: 1 })
    expect(small.room.most(0)).toEqual({ records: 1, bytes: 1 })
    const whole = setup({ lowWater: 1 })
    whole.meets('full', BOUND)
    expect(whole.room.most(0)).toEqual(BOUND)
  })
})
