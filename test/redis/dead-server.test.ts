/** One of two independent servers is stopped or killed: its own keys are all that it costs. */

import { describe, expect, test } from 'vitest'
import { type Cache, createCache } from '../../src/index.ts'
import { encodeKey } from '../../src/keys/key-encoding.ts'
import { shardOf } from '../../src/keys/key-place.ts'
import { redisTier } from '../../src/redis/index.ts'
import { drivers } from '../servers/redis-drivers.ts'
import type { RedisServer } from '../servers/redis-server.ts'
import { startRedis } from '../servers/start-redis.ts'

const clients = drivers.filter(({ driver }) => driver === 'ioredis 5' || driver === 'node-redis 6')
const SILENT = { level: 'silent', warn: () => {}, error: () => {} }
const SHARDS = 8
const ROUNDS = 12
/** More than a tier on one server may fail in a row before nothing is asked. */
const IN_A_ROW = 7

interface Scene extends AsyncDisposable {
  readonly cache: Cache
  /** The server without the locks. */
  readonly dead: RedisServer
  /** Keys of the other one, and of that one. */
  readonly well: readonly string[]
  readonly lost: readonly string[]
  /** States of the breaker round the whole tier. */
  readonly states: string[]
}

async function setup(driver: (typeof clients)[number]): Promise<Scene> {
  const servers = { a: await startRedis(), b: await startRedis() }
  const users = Object.entries(servers).map(([name, { port }]) => {
    return { name, user: driver.single(port) }
  })
  const given = users.map(({ name, user }) => ({ name, client: user.client }))
  const cache = createCache({
    name: 'shop',
    shared: redisTier(given, { shards: SHARDS }),
    logger: SILENT,
    defaults: { jitter: 0, ttl: '1h' },
  })
  const states: string[] = []
  cache.on('connection', ({ tier, state }) => {
    if (tier === 'shared' && state !== 'followed') states.push(state)
  })
  await cache.ready()
  const keys = Array.from({ length: 8 * ROUNDS }, (_, at) => `k${at}`)
  await cache.setMany(keys.map((key) => [key, key]))
  const map = JSON.parse(String(await servers.a.call('HGET', '{shop/map}:m', 'm'))) as {
    readonly home: 'a' | 'b'
    readonly places: readonly { readonly on?: string }[]
  }
  const isWell = (key: string): boolean => {
    const { id } = encodeKey('', key)
    return map.places[shardOf({ id }, SHARDS)]?.on === map.home
  }
  return {
    cache,
    dead: map.home === 'a' ? servers.b : servers.a,
    well: keys.filter(isWell),
    lost: keys.filter((key) => !isWell(key)),
    states,
    async [Symbol.asyncDispose]() {
      servers.a.resume()
      servers.b.resume()
      await cache.close()
      for (const { user } of users) user.end()
      await Promise.all(Object.values(servers).map((server) => server[Symbol.asyncDispose]()))
    },
  }
}

describe.each(clients)('a server of two that is dead, $driver', (driver) => {
  test.each([
    ['stopped', async (server: RedisServer) => server.pause()],
    ['killed', (server: RedisServer) => server.kill9()],
  ] as const)('costs its own keys only while it is %s', async (_, hit) => {
    await using scene = await setup(driver)
    const { cache, dead, well, lost, states } = scene
    expect(Math.min(well.length, lost.length)).toBeGreaterThan(2 * ROUNDS)
    await hit(dead)
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const key of lost.slice(0, IN_A_ROW)) {
        expect((await cache.delete(key)).state).toBe('pending')
      }
      const [here, together] = well.slice(2 * round)
      const [away, kept, gone] = await Promise.all([
        cache.delete(lost[round] ?? ''),
        cache.read(here ?? '', { read: 'shared' }),
        cache.delete(together ?? ''),
      ])
      expect(away.state).toBe('pending')
      expect(kept).toMatchObject({ found: true, value: here })
      expect(gone.state).toBe('done')
      expect((await cache.invalidateTags([`tag ${round}`])).state).toBe('pending')
      expect((await cache.usage()).shared).toBeUndefined()
      expect((await cache.delete(here ?? '')).state).toBe('done')
      await using lock = await cache.lock('nightly')
      expect(lock.token).toBeGreaterThan(0n)
    }
    expect(states).toEqual([])
  })
})
