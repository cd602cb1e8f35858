import { expect, test } from 'vitest'
import { MapRows } from '../memory/map-rows.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { fillValues } from './fill-values.ts'
import { ShardState } from './shard-state.ts'

const NOW = 1_900_000_000_000

/** A shard on which a lease stands, and a fill in its name. */
function setup() {
  const rows = new MapRows(1_000_000, () => {})
  const random = new SeededRandom(1)
  const state = new ShardState({ rows, shard: 0, now: NOW, tick: 0, random, told: true })
  const grant = state.raise()
  const lease = { token: 'loader', grant, expiresAt: 1_000, collection: '', awaited: false }
  rows.putLease('k', lease)
  const value = { id: 'k', collection: '', envelope: new Uint8Array(1), tags: [] }
  const { epoch } = state.moment
  const request = { ...value, ttlMs: 1_000, graceMs: 0, token: 'loader', grant, epoch }
  return { rows, epoch, fill: () => fillValues(state, [request])[0]?.kind }
}

test('a value is stored in the name of its lease', () => {
  const { fill, rows } = setup()
  expect(fill()).toBe('stored')
  expect(rows.usage().entries).toBe(1)
})

test('a value is refused while its key is being written, even if its lease was left standing', () => {
  const { epoch, fill, rows } = setup()
  rows.putIntent('k', { token: 'writer', deadline: 1, tags: [], epoch, number: 1 })
  expect(fill()).toBe('refused')
  expect(rows.usage().entries).toBe(0)
  expect(rows.leasesOf(['k']).size).toBe(0)
})
