import { describe, expect, test } from 'vitest'
import { TierError } from '../contracts/errors.ts'
import type { FollowAnswer, FollowRequest } from '../contracts/shared-tier.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { followShard } from './follow-shard.ts'
import { ShardTrust } from './shard-trust.ts'
import { ShardView } from './shard-view.ts'

type Told = Partial<FollowAnswer> & Pick<FollowAnswer, 'sequence'>

/** A shard whose answers are written down; each takes 10 ms. */
function setup(...answers: readonly (Told | Error | (() => Told))[]) {
  const clock = new FakeClock()
  const view = new ShardView()
  const trust = new ShardTrust({ trustMs: 1_000, connectedMs: 1_000 })
  const asked: FollowRequest[] = []
  const events: string[] = []
  const waiting = [...answers]
  const follow = async (request: FollowRequest): Promise<FollowAnswer> => {
    asked.push(request)
    await clock.advance(10)
    const next = waiting.shift()
    if (next instanceof Error) throw next
    const told = typeof next === 'function' ? next() : next
    if (told === undefined) throw new Error('Nobody expected this follow.')
    return {
      shard: 0,
      epoch: 'e',
      serverNow: 0,
      floor: 0,
      taggedFloor: 0,
      changes: [],
      upTo: told.sequence,
      ...told,
    }
  }
  const run = (kind = { beat: true, proves: true }) =>
    followShard(
      {
        session: { follow },
        clock,
        shard: 0,
        view,
        trust,
        onAnswer: () => undefined,
        onDoubt: (doubt) => events.push(doubt),
        onRenewal: (another) => events.push(another ? 'renewed' : 'again'),
        onFound: ({ above, upTo }) => events.push(`${above}..${upTo}`),
      },
      kind,
    )
  return { clock, view, trust, asked, events, run }
}

const copy = (asOf: number) => ({ epoch: 'e', stamp: asOf, asOf, blind: false })

