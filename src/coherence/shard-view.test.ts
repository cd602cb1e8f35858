import { describe, expect, test } from 'vitest'
import type { FollowAnswer, Hint } from '../contracts/shared-tier.ts'
import { encodeKey } from '../keys/key-encoding.ts'
import { ShardView } from './shard-view.ts'

const key = encodeKey('shop', 'k')
const BUCKET = 7

type Page = Partial<FollowAnswer> & { readonly upTo: number }

const page = (told: Page): FollowAnswer => ({
  shard: 0,
  epoch: 'e',
  sequence: told.upTo,
  serverNow: 0,
  floor: 0,
  taggedFloor: 0,
  changes: [],
  ...told,
})

const hint = (number: number, ...changes: Hint['changes']): Hint => ({
  kind: 'changes',
  shard: 0,
  epoch: 'e',
  first: number,
  last: number,
  sender: '',
  changes,
})

/** A view of the epoch `e` up to 10, and values as they were at some number. */
function setup() {
  const view = new ShardView()
  view.renew('e')
  view.reach(10)
  const judge = (stamp: number, ...tags: string[]) => view.judge(key, { epoch: 'e', stamp }, tags)
  const survives = (cursor: number, epoch = 'e') =>
    view.survives(key, { bucket: BUCKET }, { shard: 0, epoch, cursor })
  const outdated = (asOf: number) =>
    view.outdated({ bucket: BUCKET }, { epoch: 'e', stamp: 0, asOf, blind: false })
  return { view, judge, survives, outdated }
}

