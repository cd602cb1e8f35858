import { describe, expect, test } from 'vitest'
import { bucketOf } from '../keys/key-place.ts'
import { MapRows } from '../memory/map-rows.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { ShardState } from './shard-state.ts'

const NOW = 1_900_000_000_000

/** States of one shard, one after the other, as steps would take them. */
function setup() {
  const rows = new MapRows(1_000_000, () => {})
  const random = new SeededRandom(3)
  const common = { shard: 2, tick: 5, random, told: true, sender: 'a mark' }
  const step = (now: number = NOW) => new ShardState({ ...common, rows, now })
  /** A shard whose record is gone, and whose other rows are not. */
  const lose = (now: number) => {
    rows.control = () => undefined
    const state = step(now)
    Reflect.deleteProperty(rows, 'control')
    return state
  }
  return { rows, step, lose }
}

describe('ShardState', () => {
  test('the first numbers after a loss lie above all that were given out before it', () => {
    const { step, lose } = setup()
    const before = step()
    for (let change = 0; change < 10_000; change += 1) before.raise()
    before.save()
    // Also where the clock was set back meanwhile.
    const after = lose(NOW - 3_600_000)
    expect(after.moment.epoch).not.toBe(before.moment.epoch)
    expect(after.moment.sequence).toBeGreaterThan(before.moment.sequence)
    expect(Number.isSafeInteger(after.moment.sequence)).toBe(true)
  })

  test('after a loss everything lies under the floors, and old changes are forgotten', () => {
    const { rows, step, lose } = setup()
    const before = step()
    rows.setNumbers(new Map([['t:a', before.raise()]]))
    const { moment, control } = lose(NOW)
    const { sequence } = moment
    const floors = { floor: sequence, leaseFloor: sequence, taggedFloor: sequence }
    expect(control).toMatchObject(floors)
    expect(rows.numbersAbove(0, 10)).toEqual([])
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

  test('what a step has changed is told as one hint, from its first number to its last', () => {
    const { step } = setup()
    const state = step()
    const { epoch, sequence } = state.moment
    expect(state.signals()).toEqual([])
    state.raise({ kind: 'keys', ids: ['a'], mode: 'delete' })
    state.raise({ kind: 'keys', ids: ['b'], mode: 'delete' })
    state.raise({ kind: 'keys', ids: ['c'], mode: 'expire' }, { kind: 'floor' })
    state.noteReleased(['a', 'a'])
    expect(state.signals()).toEqual([
      {
        kind: 'changes',
        sender: 'a mark',
        at: state.now,
        shard: 2,
        epoch,
        first: sequence + 1,
        last: sequence + 3,
        changes: [
          { kind: 'keys', ids: ['a', 'b'], mode: 'delete' },
          { kind: 'keys', ids: ['c'], mode: 'expire' },
          { kind: 'floor' },
        ],
      },
      { kind: 'released', ids: ['a'] },
    ])
  })

  test('the buckets of changed keys have the number of the last change', () => {
    const { rows, step } = setup()
    const state = step()
    state.raise({ kind: 'keys', ids: ['a', 'b'], mode: 'delete' })
    const last = state.raise({ kind: 'keys', ids: ['b'], mode: 'delete' })
    state.save()
    expect(rows.numbersAbove(0, 10)).toEqual([
      { member: `b:${bucketOf('a')}`, number: last - 1 },
      { member: `b:${bucketOf('b')}`, number: last },
    ])
  })
})
