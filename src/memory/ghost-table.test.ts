import { describe, expect, test } from 'vitest'
import { hashKey } from '../keys/hash-key.ts'
import { GhostTable } from './ghost-table.ts'

function setup(span: number) {
  const ghosts = new GhostTable()
  ghosts.widen(span)
  const leave = (from: number, until: number): void => {
    for (let key = from; key < until; key += 1) ghosts.remember(hashKey(key, 0), key & 15)
  }
  const known = (from: number, until: number): number => {
    let count = 0
    for (let key = from; key < until; key += 1) {
      if (ghosts.recall(hashKey(key, 0)) !== -1) count += 1
    }
    return count
  }
  return { ghosts, leave, known }
}

describe('GhostTable', () => {
  test('a ghost is recalled once, with its note and its age', () => {
    const { ghosts, leave } = setup(100)
    leave(0, 10)
    expect(ghosts.recall(hashKey(6, 0))).toBe(3 * 16 + 6)
    expect(ghosts.recall(hashKey(6, 0))).toBe(-1)
  })

  test('most of the latest departures are known, those beyond the span are not', () => {
    const { leave, known } = setup(1_000)
    leave(0, 5_000)
    expect(known(0, 3_900)).toBeLessThan(20)
    expect(known(4_000, 5_000)).toBeGreaterThan(850)
  })

  test('ages stay right when there are more departures than its clock has steps', () => {
    const { ghosts, leave } = setup(40_000)
    leave(0, 1_000_000)
    const age = ghosts.recall(hashKey(980_000, 0)) >> 4
    expect(Math.abs(age - 20_000)).toBeLessThan(10)
  })

  test('strangers are rarely mistaken for ghosts', () => {
    const { leave, known } = setup(1_000)
    leave(0, 1_000)
    expect(known(100_000, 200_000)).toBeLessThan(1_000)
  })

  test('after a clear nothing is known', () => {
    const { ghosts, leave, known } = setup(100)
    leave(0, 100)
    ghosts.clear()
    expect(known(0, 100)).toBe(0)
  })
})
