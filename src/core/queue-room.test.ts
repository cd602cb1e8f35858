import { describe, expect, test } from 'vitest'
import type { Backlog, EnqueueAnswer } from '../contracts/pending-steps.ts'
import { QueueRoom } from './queue-room.ts'

const BOUND = { records: 10, bytes: 1_000 }
const LOW = { records: 8, bytes: 800 }

function setup({ lowWater = 0.8, records = 20, bytes = 2_000 } = {}) {
  const room = new QueueRoom({ records, bytes, lowWater, shards: 2 })
  const answer = (kind: 'queued' | 'full', backlog: Backlog): EnqueueAnswer => ({
    kind,
    backlog,
    shard: 0,
    epoch: 'e',
    sequence: 1,
    serverNow: 0,
  })
  const meets = (kind: 'queued' | 'full', backlog: Backlog, asked = room.most(0)): void =>
    room.learn(0, asked, answer(kind, backlog))
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

  test('is one write at least, and has no low water where that is all of it', () => {
    const small = setup({ records: 2, bytes: 2 })
    small.meets('full', { records: 1, bytes: 1 })
    expect(small.room.most(0)).toEqual({ records: 1, bytes: 1 })
    const whole = setup({ lowWater: 1 })
    whole.meets('full', BOUND)
    expect(whole.room.most(0)).toEqual(BOUND)
  })
})
