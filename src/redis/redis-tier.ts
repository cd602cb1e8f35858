/** The shared tier on Redis or Valkey, for the processes of any number of machines. */

import type { SharedTier } from '../contracts/shared-tier.ts'
import { ShardClient } from '../shard/index.ts'
import { connectRedis, type RedisClientLike } from './connection/connect-redis.ts'
import { RedisLink } from './redis-link.ts'
import { type RedisTierOptions, resolveTierOptions } from './resolve-tier-options.ts'

/**
 * Keeps entries where `client` points: a client of ioredis or node-redis, for a single server, behind
 * Sentinel, or for a cluster. The client itself is never used, changed or closed: connections of the
 * tier's own are opened after its example, and closed with the cache.
 *
 * Redis 6.2, Valkey 7.2, and later. Scripts do what must be atomic, and publish what has changed, so
 * the client's user needs the rights for both.
 *
 * @throws ConfigError if an option cannot work.
 */
export function redisTier(client: RedisClientLike, options: RedisTierOptions = {}): SharedTier {
  const resolved = resolveTierOptions(options)
  return {
    kind: 'redis',
    open(context) {
      const connection = connectRedis(client, context)
      const link = new RedisLink({ connection, context, options: resolved })
      return new ShardClient({ link, tier: 'redis', session: context.random.id() })
    },
  }
}
