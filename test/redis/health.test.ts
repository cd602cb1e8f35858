/** Health as a person on call meets it: Redis is pulled away under load, and comes back (M5). */

import { describe, expect, test } from 'vitest'
import { type Cache, createCache, type Health } from '../../src/index.ts'
import { redisTier } from '../../src/redis/index.ts'
import { drivers } from '../servers/redis-drivers.ts'
import type { RedisServer } from '../servers/redis-server.ts'
import { startRedis } from '../servers/start-redis.ts'
import { until } from '../servers/until.ts'

const clients = drivers.filter(({ driver }) => driver === 'ioredis 5' || driver === 'node-redis 6')
const SILENT = { level: 'silent', warn: () => {}, error: () => {} }
const TOLD_MS = 3_000
const WELL_AGAIN_MS = 5_000

/** Reads and writes without a pause, until it is stopped; none of it may fail. */
function startLoad(cache: Cache): { stop: () => Promise<void> } {
  let going = true
  const read = async (lane: number): Promise<void> => {
    for (let at = 0; going; at += 1) {
      // Hits alone would never let the event loop turn.
      await new Promise(setImmediate)
      await cache.getOrLoad(`item:${(at * 7 + lane) % 500}`, () => at, { ttl: '2s' })
      if (at % 50 === 0) await cache.set(`note:${at % 20}`, at)
    }
  }
  const lanes = Promise.all(Array.from({ length: 8 }, (_, lane) => read(lane)))
  return {
    stop: async () => {
      going = false
      await lanes
    },
  }
}

async function untilHealth(
  cache: Cache,
  withinMs: number,
  fits: (health: Health) => boolean,
): Promise<{ readonly health: Health; readonly tookMs: number }> {
  const begunAt = performance.now()
  let health = await cache.health()
  await until(
    'another health',
    async () => {
      health = await cache.health()
      return fits(health)
    },
    { withinMs },
  )
  return { health, tookMs: performance.now() - begunAt }
}

describe.each(clients)('health while Redis is away, $driver', (driver) => {
  test.each([
    [
      'stopped',
      async (server: RedisServer): Promise<void> => server.pause(),
      async (server: RedisServer): Promise<void> => server.resume(),
    ],
    [
      'killed',
      (server: RedisServer): Promise<void> => server.kill9(),
      async (server: RedisServer): Promise<void> => void (await server.start()),
    ],
  ] as const)('says so within 3 s of its being %s, and is well 5 s after', async (_, pull, put) => {
    await using server = await startRedis()
    const user = driver.single(server.port)
    const cache = createCache({ name: 'shop', shared: redisTier(user.client), logger: SILENT })
    await cache.ready()
    const load = startLoad(cache)
    await using _end = {
      async [Symbol.asyncDispose](): Promise<void> {
        server.resume()
        await load.stop()
        await cache.close()
        user.end()
      },
    }
    expect(await cache.health()).toEqual({ state: 'healthy', reasons: [] })
    await pull(server)
    const away = await untilHealth(cache, TOLD_MS, ({ state }) => state === 'degraded')
    expect(away.tookMs).toBeLessThan(TOLD_MS)
    expect(away.health.reasons.map(({ code }) => code)).toContain('shared-away')
    await put(server)
    const back = await untilHealth(cache, WELL_AGAIN_MS, ({ state }) => state === 'healthy')
    expect(back.tookMs).toBeLessThan(WELL_AGAIN_MS)
  })
})
