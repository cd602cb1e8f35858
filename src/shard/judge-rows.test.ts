import { describe, expect, test } from 'vitest'
import { MapRows } from '../memory/map-rows.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { invalidateShard } from './invalidate-shard.ts'
import { judgeRows } from './judge-rows.ts'
import { ShardState } from './shard-state.ts'
import { MAX_TAG_NUMBERS } from './tag-numbers.ts'

const NOW = 1_900_000_000_000

function setup() {
  const rows = new MapRows(1_000_000, () => {})
  const random = new SeededRandom(3)
  const state = new ShardState({ rows, shard: 0, now: NOW, tick: 0, random, told: true })
  const row = (stamp: number, tags: readonly string[] = []) => {
    const times = { freshUntil: NOW + 1, graceUntil: NOW + 1 }
    return { id: 'k', epoch: state.control.epoch, stamp, collection: 'item', tags, ...times }
  }
  const removeTags = (...tags: readonly string[]) =>
    invalidateShard(state, { kind: 'tags', tags, match: 'any', mode: 'delete' })
  const verdicts = (judged: readonly ReturnType<typeof row>[]) => {
    return judged.map(judgeRows(state, judged))
  }
  return { rows, state, row, removeTags, verdicts }
}

describe('judgeRows', () => {
  test('a row whose number was never given out is gone: no removal would reach it', () => {
    const { state, row, verdicts } = setup()
    const { sequence } = state.moment
    expect(verdicts([row(sequence), row(sequence + 1)])).toEqual(['stands', 'gone'])
  })

  test('a row of another epoch is gone, however high its number', () => {
    const { state, row, verdicts } = setup()
    const own = row(state.raise())
    expect(verdicts([own, { ...own, epoch: 'another' }])).toEqual(['stands', 'gone'])
  })

  test('a row that is as new as the floor stands, and an older one does not', () => {
    const { state, row, verdicts } = setup()
    invalidateShard(state, { kind: 'clear' })
    const { sequence } = state.moment
    expect(verdicts([row(sequence), row(sequence - 1)])).toEqual(['stands', 'gone'])
  })

  test('one removal of many tags takes one number, and each of the tags is under it', () => {
    const { state, row, removeTags, verdicts } = setup()
    const { sequence } = state.moment
    const judged = [row(sequence, ['a']), row(sequence, ['c', 'b']), row(sequence)]
    removeTags('a', 'b')
    expect(state.moment.sequence).toBe(sequence + 1)
    expect(verdicts(judged)).toEqual(['gone', 'gone', 'stands'])
    removeTags()
    expect(state.moment.sequence).toBe(sequence + 1)
  })

  test('an expired tag leaves what grace was granted, and nothing where none was', () => {
    const { state, row, verdicts } = setup()
    const bare = row(state.moment.sequence, ['a'])
    const graced = { ...bare, graceUntil: bare.freshUntil + 1 }
    const endless = Number.POSITIVE_INFINITY
    const unending = { ...bare, freshUntil: endless, graceUntil: endless }
    invalidateShard(state, { kind: 'tags', tags: ['a'], match: 'any', mode: 'expire' })
    expect(verdicts([bare, graced, unending])).toEqual(['gone', 'expired', 'expired'])
    const over = { ...graced, freshUntil: NOW - 2, graceUntil: NOW }
    expect(verdicts([over])).toEqual(['gone'])
  })

  test('tags beyond the bound are forgotten, and rows with tags that are as old as they go', () => {
    const { rows, state, row, removeTags, verdicts } = setup()
    const { sequence } = state.moment
    const old = row(sequence + 1, ['unrelated'])
    const bare = row(sequence + 1)
    removeTags('first')
    removeTags('second')
    invalidateShard(state, { kind: 'collection', collection: 'other' })
    const late = row(state.raise(), ['unrelated'])
    removeTags(...Array.from({ length: MAX_TAG_NUMBERS - 2 }, (_, index) => `tag ${index}`))
    expect(state.control.taggedFloor).toBeLessThan(sequence + 1)
    expect(verdicts([old, bare, late])).toEqual(['stands', 'stands', 'stands'])
    removeTags('one more', 'and another')
    expect(state.control.taggedFloor).toBe(sequence + 2)
    expect([...rows.numbersOf(['t:first', 't:second', 'c:other']).keys()]).toEqual(['c:other'])
    expect(verdicts([old, bare, late])).toEqual(['gone', 'stands', 'stands'])
  })

  test('what a file holds in place of a pattern or a set of tags takes too much, never too little', () => {
    const { rows, state, row, verdicts } = setup()
    const judged = [row(state.moment.sequence, ['a', 'b'])]
    const number = state.raise()
    rows.setNumbers(new Map([['p:["item","["]', number]]))
    expect(verdicts(judged)).toEqual(['gone'])
    rows.removeNumbers(['p:["item","["]'])
    rows.setNumbers(new Map([['a:{', number]]))
    expect(verdicts(judged)).toEqual(['gone'])
  })
})
