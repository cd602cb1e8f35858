import { describe, expect, test } from 'vitest'
import { MapRows } from '../memory/map-rows.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { invalidateShard } from './invalidate-shard.ts'
import { ShardState } from './shard-state.ts'
import { MAX_TAG_SETS } from './tag-numbers.ts'

function setup() {
  const rows = new MapRows(1_000_000, () => {})
  const random = new SeededRandom(3)
  const state = new ShardState({ rows, shard: 0, now: 1e12, tick: 0, random, told: true })
  const remove = (match: 'all' | 'any', ...tags: readonly string[]) =>
    invalidateShard(state, { kind: 'tags', tags, match, mode: 'delete' })
  const fill = () => {
    for (let index = 0; index < MAX_TAG_SETS; index += 1) remove('all', 'x', `y${index}`)
  }
  return { rows, state, remove, fill }
}

describe('sets of tags', () => {
  test('a set that finds no room is a removal of its first tag, under its own number', () => {
    const { rows, state, remove, fill } = setup()
    remove('all', 'b', 'a')
    const { sequence } = state.moment
    fill()
    expect(rows.numbersOf(['t:a', 't:b'])).toEqual(new Map([['t:a', sequence]]))
    expect(rows.numbersOfKind('a').size).toBe(MAX_TAG_SETS)
    expect(state.moment.sequence).toBe(sequence + MAX_TAG_SETS)
  })

  test('a later removal of that tag keeps its number', () => {
    const { rows, state, remove, fill } = setup()
    remove('all', 'a', 'b')
    remove('any', 'a')
    const { sequence } = state.moment
    fill()
    expect(rows.numbersOf(['t:a'])).toEqual(new Map([['t:a', sequence]]))
  })

  test('a set is one, in whatever order its tags are named', () => {
    const { rows, remove } = setup()
    remove('all', 'b', 'a', 'b')
    remove('all', 'a', 'b')
    expect(rows.numbersOfKind('a').size).toBe(1)
  })
})
