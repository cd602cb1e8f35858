/** A Redis server with the tier on it, and the steps of a session, for tests of the Redis room. */

import type { CacheEvent } from '../../src/contracts/events.ts'
import type { RedisTierOptions } from '../../src/redis/index.ts'
import { SharedSteps } from '../../src/testing/shared-steps.ts'
import { type Driver, drivers } from '../servers/redis-drivers.ts'
import type { RedisConfig, RedisServer } from '../servers/redis-server.ts'
import { startRedis } from '../servers/start-redis.ts'
import { type RedisTierSubject, redisTierSubject } from './redis-tier-subject.ts'

export interface RedisScene extends AsyncDisposable {
  readonly server: RedisServer
  readonly subject: RedisTierSubject
  /** What all sessions have reported. */
  readonly events: readonly CacheEvent[]
  /** One more session, open. */
  steps(name?: string): Promise<SharedSteps>
}

export interface RedisSceneOptions {
  readonly config?: RedisConfig
  readonly tier?: RedisTierOptions
  /** @default ioredis */
  readonly driver?: Driver
}

/** One shard, unless the test says otherwise. */
export async function redisScene(options: RedisSceneOptions = {}): Promise<RedisScene> {
  const server = await startRedis({ config: options.config ?? {} })
  const { port } = server
  const [ioredis] = drivers
  const driver = options.driver ?? ioredis
  if (driver === undefined) throw new Error('There are no drivers.')
  const subject = redisTierSubject(driver.single(port), {
    shards: 1,
    ports: [port],
    ...options.tier,
  })
  return {
    server,
    subject,
    events: subject.events,
    async steps(name) {
      const session = subject.open(name)
      await session.ready
      return new SharedSteps(session, subject)
    },
    async [Symbol.asyncDispose]() {
      await subject[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}