describe('the view of a shard', () => {
  test('that was never followed says nothing of entries, and lets survive what is asked for meanwhile', () => {
    const view = new ShardView()
    expect(view.judge(key, { epoch: 'e', stamp: 1 }, [])).toBe('unsure')
    expect(view.judge(key, { epoch: '', stamp: 0 }, [])).toBe('unsure')
    expect(view.survives(key, { bucket: BUCKET }, { shard: 0, epoch: '', cursor: 0 })).toBe(true)
    expect(view.tagsRemovedSince({ shard: 0, epoch: '', cursor: 0 }, 0)).toBe(false)
  })

  test('finds values and positions of another epoch gone', () => {
    const { view, survives } = setup()
    expect(view.judge(key, { epoch: 'other', stamp: 99 }, [])).toBe('gone')
    expect([survives(10), survives(10, 'other'), survives(0, '')]).toEqual([true, false, false])
    expect(view.tagsRemovedSince({ shard: 0, epoch: 'other', cursor: 99 }, 0)).toBe(true)
  })

  test('finds what is below the floor gone', () => {
    const { view, judge, survives } = setup()
    expect(view.learn(page({ upTo: 20, floor: 20 }), 0)).toBe('all')
    expect([judge(19), judge(20), survives(19), survives(20)]).toEqual([
      'gone',
      'stands',
      false,
      true,
    ])
    expect(view.apply(hint(21, { kind: 'floor' }), 0)).toBe('all')
    expect([judge(20), judge(21)]).toEqual(['gone', 'stands'])
  })

  test('finds values with tags below the tagged floor gone', () => {
    const { view, judge } = setup()
    expect(view.learn(page({ upTo: 20, taggedFloor: 20 }), 0)).toBe('tagged')
    expect([judge(19, 'a'), judge(19), judge(20, 'a')]).toEqual(['gone', 'stands', 'stands'])
    expect(view.tagsRemovedSince({ shard: 0, epoch: 'e', cursor: 19 }, 501)).toBe(true)
  })

  test('learns tags, expired tags and sets of tags from follows and from hints alike', () => {
    const removed = { kind: 'tag', tag: 'a', mode: 'delete' } as const
    const expired = { kind: 'tag', tag: 'b', mode: 'expire' } as const
    const both = { kind: 'all-tags', tags: ['c', 'd'] } as const
    const numbered = [removed, expired, both].map((change) => ({ ...change, number: 11 }))
    const followed = setup()
    expect(followed.view.learn(page({ upTo: 11, changes: numbered }), 0)).toBe('tagged')
    const hinted = setup()
    expect(hinted.view.apply(hint(11, removed, expired, both), 0)).toBe('tagged')
    for (const { view, judge, survives } of [followed, hinted]) {
      expect([judge(10, 'a'), judge(10, 'b'), judge(10, 'c'), judge(10, 'c', 'd')]).toEqual([
        'gone',
        'expired',
        'stands',
        'gone',
      ])
      expect([judge(11, 'a', 'b', 'c', 'd'), judge(10), survives(10)]).toEqual([
        'stands',
        'stands',
        true,
      ])
      const position = { shard: 0, epoch: 'e', cursor: 10 }
      expect(view.tagsRemovedSince(position, 500)).toBe(false)
      expect(view.tagsRemovedSince(position, 501)).toBe(true)
      expect(view.tagsRemovedSince({ ...position, cursor: 11 }, 501)).toBe(false)
    }
  })

  test('finds values of a removed collection gone, and cuts off what was asked for before', () => {
    const { view, judge, survives } = setup()
    expect(view.apply(hint(11, { kind: 'collection', collection: 'shop' }), 0)).toBe('all')
    expect([judge(10), judge(11), survives(10), survives(11)]).toEqual([
      'gone',
      'stands',
      false,
      true,
    ])
    expect(view.judge(encodeKey('other', 'k'), { epoch: 'e', stamp: 1 }, [])).toBe('stands')
  })

  test('judges values that a pattern matches by their stamp, and positions by their cursor', () => {
    const { view, judge, survives } = setup()
    const change = { kind: 'pattern', collection: 'shop', pattern: 'k*', active: false } as const
    expect(view.apply(hint(11, change), 0)).toBe('all')
    expect([judge(10), judge(11), survives(10), survives(11)]).toEqual([
      'gone',
      'stands',
      false,
      true,
    ])
    expect(view.judge(encodeKey('shop', 'x'), { epoch: 'e', stamp: 10 }, [])).toBe('stands')
  })

  test('takes all as gone that is older than a pattern it had to forget', () => {
    const { view, judge } = setup()
    for (let at = 11; at <= 111; at += 1) {
      const change = { kind: 'pattern', collection: 'x', pattern: `${at}`, active: true } as const
      view.apply(hint(at, change), 0)
    }
    expect([judge(10), judge(11)]).toEqual(['gone', 'stands'])
  })

  test('takes all as gone that is older than a collection it had to forget', () => {
    const { view, judge } = setup()
    for (let at = 11; at <= 10_011; at += 1) {
      view.apply(hint(at, { kind: 'collection', collection: `c${at}` }), 0)
    }
    expect([judge(10), judge(11)]).toEqual(['gone', 'stands'])
  })

  test('takes keys by their bucket from a follow, above the present cursor alone', () => {
    const { view, outdated, survives } = setup()
    view.apply(hint(11, { kind: 'keys', ids: ['shop:s1:x'], mode: 'delete' }), 0)
    expect(view.cursor).toBe(11)
    const bucket = (number: number) => ({ kind: 'bucket', bucket: BUCKET, number }) as const
    // Asked for at 10, answered after the hint: the hint's own key was all that had changed.
    expect(view.learn(page({ upTo: 11, changes: [bucket(11)] }), 0)).toBe('none')
    expect([outdated(10), survives(10)]).toEqual([false, true])
    expect(view.learn(page({ upTo: 12, changes: [bucket(12)] }), 0)).toBe('all')
    expect([outdated(11), survives(11), outdated(12), survives(12)]).toEqual([
      true,
      false,
      false,
      true,
    ])
    expect(view.survives(key, { bucket: BUCKET + 1 }, { shard: 0, epoch: 'e', cursor: 0 })).toBe(
      true,
    )
  })

  test('never moves its cursor back', () => {
    const { view } = setup()
    view.reach(5)
    expect(view.cursor).toBe(10)
    view.apply(hint(11), 0)
    view.apply({ ...hint(11), first: 1, last: 5 }, 0)
    view.reach(10)
    expect(view.cursor).toBe(11)
  })

  test('forgets everything when numbers begin anew', () => {
    const { view } = setup()
    const tag = { kind: 'tag', tag: 'a', mode: 'delete', number: 50 } as const
    const bucket = { kind: 'bucket', bucket: BUCKET, number: 50 } as const
    const collection = { kind: 'collection', collection: 'shop', number: 50 } as const
    const pattern = {
      kind: 'pattern',
      collection: 'shop',
      pattern: '*',
      active: true,
      number: 50,
    } as const
    const changes = [tag, bucket, collection, pattern]
    view.learn(page({ upTo: 50, floor: 49, taggedFloor: 49, changes }), 0)
    view.renew('f')
    expect([view.epoch, view.cursor]).toEqual(['f', 0])
    expect(view.judge(key, { epoch: 'f', stamp: 1 }, ['a'])).toBe('stands')
    expect(view.survives(key, { bucket: BUCKET }, { shard: 0, epoch: 'f', cursor: 1 })).toBe(true)
    expect(view.patternActiveSince(1)).toBe(undefined)
    expect(view.tagsRemovedSince({ shard: 0, epoch: 'f', cursor: 1 }, 9_000)).toBe(false)
  })

  test('keeps no copy over a dispute about its numbers', () => {
    const { view, judge, survives, outdated } = setup()
    view.dispute()
    expect(view.disputed).toBe(10)
    view.renew('e', 12)
    expect(view.disputed).toBe(undefined)
    expect([outdated(11), outdated(12), survives(11), survives(12)]).toEqual([
      true,
      false,
      false,
      true,
    ])
    expect(judge(1)).toBe('stands')
  })
})
