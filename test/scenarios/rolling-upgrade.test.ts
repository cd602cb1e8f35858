/**
 * Two releases of a collection read and write side by side, over each shared tier. Set `UPGRADE_SECONDS` to
 * let each run last longer.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { SharedTier } from '../../src/index.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { redisTier } from '../../src/redis/index.ts'
import { sqliteTier } from '../../src/sqlite/index.ts'
import { type Driver, drivers } from '../servers/redis-drivers.ts'
import { startRedis } from '../servers/start-redis.ts'
import { playUpgrade, type UpgradeReport, withoutVersions } from './rolling-upgrade.ts'

const RUN_MS = Number(process.env['UPGRADE_SECONDS'] ?? 2) * 1_000
const PATIENCE_MS = RUN_MS + 20_000
const SEED = 20_301

/** Of two instances of each release. */
const FOUR = [0, 1, 2, 3]

function expectHarmony(report: UpgradeReport): void {
  const { reads, writes, loads, stored } = report
  console.log(JSON.stringify({ reads, writes, loads: [...loads], stored: [...stored] }))
  expect(report.misread).toEqual([])
  expect(report.thrash).toEqual([])
  // Both have taken part, or nothing was shown.
  for (const version of [1, 2]) expect(stored.get(version) ?? 0).toBeGreaterThan(10)
  expect(reads).toBeGreaterThan(RUN_MS / 10)
  expect(writes).toBeGreaterThan(RUN_MS / 500)
}

function driverOf(name: string): Driver {
  const found = drivers.find(({ driver }) => driver === name)
  if (found === undefined) throw new Error(`There is no driver ${name}.`)
  return found
}

describe.each([{ migrates: false }, { migrates: true }])(
  'a rolling upgrade, migrating: $migrates',
  ({ migrates }) => {
    const plan = { runMs: RUN_MS, seed: SEED, migrates }

    test('misreads nothing and thrashes nothing in memory', { timeout: PATIENCE_MS }, async () => {
      const shared = memoryTier()
      expectHarmony(await playUpgrade({ ...plan, tiers: FOUR.map(() => shared) }))
    })

    test('misreads nothing and thrashes nothing on SQLite', { timeout: PATIENCE_MS }, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'tiercel-upgrade-'))
      try {
        const tiers = FOUR.map(() => sqliteTier(join(folder, 'cache.db')))
        expectHarmony(await playUpgrade({ ...plan, tiers }))
      } finally {
        await rm(folder, { recursive: true })
      }
    })

    test('misreads nothing and thrashes nothing on Redis, through both clients', {
      timeout: PATIENCE_MS,
    }, async () => {
      await using server = await startRedis()
      // Each release has an instance with each client.
      const names = ['ioredis 5', 'ioredis 5', 'node-redis 6', 'node-redis 6']
      const users = names.map((name) => driverOf(name).single(server.port))
      try {
        const tiers = users.map(({ client }) => redisTier(client, { shards: 4 }))
        expectHarmony(await playUpgrade({ ...plan, tiers }))
      } finally {
        for (const user of users) user.end()
      }
    })
  },
)

describe('releases that know nothing of one another', () => {
  test('thrash, and are found out', { timeout: PATIENCE_MS }, async () => {
    const shared = memoryTier()
    const older: SharedTier = withoutVersions(shared, 2)
    const tiers = FOUR.map((at) => (at % 2 === 0 ? older : shared))
    const report = await playUpgrade({ tiers, runMs: RUN_MS, seed: SEED, migrates: false })
    expect(report.misread).toEqual([])
    expect(report.thrash.length).toBeGreaterThan(5)
  })
})
