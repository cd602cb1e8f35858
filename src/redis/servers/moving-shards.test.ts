/**
 * Instances of a cache that read and write while a server is added, with a database that knows which
 * version was current when.
 */

import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import {
  type GivenServer,
  QUICK_PACE,
  RedisServersScene,
  type ServersSessionOptions,
} from '../../../test/contract/redis-servers-subject.ts'
import { FaultProxy } from '../../../test/servers/fault-proxy.ts'
import { type Driver, drivers } from '../../../test/servers/redis-drivers.ts'
import { startRedis } from '../../../test/servers/start-redis.ts'
import { until } from '../../../test/servers/until.ts'
import { TierError } from '../../contracts/errors.ts'
import type { SharedTier } from '../../contracts/shared-tier.ts'
import { type Cache, createCache } from '../../index.ts'

const MAX_BLIND_MS = 500
/** For a machine that is busy with other things between a read and its judgement. */
const SLACK_MS = 1_500
const KEYS = Array.from({ length: 24 }, (_, at) => `key-${at}`)
const SILENT = { level: 'silent', warn: () => {}, error: () => {} } as const
const ioredis = drivers[0] as Driver
const both = [drivers[0], drivers[2]] as readonly Driver[]

type Role = Pick<ServersSessionOptions, 'onStep' | 'pace'>

/** Moves nothing itself, and hears of moves only from the servers that shards have left. */
const IDLE: Role = {
  pace: { ...QUICK_PACE, lookMs: 3_600_000, busyLookMs: 3_600_000 },
  onStep() {
    throw new TierError('redis', 'It moves nothing itself.')
  },
}

/** Rows with a version that grows, when each was written, and whether the shared tier was told. */
class Database {
  readonly #rows = new Map<string, number>()
  readonly #told = new Map<string, number>()
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

  /** The shared tier has removed what came before this version. */
  tell(key: string, version: number): void {
    this.#told.set(key, Math.max(version, this.told(key)))
  }

