/**
 * Instances of a cache that read and write while a server is added, with a database that knows which
 * version was current when.
 */

import { describe, expect, test } from 'vitest'
import {
  type GivenServer,
  QUICK_PACE,
  RedisServersScene,
} from '../../../test/contract/redis-servers-subject.ts'
import { FaultProxy } from '../../../test/servers/fault-proxy.ts'
import { type Driver, drivers } from '../../../test/servers/redis-drivers.ts'
import { startRedis } from '../../../test/servers/start-redis.ts'
import { until } from '../../../test/servers/until.ts'
import type { SharedTier } from '../../contracts/shared-tier.ts'
import { type Cache, createCache } from '../../index.ts'
import { ServersLink } from './servers-link.ts'

const MAX_BLIND_MS = 500
/** For a machine that is busy with other things between a read and its judgement. */
const SLACK_MS = 1_500
const KEYS = Array.from({ length: 24 }, (_, at) => `key-${at}`)
const SILENT = { level: 'silent', warn: () => {}, error: () => {} } as const
const ioredis = drivers[0] as Driver
const both = [drivers[0], drivers[2]] as readonly Driver[]

/** Rows with a version that grows, and when each was written. */
class Database {
  readonly #rows = new Map<string, number>()
  readonly #writtenAt = new Map<string, number[]>()

  load(key: string): number {
    return this.#rows.get(key) ?? 0
  }

  write(key: string): void {
    const version = this.load(key) + 1
    this.#rows.set(key, version)
    const times = this.#writtenAt.get(key) ?? []
    times[version] = performance.now()
    this.#writtenAt.set(key, times)
  }

  /** How long before `at` the value had been overwritten. */
  staleMs(key: string, version: number, at: number): number {
    const overwrittenAt = this.#writtenAt.get(key)?.[version + 1]
    return overwrittenAt === undefined ? 0 : Math.max(0, at - overwrittenAt)
  }
}

class Instance {
  readonly cache: Cache
  readonly #database: Database
  readonly #seen = new Map<string, number>()
  worstMs = 0
  reads = 0

  constructor(cache: Cache, database: Database) {
    this.cache = cache
    this.#database = database
  }

