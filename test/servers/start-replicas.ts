/** A master with replicas for a test. */

import type { RedisConfig, RedisServer } from './redis-server.ts'
import { startRedis } from './start-redis.ts'
import { until } from './until.ts'

export interface ReplicasOptions {
  /** @default 1 */
  readonly replicas?: number
  /** Of every server. */
  readonly config?: RedisConfig
}

export interface Replicas extends AsyncDisposable {
  readonly master: RedisServer
  readonly replicas: readonly RedisServer[]
}

/** Ready, with all replicas in step, in some 50 ms. Ended by `await using`. */
export async function startReplicas(options: ReplicasOptions = {}): Promise<Replicas> {
  const count = options.replicas ?? 1
  const config = { 'repl-diskless-sync-delay': 0, ...options.config }
  const master = await startRedis({ config })
  const replicaof = `127.0.0.1 ${master.port}`
  const replicas = await Promise.all(
    Array.from({ length: count }, () => startRedis({ config: { ...config, replicaof } })),
  )
  await until('all replicas are in step', async () => {
    const info = await master.info('replication')
    return replicas.every((_, index) => info[`slave${index}`]?.includes('state=online'))
  })
  const servers = [...replicas, master]
  return {
    master,
    replicas,
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()))
    },
  }
}
