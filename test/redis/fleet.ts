/** Instances of one cache on a real Redis, each through a proxy of its own that can be broken. */

import { type Cache, type CacheOptions, createCache, type Platform } from '../../src/index.ts'
import { redisTier } from '../../src/redis/index.ts'
import { FaultProxy } from '../servers/fault-proxy.ts'
import type { Driver } from '../servers/redis-drivers.ts'
import type { RedisServer } from '../servers/redis-server.ts'
import { startRedis } from '../servers/start-redis.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} }

export interface Member {
  readonly cache: Cache
  /** The way of this instance alone to the server. */
  readonly way: FaultProxy
}

export class Fleet implements AsyncDisposable {
  readonly server: RedisServer
  readonly #driver: Driver
  readonly #open: (() => Promise<unknown>)[] = []
  #members = 0

  private constructor(server: RedisServer, driver: Driver) {
    this.server = server
    this.#driver = driver
  }

  static async start(driver: Driver): Promise<Fleet> {
    return new Fleet(await startRedis(), driver)
  }

  /** Another instance, once it is ready. */
  async join(options: Partial<CacheOptions> = {}, platform: Platform = {}): Promise<Member> {
    const member = await this.joinUnready(options, platform)
    await member.cache.ready()
    return member
  }

  /** Another instance, which may find no server. */
  async joinUnready(options: Partial<CacheOptions> = {}, platform: Platform = {}): Promise<Member> {
    this.#members += 1
    const way = await FaultProxy.start(this.server.port)
    const user = this.#driver.single(way.port)
    const cache = createCache(
      {
        name: 'shop',
        instance: `member ${this.#members}`,
        // More than one server would need, so that what goes to every shard goes to several.
        shared: redisTier(user.client, { shards: 4 }),
        logger: SILENT,
        defaults: { jitter: 0, ttl: '1h', memoryTtl: '1h' },
        ...options,
      },
      platform,
    )
    this.#open.push(async () => {
      await cache.close()
      user.end()
      await way[Symbol.asyncDispose]()
    })
    return { cache, way }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#open.map((close) => close()))
    await this.server[Symbol.asyncDispose]()
  }
}
