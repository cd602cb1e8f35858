/**
 * Opens connections of this room's own to where a user's client points. Called by the Redis tier when
 * it is opened; the client itself is never used or closed.
 */

import { ConfigError } from '../../contracts/errors.ts'
import { ClusterConnection } from './cluster-connection.ts'
import type { IoredisClusterLike, IoredisLike } from './ioredis-like.ts'
import { ioredisClusterSource, ioredisSource } from './ioredis-source.ts'
import type { NodeSource } from './node-client.ts'
import type {
  NodeRedisClusterLike,
  NodeRedisLike,
  NodeRedisSentinelLike,
} from './node-redis-like.ts'
import {
  nodeRedisClusterSource,
  nodeRedisSentinelSource,
  nodeRedisSource,
} from './node-redis-source.ts'
import type { ConnectContext, RedisConnection } from './redis-connection.ts'
import { SingleConnection } from './single-connection.ts'

/**
 * A client of ioredis (5 or 6; also of sentinels, or a `Cluster`) or of node-redis (5 or 6; also
 * `createCluster`, and `createSentinel` of 6). Connected or not.
 */
export type RedisClientLike =
  | IoredisLike
  | IoredisClusterLike
  | NodeRedisLike
  | NodeRedisClusterLike
  | NodeRedisSentinelLike

/**
 * Begins to connect at once, and goes on until it is closed.
 *
 * @throws ConfigError if the client is none that is known, is closed (ioredis), puts a prefix before
 * its keys, or reads from replicas.
 */
export function connectRedis(client: RedisClientLike, context: ConnectContext): RedisConnection {
  const source = sourceOf(client)
  return source.kind === 'cluster'
    ? new ClusterConnection(source, context)
    : new SingleConnection(source, context)
}

function sourceOf(client: RedisClientLike): NodeSource {
  const seen: unknown = client
  if (!has(seen, 'duplicate') && !has(seen, 'getMasterNode')) refuse(seen)
  if (has(seen, 'callBuffer', 'disconnect')) {
    return has(seen, 'nodes')
      ? ioredisClusterSource(seen as unknown as IoredisClusterLike)
      : ioredisSource(seen as unknown as IoredisLike)
  }
  if (has(seen, 'getMasterNode', 'destroy')) {
    return nodeRedisSentinelSource(seen as unknown as NodeRedisSentinelLike)
  }
  if (has(seen, 'nodeClient', 'destroy')) {
    return nodeRedisClusterSource(seen as unknown as NodeRedisClusterLike)
  }
  // A pool of connections has no one connection to be copied.
  if (has(seen, 'sendCommand', 'subscribe', 'destroy')) {
    return nodeRedisSource(seen as unknown as NodeRedisLike)
  }
  return refuse(seen)
}

function has(value: unknown, ...methods: readonly string[]): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const fields = value as Record<string, unknown>
  return methods.every((method) => typeof fields[method] === 'function')
}

function refuse(actual: unknown): never {
  throw new ConfigError({
    field: 'client',
    expected: 'a client of ioredis (5 or 6) or node-redis (5 or 6)',
    actual,
    cure: 'Pass `new Redis(...)`, `new Cluster(...)`, `createClient(...)`, `createCluster(...)` or `createSentinel(...)`.',
  })
}