  async read(key: string): Promise<number> {
    const at = performance.now()
    const found = await this.cache.getOrLoad<number>(key, () => this.#database.load(key))
    this.reads += 1
    const version = Number(found)
    this.worstMs = Math.max(this.worstMs, this.#database.staleMs(key, version, at))
    expect(version).toBeGreaterThanOrEqual(this.#seen.get(key) ?? 0)
    this.#seen.set(key, version)
    return version
  }

  /** What this instance has written it reads from then on, or newer. */
  async write(key: string): Promise<void> {
    this.#database.write(key)
    const version = this.#database.load(key)
    await this.cache.delete(key)
    this.#seen.set(key, Math.max(version, this.#seen.get(key) ?? 0))
  }

  /** Reads and writes until it is told to stop. */
  async work(signal: AbortSignal, seed: number): Promise<void> {
    for (let round = seed; !signal.aborted; round += 1) {
      const at = (step: number): string => KEYS[(round * step + seed) % KEYS.length] ?? ''
      await Promise.all([this.read(at(1)), this.read(at(5)), this.read(at(7))])
      if (round % 4 === 0) await this.write(at(3))
    }
  }
}

/** Servers, a database, and instances over servers as they are reached. */
async function setup(driver = ioredis) {
  const servers = await Promise.all([startRedis(), startRedis(), startRedis()])
  const scene = new RedisServersScene(driver)
  const database = new Database()
  const caches: Cache[] = []
  const users: { end(): void }[] = []
  const tierOf = (given: readonly GivenServer[]): SharedTier => ({
    kind: 'redis',
    open: ({ instance, name }) =>
      scene.open({ servers: given, instance, name, serverTimeoutMs: 150 }).session,
  })
  const given = ['a', 'b', 'c'].map((name, at) => ({ name, port: servers[at]?.port ?? 0 }))
  return {
    servers,
    database,
    given,
    async instance(those: readonly GivenServer[]): Promise<Instance> {
      const cache = createCache({
        name: 'shop',
        instance: `instance-${caches.length}`,
        shared: tierOf(those),
        defaults: { jitter: 0, ttl: '10m', memoryTtl: '10m' },
        coherence: { maxBlindness: MAX_BLIND_MS },
        logger: SILENT,
      })
      caches.push(cache)
      return new Instance(cache, database)
    },
    /** By server: how many shards live on it, as it says itself. */
    async counts(at: number) {
      const text = await servers[at]?.call('HGET', '{shop/map}:m', 'm')
      const { places } = JSON.parse(String(text)) as { places: { on?: string }[] }
      return given.map(({ name }) => places.filter(({ on }) => on === name).length)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(caches.map((cache) => cache.close()))
      for (const user of users) user.end()
      await scene[Symbol.asyncDispose]()
      await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()))
    },
  }
}

const moved = async (scene: Awaited<ReturnType<typeof setup>>): Promise<void> => {
  await until('the shards have moved', async () => {
    for (const at of [0, 1, 2]) {
      if (String(await scene.counts(at)) !== '3,3,2') return false
    }
    return true
  })
}

describe.each(both)('while a server is added, $driver', (driver) => {
  test('instances that read and write see versions grow, and agree in the end', async () => {
    await using scene = await setup(driver)
    const { given, database } = scene
    const instances = await Promise.all([scene.instance(given.slice(0, 2)), scene.instance(given)])
    const ending = new AbortController()
    const [first, second] = instances as [Instance, Instance]
    // The second was given the new server, and moves its shards; a third starts in the middle.
    const work = [first.work(ending.signal, 0), second.work(ending.signal, 1)]
    const third = await scene.instance(given)
    work.push(third.work(ending.signal, 2))
    await moved(scene)
    const until = performance.now() + 1_000
    while (performance.now() < until) await third.read(KEYS[0] ?? '')
    ending.abort()
    await Promise.all(work)
    for (const instance of [second, third]) {
      expect(instance.worstMs).toBeLessThan(MAX_BLIND_MS + SLACK_MS)
      expect(instance.reads).toBeGreaterThan(100)
    }
    for (const key of KEYS) await second.write(key)
    for (const key of KEYS) expect(await second.read(key)).toBe(database.load(key))
    for (const key of KEYS) {
      await waitFor(third, key, database.load(key))
    }
  })
})

async function waitFor(instance: Instance, key: string, version: number): Promise<void> {
  await until(`version ${version} of ${key} is read`, async () => {
    return (await instance.read(key)) === version
  })
}

describe('an instance that slept through a move', () => {
  test('never serves what the old home still has', async () => {
    await using scene = await setup()
    const { given, database } = scene
    const proxies = await Promise.all(given.map(({ port }) => FaultProxy.start(port)))
    const through = given.map(({ name }, at) => ({ name, port: proxies[at]?.port ?? 0 }))
    const mover = await scene.instance(given.slice(0, 2))
    const sleeper = await scene.instance(through)
    // Before it can move anything itself, it hears nothing any more.
    for (const key of KEYS) await mover.write(key)
    for (const key of KEYS) await sleeper.read(key)
    for (const proxy of proxies) proxy.blackHole()
    const another = await scene.instance(given)
    await moved(scene)
    for (const key of KEYS) await another.write(key)
    for (const proxy of proxies) proxy.heal()
    // Whatever way it goes, what it reads is not older than what its blindness allows.
    const from = performance.now()
    while (performance.now() < from + 2_000) {
      for (const key of KEYS) await sleeper.read(key)
    }
    expect(sleeper.worstMs).toBeLessThan(MAX_BLIND_MS + SLACK_MS)
    for (const key of KEYS) await waitFor(sleeper, key, database.load(key))
    for (const proxy of proxies) await proxy[Symbol.asyncDispose]()
  })
})
