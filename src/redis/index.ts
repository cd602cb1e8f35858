/** The door `tiercel/redis`: the shared tier on Redis or Valkey. */

export type { RedisClientLike } from './connection/connect-redis.ts'
export { redisTier } from './redis-tier.ts'
export type { RedisTierOptions } from './resolve-tier-options.ts'
export type { RedisServerOptions, RedisServersOptions } from './servers/resolve-servers.ts'
