/** The shared tier on Redis or Valkey, for the processes of any number of machines. */

import { ConfigError } from '../contracts/errors.ts'
import { checkKnown, type Known } from '../contracts/known-options.ts'
import type { SharedTier, SharedTierContext } from '../contracts/shared-tier.ts'
import { ShardClient, type ShardLink } from '../shard/index.ts'
import { connectRedis, type RedisClientLike } from './connection/connect-redis.ts'
import type { RedisConnection } from './connection/redis-connection.ts'
import { replicasOf } from './durability-level.ts'
import { RedisLink } from './redis-link.ts'
import { type RedisTierOptions, resolveTierOptions } from './resolve-tier-options.ts'
import { partAnswers } from './servers/part-answers.ts'
import {
  type RedisServerOptions,
  type RedisServersOptions,
  resolveServers,
} from './servers/resolve-servers.ts'
import { ServersLink } from './servers/servers-link.ts'

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
export function redisTier(client: RedisClientLike, options?: RedisTierOptions): SharedTier
/**
 * Spreads the entries over several servers that know nothing of each other, such as `[{ name: 'a', client }]`.
 * The servers keep among themselves which of them has which part of the cache. A server that is added
 * takes over its share, and nothing else moves; one that is dead takes only its own part with it.
 *
 * @throws ConfigError if an option cannot work.
 */
export function redisTier(
  servers: readonly RedisServerOptions[],
  options?: RedisServersOptions,
): SharedTier
export function redisTier(
  given: RedisClientLike | readonly RedisServerOptions[],
  options: RedisServersOptions = {},
): SharedTier {
  checkKnown(options, isList(given) ? ON_SERVERS : ON_ONE)
  return isList(given) ? onServers(given, options) : onOne(given, options)
}

const ON_ONE: Known<RedisTierOptions> = {
  shards: true,
  maxBytes: true,
  durability: true,
  events: true,
}
const ON_SERVERS: Known<RedisServersOptions> = { ...ON_ONE, retire: true, serverTimeoutMs: true }

function onOne(client: RedisClientLike, options: RedisTierOptions): SharedTier {
  // What cannot work is told here, and not when the cache is made.
  resolveTierOptions(options, 'one server')
  return {
    kind: 'redis',
    open(context) {
      const connection = connectRedis(client, context)
      const layout = connection.kind === 'cluster' ? 'spread' : 'one server'
      const resolved = resolveTierOptions(options, layout)
      const { durability } = resolved
      const waits = durability !== undefined && replicasOf(durability) > 0
      const waiting = waits ? connectRedis(client, context) : undefined
      const link = new RedisLink({ connection, waiting, context, options: resolved })
      return clientOf(link, context)
    },
  }
}

function onServers(given: readonly RedisServerOptions[], options: RedisServersOptions): SharedTier {
  const resolved = resolveTierOptions(options, 'spread')
  if (resolved.durability !== undefined) {
    throw new ConfigError({
      field: 'durability',
      expected: 'absent, since no writes wait on several servers, whose shards move',
      actual: resolved.durability,
    })
  }
  const { servers, retire, serverTimeoutMs } = resolveServers(given, options)
  return {
    kind: 'redis',
    open(context) {
      const connections = connectAll(servers, context)
      const linked = servers.map(({ name, weight }, at) => {
        return { name, weight, connection: connections[at] as RedisConnection }
      })
      const link = new ServersLink({
        servers: linked,
        context,
        options: resolved,
        retire,
        serverTimeoutMs,
      })
      return partAnswers(clientOf(link, context))
    },
  }
}

/** @throws ConfigError if one of the clients is of no use; then none is connected. */
function connectAll(
  servers: readonly Required<RedisServerOptions>[],
  context: SharedTierContext,
): readonly RedisConnection[] {
  const connections: RedisConnection[] = []
  try {
    for (const { client } of servers) connections.push(connectRedis(client, context))
  } catch (error) {
    for (const connection of connections) void connection.close()
    throw error
  }
  return connections
}

function clientOf(link: ShardLink, context: SharedTierContext): ShardClient {
  return new ShardClient({
    link,
    clock: context.clock,
    tier: 'redis',
    session: context.random.id(),
  })
}

function isList(
  given: RedisClientLike | readonly RedisServerOptions[],
): given is readonly RedisServerOptions[] {
  return Array.isArray(given)
}
