/**
 * The share of the simulation that every run of the tests plays: 500 seeds on the sources as they are,
 * and then with one rule taken out at a time, which must be found.
 */

import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findPlanted } from './find-planted.ts'
import { PLANTED_FAULTS } from './planted-faults.ts'
import { playSeed } from './play-seed.ts'
import { LEAST_HIT_RATE } from './report.ts'
import { loadRooms } from './rooms.ts'
import { simulate } from './simulate.ts'
import { WorkerPool } from './worker-pool.ts'

const WORKERS = 2
const SEEDS = { first: 1, seeds: 500 }
const folder = join(import.meta.dirname, '..', '..', 'src')

function setup() {
  return { pool: new WorkerPool(WORKERS) }
}

describe('the simulation', () => {
  test('finds no guarantee broken in 500 seeds', { timeout: 120_000 }, async () => {
    const { pool } = setup()
    const result = await simulate({ pool, folder, rows: 'maps', ...SEEDS })
    expect(result.violations).toEqual([])
    expect(result.seeds).toBe(SEEDS.seeds)
    expect(result.hitRate).toBeGreaterThan(LEAST_HIT_RATE)
    expect(result.histories).toBe(SEEDS.seeds)
  })

  test('finds none over the rows of an SQLite file either', { timeout: 120_000 }, async () => {
    const { pool } = setup()
    const result = await simulate({ pool, folder, rows: 'sqlite', first: 1, seeds: 40 })
    expect(result.violations).toEqual([])
    expect(result.histories).toBe(40)
  })

  test('plays a seed the same each time', async () => {
    const rooms = await loadRooms(folder)
    const first = await playSeed(rooms, { seed: 7, traced: true })
    const second = await playSeed(rooms, { seed: 7, traced: true })
    expect(second).toEqual(first)
    expect(first.trace.length).toBeGreaterThan(1_000)
  })

  test('finds each rule that was taken out', { timeout: 240_000 }, async () => {
    const { pool } = setup()
    const results = await Promise.all(
      PLANTED_FAULTS.map((fault) => findPlanted({ pool, fault, folder, ...SEEDS })),
    )
    expect(results.filter(({ caught }) => !caught)).toEqual([])
  })
})