  told(key: string): number {
    return this.#told.get(key) ?? 0
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
  readonly #written = new Map<string, number>()
  readonly #seen = new Map<string, number>()
  worstMs = 0
  reads = 0

  constructor(cache: Cache, database: Database) {
    this.cache = cache
    this.#database = database
  }

  /**
   * Never before its own write, nor before what it has read, once the tier was told of that: where the tier does not
   * answer, the source does, which may have a write whose removal is `pending` still. The next answer of the tier
   * may be older then, for as long as `worstMs` says.
   */
  async read(key: string): Promise<number> {
    const at = performance.now()
    const seen = Math.min(this.#seen.get(key) ?? 0, this.#database.told(key))
    const least = Math.max(seen, this.#written.get(key) ?? 0)
    const found = await this.cache.getOrLoad<number>(key, () => this.#database.load(key))
    this.reads += 1
    const version = Number(found)
    this.worstMs = Math.max(this.worstMs, this.#database.staleMs(key, version, at))
    expect(version).toBeGreaterThanOrEqual(least)
    this.#seen.set(key, Math.max(version, this.#seen.get(key) ?? 0))
    return version
  }

  /** What this instance has written it reads from then on, or newer. */
  async write(key: string): Promise<void> {
    this.#database.write(key)
    const version = this.#database.load(key)
    const { state } = await this.cache.delete(key)
    if (state === 'done') this.#database.tell(key, version)
    this.#written.set(key, version)
  }

  /** Reads and writes until it is told to stop. */
  async work(signal: AbortSignal, seed: number): Promise<void> {
    for (let round = seed; !signal.aborted; round += 1) {
      const at = (step: number): string => KEYS[(round * step + seed) % KEYS.length] ?? ''
      await Promise.all([this.read(at(1)), this.read(at(5)), this.read(at(7))])
      if (round % 4 === 0) await this.write(at(3))
      // Copies in memory are answered at once: nothing else would get its turn.
      await turn()
    }
  }
}

/** Servers, a database, and instances over servers as they are reached. */
async function setup(driver = ioredis) {
  const servers = await Promise.all([startRedis(), startRedis(), startRedis()])
  const scene = new RedisServersScene(driver)
  const database = new Database()
  const caches: Cache[] = []
  const tierOf = (given: readonly GivenServer[], role: Role): SharedTier => ({
    kind: 'redis',
    open: ({ instance, name }) => scene.open({ servers: given, instance, name, ...role }).session,
  })
  const given = ['a', 'b', 'c'].map((name, at) => ({ name, port: servers[at]?.port ?? 0 }))
  return {
    servers,
    database,
    given,
    events: scene.events,
    open: (those: readonly GivenServer[], role: Role = {}) =>
      scene.open({ servers: those, name: 'shop', ...role }),
    async instance(those: readonly GivenServer[], role: Role = {}): Promise<Instance> {
      const cache = createCache({
        name: 'shop',
        instance: `instance-${caches.length}`,
        shared: tierOf(those, role),
        defaults: { jitter: 0, ttl: '10m', memoryTtl: '10m' },
        coherence: { maxBlindness: MAX_BLIND_MS },
        sharedTimeout: '2s',
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
      await scene[Symbol.asyncDispose]()
      await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()))
    },
  }
}

async function moved(scene: Awaited<ReturnType<typeof setup>>, withinMs = 15_000): Promise<void> {
  const areMoved = async (): Promise<boolean> => {
    for (const at of [0, 1, 2]) {
      if (String(await scene.counts(at)) !== '3,3,2') return false
    }
    return true
  }
  await until('the shards have moved', areMoved, { withinMs })
}

describe.each(both)('while a server is added, $driver', (driver) => {
  test('instances that read and write see versions grow, and agree in the end', async () => {
    await using scene = await setup(driver)
    const { given, database } = scene
    const first = await scene.instance(given.slice(0, 2))
    await until('the cache lives on two', async () => String(await scene.counts(1)) === '4,4,0')
    const second = await scene.instance(given)
    const ending = new AbortController()
    // The second was given the new server, and moves its shards; a third starts in the middle.
    const work = [first.work(ending.signal, 0), second.work(ending.signal, 1)]
    const third = await scene.instance(given)
    work.push(third.work(ending.signal, 2))
    await moved(scene)
    const reads = [second, third].map((one) => one.reads)
    await until('they have read much of what has moved', () => {
      return [second, third].every((one, at) => one.reads > (reads[at] ?? 0) + 300)
    })
    ending.abort()
    await Promise.all(work)
    for (const instance of [second, third]) {
      expect(instance.worstMs).toBeLessThan(MAX_BLIND_MS + SLACK_MS)
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
    await until('the cache lives on two', async () => String(await scene.counts(1)) === '4,4,0')
    const sleeper = await scene.instance(through, IDLE)
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
      await turn()
    }
    expect(sleeper.worstMs).toBeLessThan(MAX_BLIND_MS + SLACK_MS)
    for (const key of KEYS) await waitFor(sleeper, key, database.load(key))
    for (const proxy of proxies) await proxy[Symbol.asyncDispose]()
  })
})

/** How many shards have left a server that can be asked. */
async function marked({ servers }: Awaited<ReturnType<typeof setup>>): Promise<number> {
  const alive = servers.filter((server) => server.isAlive)
  const marks = alive.map(async (server) => {
    const keys = (await server.call('KEYS', '{shop/*}:c')) as readonly string[]
    return await Promise.all(keys.map((key) => server.call('HEXISTS', String(key), 'M')))
  })
  return (await Promise.all(marks)).flat().filter((mark) => mark === 1).length
}

describe('a shard that moves', () => {
  test('leaves its home only when every server knows', async () => {
    await using scene = await setup()
    const { given, servers } = scene
    const first = scene.open(given.slice(0, 2))
    await first.session.ready
    await first.link.close()
    // Not the one on which the map is changed.
    await servers[1]?.kill9()
    scene.open(given)
    const failed = () =>
      scene.events.filter((event) => event.type === 'tier-failure' && event.operation === 'move')
    await until('the move was held up', () => failed().length > 0)
    expect(await marked(scene)).toBe(0)
    await servers[1]?.start()
    await moved(scene)
  })

  test('comes to life in its new home only when all that follow it have said that they know', async () => {
    await using scene = await setup()
    const { given } = scene
    await scene.open(given.slice(0, 2)).session.ready
    const follower = scene.open(given, IDLE)
    await follower.session.ready
    const all = Array.from({ length: follower.session.shards }, (_, shard) => shard)
    const beat = (shard: number) =>
      follower.session.follow({ shard, epoch: undefined, cursor: 0, beat: true })
    await Promise.all(all.map(beat))
    // Nobody is taken for silent before the end of this test.
    scene.open(given, { pace: { ...QUICK_PACE, silenceMs: 60_000, takeoverMs: 90_000 } })
    await until('two shards have left their homes', async () => (await marked(scene)) === 2)
    await expect(scene.counts(0)).resolves.not.toEqual([3, 3, 2])
    const followed = await Promise.allSettled(all.map(beat))
    expect(followed.filter(({ status }) => status === 'rejected')).toHaveLength(2)
    // Well before its standing is forgotten.
    await moved(scene, 5_000)
  })
})
