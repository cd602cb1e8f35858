/** A connection of the Redis tier with what it tells, for a test. */

import type { Clock } from '../../src/contracts/clock.ts'
import type { CacheEvent } from '../../src/contracts/events.ts'
import { SystemClock } from '../../src/memory/system-clock.ts'
import { SystemRandom } from '../../src/memory/system-random.ts'
import { connectRedis } from '../../src/redis/connection/connect-redis.ts'
import type {
  ConnectionEvent,
  RedisConnection,
} from '../../src/redis/connection/redis-connection.ts'
import type { UserClient } from './redis-drivers.ts'

export interface OpenConnection extends AsyncDisposable {
  readonly connection: RedisConnection
  /** In the order they were told in. */
  readonly events: ConnectionEvent[]
  /** What was reported. */
  readonly failures: CacheEvent[]
}

/** Not yet ready. Ended by `await using`, with the user's client. */
export function openConnection(user: UserClient, clock: Clock = new SystemClock()): OpenConnection {
  const events: ConnectionEvent[] = []
  const failures: CacheEvent[] = []
  const connection = connectRedis(user.client, {
    clock,
    random: new SystemRandom(),
    report: (event) => failures.push(event),
  })
  connection.onState((event) => events.push(event))
  return {
    connection,
    events,
    failures,
    async [Symbol.asyncDispose]() {
      await connection.close()
      user.end()
    },
  }
}
