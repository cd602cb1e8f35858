/** The client libraries that the Redis tier works with, each made as a user makes it. */

import { Redis as Ioredis, Cluster as IoredisCluster } from 'ioredis'
import { Redis as Ioredis6, Cluster as Ioredis6Cluster } from 'ioredis-6'
import { createClient, createCluster, createSentinel } from 'redis'
import { createClient as createClient5, createCluster as createCluster5 } from 'redis-5'
import type { RedisClientLike } from '../../src/redis/connection/connect-redis.ts'

export interface Access {
  readonly username: string
  readonly password: string
}

/** A client of a user: what was made, and how its owner ends it. */
export interface UserClient {
  readonly client: RedisClientLike
  end(): void
}

export interface Driver {
  readonly driver: string
  /** To one server; not connected. */
  single(port: number, access?: Access): UserClient
  cluster(ports: readonly number[], options?: ClusterUse): UserClient
  /** Absent where the library has no way to copy such a client. */
  sentinel?: (ports: readonly number[], name: string, access?: Access) => UserClient
}

export interface ClusterUse {
  readonly access?: Access
  /** What to connect to for an address that the cluster tells. */
  readonly translate?: (address: string) => { host: string; port: number }
}

const host = '127.0.0.1'
const at = (ports: readonly number[]): { host: string; port: number }[] =>
  ports.map((port) => ({ host, port }))

export const drivers: readonly Driver[] = [
  {
    driver: 'ioredis 5',
    single: (port, access) => ofIoredis(new Ioredis({ host, port, lazyConnect: true, ...access })),
    cluster: (ports, use) =>
      ofIoredis(new IoredisCluster(at(ports), { lazyConnect: true, ...ioredisUse(use) })),
    sentinel: (ports, name, access) =>
      ofIoredis(new Ioredis({ sentinels: at(ports), name, lazyConnect: true, ...access })),
  },
  {
    driver: 'ioredis 6',
    single: (port, access) => ofIoredis(new Ioredis6({ host, port, lazyConnect: true, ...access })),
    cluster: (ports, use) =>
      ofIoredis(new Ioredis6Cluster(at(ports), { lazyConnect: true, ...ioredisUse(use) })),
    sentinel: (ports, name, access) =>
      ofIoredis(new Ioredis6({ sentinels: at(ports), name, lazyConnect: true, ...access })),
  },
  {
    driver: 'node-redis 6',
    single: (port, access) => ofNodeRedis(createClient({ url: urlOf(port), ...access })),
    cluster: (ports, use) =>
      ofNodeRedis(createCluster({ rootNodes: ports.map(rootNode), ...nodeRedisUse(use) })),
    sentinel: (ports, name, access) => {
      const sentinelRootNodes = at(ports)
      return ofNodeRedis(
        createSentinel({ name, sentinelRootNodes, nodeClientOptions: { ...access } }),
      )
    },
  },
  {
    driver: 'node-redis 5',
    single: (port, access) => ofNodeRedis(createClient5({ url: urlOf(port), ...access })),
    cluster: (ports, use) =>
      ofNodeRedis(createCluster5({ rootNodes: ports.map(rootNode), ...nodeRedisUse(use) })),
  },
]

function ioredisUse({ access, translate }: ClusterUse = {}): object {
  return { ...(access && { redisOptions: access }), ...(translate && { natMap: translate }) }
}

function nodeRedisUse({ access, translate }: ClusterUse = {}): object {
  return { ...(access && { defaults: access }), ...(translate && { nodeAddressMap: translate }) }
}

function urlOf(port: number): string {
  return `redis://${host}:${port}`
}

function rootNode(port: number): { url: string } {
  return { url: urlOf(port) }
}

function ofIoredis(client: RedisClientLike & { disconnect(): void }): UserClient {
  return { client, end: () => client.disconnect() }
}

/** Never connected here, so there is nothing to end. */
function ofNodeRedis(client: RedisClientLike): UserClient {
  return { client, end: () => {} }
}
