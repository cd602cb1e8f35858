/** One server, with a way of its own to it for each worker. */

import { FaultProxy } from '../servers/fault-proxy.ts'
import type { RedisServer } from '../servers/redis-server.ts'
import { startRedis } from '../servers/start-redis.ts'
import type { Site } from './site.ts'

export interface SingleSite extends Site {
  readonly server: RedisServer
  /** By slot. */
  readonly proxies: readonly FaultProxy[]
}

export async function openSingleSite(slots: number): Promise<SingleSite> {
  const server = await startRedis({ config: { appendonly: 'yes', appendfsync: 'everysec' } })
  const proxies = await startProxies(server.port, slots)
  return {
    name: 'single server',
    server,
    proxies,
    addressOf: (slot) => ({ kind: 'single', port: proxies[slot]?.port ?? 0 }),
    async [Symbol.asyncDispose]() {
      await Promise.all(proxies.map((proxy) => proxy[Symbol.asyncDispose]()))
      await server[Symbol.asyncDispose]()
    },
  }
}

function startProxies(port: number, slots: number): Promise<FaultProxy[]> {
  return Promise.all(Array.from({ length: slots }, () => FaultProxy.start(port)))
}
