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
  /** What the name stands for that the seeds are given by. Absent: they are given by their address. */
  readonly lookUp?: () => string
}

const host = '127.0.0.1'
const NAME = 'redis.internal'
const at = (ports: readonly number[], use: ClusterUse = {}): { host: string; port: number }[] =>
  ports.map((port) => ({ host: use.lookUp === undefined ? host : NAME, port }))

export const drivers: readonly Driver[] = [
  {
    driver: 'ioredis 5',
    single: (port, access) => ofIoredis(new Ioredis({ host, port, lazyConnect: true, ...access })),
    cluster: (ports, use) =>
      ofIoredis(new IoredisCluster(at(ports, use), { lazyConnect: true, ...ioredisUse(use) })),
    sentinel: (ports, name, access) =>
      ofIoredis(new Ioredis({ sentinels: at(ports), name, lazyConnect: true, ...access })),
  },
  {
    driver: 'ioredis 6',
    single: (port, access) => ofIoredis(new Ioredis6({ host, port, lazyConnect: true, ...access })),
    cluster: (ports, use) =>
      ofIoredis(new Ioredis6Cluster(at(ports, use), { lazyConnect: true, ...ioredisUse(use) })),
    sentinel: (ports, name, access) =>
      ofIoredis(new Ioredis6({ sentinels: at(ports), name, lazyConnect: true, ...access })),
  },
  {
    driver: 'node-redis 6',
    single: (port, access) => ofNodeRedis(createClient({ url: urlOf(port), ...access })),
    cluster: (ports, use) =>
      ofNodeRedis(createCluster({ rootNodes: rootNodes(ports, use), ...nodeRedisUse(use) })),
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
      ofNodeRedis(createCluster5({ rootNodes: rootNodes(ports, use), ...nodeRedisUse(use) })),
  },
]

function ioredisUse({ access, translate, lookUp }: ClusterUse = {}): object {
  type Found = (error: null, address: string) => void
  const dnsLookup = (name: string, found: Found): void =>
    found(null, name === NAME ? (lookUp?.() ?? '') : name)
  return {
    ...(access && { redisOptions: access }),
    ...(translate && { natMap: translate }),
    ...(lookUp && { dnsLookup }),
  }
}

function nodeRedisUse({ access, translate, lookUp }: ClusterUse = {}): object {
  type Found = (error: null, addresses: { address: string; family: number }[]) => void
  const lookup = (_name: string, _options: object, found: Found): void =>
    found(null, [{ address: lookUp?.() ?? '', family: 4 }])
  const defaults = { ...access, ...(lookUp && { socket: { lookup } }) }
  return {
    ...((access ?? lookUp) && { defaults }),
    ...(translate && { nodeAddressMap: translate }),
  }
}

function urlOf(port: number): string {
  return `redis://${host}:${port}`
}

function rootNodes(ports: readonly number[], use?: ClusterUse): { url: string }[] {
  return at(ports, use).map(({ host: name, port }) => ({ url: `redis://${name}:${port}` }))
}

function ofIoredis(client: RedisClientLike & { disconnect(): void }): UserClient {
  return { client, end: () => client.disconnect() }
}

/** Never connected here, so there is nothing to end. */
function ofNodeRedis(client: RedisClientLike): UserClient {
  return { client, end: () => {} }
}
