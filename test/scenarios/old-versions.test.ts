/** Entries of an older release are removed from real tiers, by one instance after another. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Cache, OldVersionsEvent, SharedTier } from '../../src/index.ts'
import { createCache } from '../../src/index.ts'
import { redisTier } from '../../src/redis/index.ts'
import { sqliteTier } from '../../src/sqlite/index.ts'
import { drivers } from '../servers/redis-drivers.ts'
import { startRedis } from '../servers/start-redis.ts'
import { until } from '../servers/until.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} } as const
const ENTRIES = 3_000
const NEWER = 500

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, at) => from + at)

function open(shared: SharedTier, version: number) {
  const cache = createCache({
    name: 'upgraded',
    shared,
    logger: SILENT,
    memory: 'off',
    sharedTimeout: '5s',
  })
  const things = cache.collection<number, string>('thing', {
    version,
    source: { loadMany: (keys) => new Map(keys.map((key) => [key, `${key} of ${version}`])) },
    ttl: '1h',
  })
  const told: OldVersionsEvent[] = []
  cache.on('old-versions', (event) => told.push(event))
  return { cache, things, told }
}

/** Three instances: of the older release, and two of the newer one. */
async function play(tiers: readonly [SharedTier, SharedTier, SharedTier]): Promise<void> {
  const [older, first, second] = [open(tiers[0], 1), open(tiers[1], 2), open(tiers[2], 2)]
  const caches: readonly Cache[] = [older.cache, first.cache, second.cache]
  try {
    await Promise.all(caches.map((cache) => cache.ready()))
    // Plain keys lie between them.
    await older.cache.setMany(range(0, 200).map((at) => [`plain ${at}`, at] as const))
    await older.things.getMany(range(0, ENTRIES))
    // Read by the newer release: replaced by it.
    await first.things.getMany(range(0, NEWER))

    const stop = new AbortController()
    const options = { perSecond: 1_500, signal: stop.signal }
    const stopped = first.things.removeOldVersions(options)
    await until('some are removed', () => (first.told.at(-1)?.removed ?? 0) > 0)
    expect(await second.things.removeOldVersions()).toMatchObject({ state: 'elsewhere' })
    stop.abort()
    const before = await stopped
    expect(before.state).toBe('stopped')
    expect(before.removed).toBeLessThan(ENTRIES - NEWER)

    const report = await second.things.removeOldVersions({ perSecond: 50_000 })
    expect(second.told[0]).toMatchObject({ state: 'begun', removed: before.removed })
    expect(report).toMatchObject({ state: 'done', removed: ENTRIES - NEWER, newer: 0 })

    const left: number[] = []
    for await (const key of second.things.keys()) left.push(key)
    expect(left.sort((one, other) => one - other)).toEqual(range(0, NEWER))
    expect(await second.things.read(1)).toMatchObject({ tier: 'shared', value: '1 of 2' })
    expect(await second.cache.get('plain 7')).toBe(7)
    // And an older release removes nothing of it.
    expect(await older.things.removeOldVersions({ perSecond: 50_000 })).toMatchObject({
      state: 'done',
      removed: 0,
      newer: NEWER,
    })
  } finally {
    await Promise.all(caches.map((cache) => cache.close()))
  }
}

describe('entries of an older release', () => {
  test('leave SQLite, and newer ones stay', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tiercel-old-'))
    try {
      const tier = (): SharedTier => sqliteTier(join(folder, 'cache.db'))
      await play([tier(), tier(), tier()])
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test.each(drivers.filter(({ driver }) => ['ioredis 5', 'node-redis 6'].includes(driver)))(
    'leave Redis, and newer ones stay, with $driver',
    async ({ single }) => {
      await using server = await startRedis()
      const users = [0, 1, 2].map(() => single(server.port))
      try {
        const [first, second, third] = users.map(({ client }) => redisTier(client, { shards: 4 }))
        if (first !== undefined && second !== undefined && third !== undefined) {
          await play([first, second, third])
        }
      } finally {
        for (const user of users) user.end()
      }
    },
  )
})