describe('a follow of a shard', () => {
  test('asks from nothing at first, and from the cursor afterwards', async () => {
    const { asked, events, run, trust, view } = setup({ sequence: 5 }, { sequence: 8 })
    expect(await run()).toBe(true)
    expect(await run({ beat: false, proves: false })).toBe(true)
    expect(asked).toEqual([
      { shard: 0, epoch: undefined, cursor: 0, beat: true },
      { shard: 0, epoch: 'e', cursor: 5, beat: false },
    ])
    expect(events).toEqual(['renewed', 'none', 'none', '5..8'])
    expect([view.cursor, trust.until]).toEqual([8, 1_000])
  })

  test('takes page after page up to the sequence, and is as old as its first', async () => {
    const bucket = (number: number) => ({ kind: 'bucket', bucket: number, number }) as const
    const { asked, run, trust, view } = setup(
      { sequence: 1 },
      { sequence: 30, upTo: 10, changes: [bucket(10)] },
      { sequence: 40, upTo: 20, changes: [bucket(20)] },
      { sequence: 50, upTo: 31, changes: [bucket(31)] },
      { sequence: 50 },
    )
    await run()
    expect(await run()).toBe(true)
    expect(asked.map(({ cursor }) => cursor)).toEqual([0, 1, 10, 20, 31])
    // What others read of this process's standing is what it knows, not what it reads.
    expect(asked.map(({ beat }) => beat)).toEqual([true, true, false, false, false])
    expect([view.cursor, trust.until]).toEqual([50, 1_010])
    expect([10, 20, 31].map((at) => view.outdated({ bucket: at }, copy(at - 1)))).toEqual([
      true,
      true,
      true,
    ])
  })

  test('keeps what its pages told where a later one fails, and knows nothing by it', async () => {
    const { run, trust, view } = setup(
      { sequence: 1 },
      { sequence: 30, upTo: 10, changes: [{ kind: 'bucket', bucket: 7, number: 10 }] },
      new TierError('test', 'gone'),
    )
    await run()
    await expect(run()).rejects.toThrow('gone')
    expect([view.cursor, trust.until]).toEqual([1, 1_000])
    expect(view.outdated({ bucket: 7 }, copy(9))).toBe(true)
  })

  test('moves no cursor between two pages: a bucket may have moved on to the next', async () => {
    // A key changed at 5, and a bucket-mate at 12, before the page up to 10 was read.
    const { run, view } = setup({ sequence: 1 }, { sequence: 12, upTo: 10 }, () => {
      // With the cursor at 10, a hint of 11 would seem to leave nothing out.
      expect(view.cursor).toBe(1)
      return { sequence: 12, changes: [{ kind: 'bucket', bucket: 7, number: 12 }] }
    })
    await run()
    await run()
    expect([view.cursor, view.outdated({ bucket: 7 }, copy(4))]).toEqual([12, true])
  })

  test('begins anew where it meets another epoch, also between two pages', async () => {
    const { asked, events, run, trust, view } = setup(
      { sequence: 100 },
      { sequence: 200, upTo: 150 },
      { epoch: 'f', sequence: 60, upTo: 40 },
      { epoch: 'f', sequence: 60, upTo: 40 },
      { epoch: 'f', sequence: 60, upTo: 60 },
    )
    await run()
    events.length = 0
    expect(await run()).toBe(true)
    // Another epoch on a page that was no beat: the trust is counted from one that is.
    expect(asked.slice(-2)).toEqual([
      { shard: 0, epoch: 'f', cursor: 0, beat: true },
      { shard: 0, epoch: 'f', cursor: 40, beat: false },
    ])
    expect(events).toEqual(['none', 'renewed', 'none', 'none'])
    expect([view.epoch, view.cursor]).toEqual(['f', 60])
    expect(trust.until).toBe(1_030)
  })

  test('goes on in another epoch although its numbers are below the old ones', async () => {
    const { asked, run, trust, view } = setup(
      { sequence: 100 },
      { epoch: 'f', sequence: 60, upTo: 40 },
      { epoch: 'f', sequence: 60 },
    )
    await run()
    expect(await run()).toBe(true)
    expect(asked.at(-1)).toEqual({ shard: 0, epoch: 'f', cursor: 40, beat: false })
    expect([view.epoch, view.cursor, trust.until]).toEqual(['f', 60, 1_010])
  })

  test('without a proof moves the cursor and leaves the trust as it was', async () => {
    const { run, trust, view } = setup({ sequence: 1 }, { sequence: 2 })
    await run()
    await run({ beat: false, proves: false })
    expect([view.cursor, trust.until]).toEqual([2, 1_000])
  })

  test('throws an answer away that the trust was broken under', async () => {
    const { run, trust, view } = setup({ sequence: 1 }, () => {
      trust.reconnected()
      return { sequence: 9 }
    })
    await run()
    expect(await run()).toBe(false)
    expect([view.cursor, trust.followed]).toEqual([1, false])
  })

  test('asks a shard with lower numbers for everything again, and then keeps no copy', async () => {
    const { asked, events, run, trust, view } = setup(
      { sequence: 10 },
      { sequence: 9 },
      { sequence: 11 },
    )
    await run()
    events.length = 0
    expect(await run()).toBe(true)
    expect(asked.at(-1)).toEqual({ shard: 0, epoch: undefined, cursor: 0, beat: true })
    expect(events).toEqual(['again', 'none'])
    expect([view.cursor, trust.until]).toEqual([11, 1_020])
    expect(view.outdated({ bucket: 3 }, copy(10))).toBe(true)
  })

  test('of a shard that stays behind its numbers fails, until it is ahead of them', async () => {
    const { asked, run, trust, view } = setup(
      { sequence: 10 },
      { sequence: 9 },
      { sequence: 9 },
      { sequence: 9 },
      { sequence: 10 },
    )
    await run()
    await expect(run()).rejects.toThrow(TierError)
    expect(trust.until).toBe(Number.NEGATIVE_INFINITY)
    await expect(run()).rejects.toThrow(TierError)
    expect(asked.length).toBe(4)
    expect(await run()).toBe(true)
    expect(asked.slice(2).map(({ epoch }) => epoch)).toEqual([undefined, undefined, undefined])
    expect([view.cursor, trust.followed]).toEqual([10, true])
  })

  test('takes an answer that a hint has overtaken for what it is', async () => {
    const { run, view } = setup({ sequence: 10 }, () => {
      const hint = {
        kind: 'changes',
        shard: 0,
        epoch: 'e',
        first: 11,
        last: 12,
        sender: '',
        changes: [],
      } as const
      view.apply(hint, 0)
      return { sequence: 10 }
    })
    await run()
    expect(await run()).toBe(true)
    expect(view.cursor).toBe(12)
  })

  test('fails where the shard never comes to an end', async () => {
    const stuck = setup({ sequence: 10 }, { sequence: 20, upTo: 10 })
    await stuck.run()
    await expect(stuck.run()).rejects.toThrow(TierError)
    expect(stuck.asked.length).toBe(2)
    const renewing = setup(
      ...Array.from({ length: 101 }, (_, at) => ({ epoch: `e${at}`, sequence: 9, upTo: 1 })),
    )
    await expect(renewing.run()).rejects.toThrow(TierError)
    expect(renewing.asked.length).toBe(100)
  })
})
