/** The door `tiercel/redis`: the shared tier on Redis or Valkey. */

export type { RedisClientLike } from './connection/connect-redis.ts'
export type { ServerProblem } from './connection/judge-node.ts'
export type { NodeFacts } from './connection/read-node-facts.ts'
export {
  type ExaminedNode,
  type ExamineOptions,
  examineRedis,
  type RedisExamination,
} from './examine-redis.ts'
export type { CacheSpread } from './measure-spread.ts'
export { redisTier } from './redis-tier.ts'
export type { RedisTierOptions } from './resolve-tier-options.ts'
export type { RedisServerOptions, RedisServersOptions } from './servers/resolve-servers.ts'
