/** Any instance shows all of them, whatever tier they share (M1). */

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Cache, createCache, type SharedTier } from '../../src/index.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { redisTier } from '../../src/redis/index.ts'
import { sqliteTier } from '../../src/sqlite/index.ts'
import { drivers } from '../servers/redis-drivers.ts'
import { startRedis } from '../servers/start-redis.ts'
import { until } from '../servers/until.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} }
const SHARE_MS = 100

interface Ground extends AsyncDisposable {
  /** One for each instance. */
  tier(): SharedTier
}

const grounds: Readonly<Record<string, () => Promise<Ground>>> = {
  memory: async () => {
    const tier = memoryTier()
    return { tier: () => tier, [Symbol.asyncDispose]: async () => {} }
  },
  SQLite: async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'tiercel-fleet-')), 'cache.db')
    return { tier: () => sqliteTier(file), [Symbol.asyncDispose]: async () => {} }
  },
  Redis: async () => {
    const server = await startRedis()
    const ends: (() => void)[] = []
    return {
      tier: () => {
        const user = drivers[0]?.single(server.port)
        if (user === undefined) throw new Error('There is no driver.')
        ends.push(() => user.end())
        return redisTier(user.client, { shards: 4 })
      },
      async [Symbol.asyncDispose]() {
        for (const end of ends) end()
        await server[Symbol.asyncDispose]()
      },
    }
  },
}

function open(ground: Ground, instance: string): Cache {
  return createCache({
    name: 'shop',
    instance,
    shared: ground.tier(),
    logger: SILENT,
    metrics: { shareEvery: SHARE_MS },
  })
}

describe.each(Object.entries(grounds))('a fleet on %s', (_, start) => {
  test('is shown by each of its instances, and without those that have ended', async () => {
    await using ground = await start()
    const names = ['a', 'b', 'c']
    const caches = names.map((name) => open(ground, name))
    await using _all = {
      [Symbol.asyncDispose]: async () => {
        await Promise.all(caches.map((cache) => cache.close()))
      },
    }
    await Promise.all(caches.map((cache) => cache.ready()))
    for (const [at, cache] of caches.entries()) {
      for (let reads = 0; reads <= at; reads += 1) await cache.get(`nothing ${reads}`)
    }
    for (const [at, cache] of caches.entries()) {
      const others = names.filter((_, other) => other !== at)
      await until('all instances with their figures', async () => {
        const fleet = await cache.fleet()
        expect(fleet.map(({ instance, own }) => [instance, own])).toEqual([
          [names[at], true],
          ...others.map((name) => [name, false]),
        ])
        for (const { instance, stats } of fleet) {
          expect(stats.total.misses).toBe(names.indexOf(instance) + 1)
        }
        return true
      })
    }
    const [first, , third] = caches as [Cache, Cache, Cache]
    await third.close()
    await until('the end of one', async () => (await first.fleet()).length === 2)
  })

  test('is no invalidation, and no read of anybody', async () => {
    await using ground = await start()
    await using one = open(ground, 'one')
    await using other = open(ground, 'other')
    await Promise.all([one.ready(), other.ready()])
    await until('both', async () => (await one.fleet()).length === 2)
    await until('both', async () => (await other.fleet()).length === 2)
    const { total, patterns, invalidations } = await one.stats()
    expect(invalidations.total).toBe(0)
    expect([total.hits, total.misses, total.writes.set]).toEqual([0, 0, 0])
    expect(patterns).toEqual([])
  })
})
