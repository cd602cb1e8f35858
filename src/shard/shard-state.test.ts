import { describe, expect, test } from 'vitest'
import { MapRows } from '../memory/map-rows.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { MAX_TAG_NUMBERS, ShardState } from './shard-state.ts'

const NOW = 1_900_000_000_000

/** States of one shard, one after the other, as steps would take them. */
function setup() {
  const rows = new MapRows(1_000_000, () => {})
  const random = new SeededRandom(3)
  const step = (now: number = NOW) => new ShardState(rows, now, random)
  /** A shard whose record is gone, and whose other rows are not. */
  const lose = (now: number) => {
    const left = Object.create(rows, { control: { value: () => undefined } })
    return new ShardState(left, now, random)
  }
  return { rows, step, lose }
}

function row(state: ShardState, stamp: number, tags: readonly string[] = []) {
  return { epoch: state.control.epoch, stamp, collection: 'item', tags, graceUntil: NOW + 1 }
}

describe('ShardState', () => {
  test('the first numbers after a loss lie above all that were given out before it', () => {
    const { step, lose } = setup()
    const before = step()
    for (let change = 0; change < 10_000; change += 1) before.raise()
    const after = lose(NOW + 2_000)
    expect(after.moment.epoch).not.toBe(before.moment.epoch)
    expect(after.moment.sequence).toBeGreaterThan(before.moment.sequence)
    expect(Number.isSafeInteger(after.moment.sequence)).toBe(true)
  })

  test('the record is kept by a step that saves it, and written only if it has changed', () => {
    const { rows, step } = setup()
    expect(rows.control()).toBe(undefined)
    const first = step()
    first.save()
    expect(rows.control()).toEqual(first.control)
    const saved = rows.control()
    step().save()
    expect(rows.control()).toBe(saved)
    const changed = step()
    changed.raise()
    expect(rows.control()).toBe(saved)
    changed.save()
    expect(rows.control()?.sequence).toBe((saved?.sequence ?? 0) + 1)
  })

  test('a row whose number was never given out is not served: no removal would reach it', () => {
    const { step } = setup()
    const state = step()
    const rows = [row(state, state.moment.sequence), row(state, state.moment.sequence + 1)]
    expect(rows.map(state.judge(rows))).toEqual([true, false])
  })

  test('a row of another epoch is never served, however high its number', () => {
    const { step } = setup()
    const state = step()
    const own = row(state, state.raise())
    const foreign = { ...own, epoch: 'another' }
    const servable = state.judge([own, foreign])
    expect([servable(own), servable(foreign)]).toEqual([true, false])
  })

  test('a row that is as new as the floor is served, and an older one is not', () => {
    const { step } = setup()
    const state = step()
    state.raiseFloor()
    const { sequence } = state.moment
    const rows = [row(state, sequence), row(state, sequence - 1)]
    expect(rows.map(state.judge(rows))).toEqual([true, false])
  })

  test('one removal of many tags takes one number, and each of the tags is under it', () => {
    const { step } = setup()
    const state = step()
    const { sequence } = state.moment
    const rows = [
      row(state, sequence, ['a']),
      row(state, sequence, ['c', 'b']),
      row(state, sequence),
    ]
    state.removeTags(['a', 'b'])
    expect(state.moment.sequence).toBe(sequence + 1)
    expect(rows.map(state.judge(rows))).toEqual([false, false, true])
    state.removeTags([])
    expect(state.moment.sequence).toBe(sequence + 1)
  })

  test('tags beyond the bound are forgotten, and rows with tags that are as old as they go', () => {
    const { rows, step } = setup()
    const state = step()
    const { sequence } = state.moment
    const old = row(state, sequence + 1, ['unrelated'])
    const bare = row(state, sequence + 1)
    state.removeTags(['first'])
    state.removeTags(['second'])
    state.removeCollection('other')
    const late = row(state, state.raise(), ['unrelated'])
    state.removeTags(Array.from({ length: MAX_TAG_NUMBERS - 2 }, (_, index) => `tag ${index}`))
    expect(state.control.taggedFloor).toBeLessThan(sequence + 1)
    expect([old, bare, late].map(state.judge([old, bare, late]))).toEqual([true, true, true])
    state.removeTags(['one more', 'and another'])
    expect(state.control.taggedFloor).toBe(sequence + 2)
    expect([...rows.numbersOf(['t:first', 't:second', 'c:other']).keys()]).toEqual(['c:other'])
    expect([old, bare, late].map(state.judge([old, bare, late]))).toEqual([false, true, true])
  })
})
