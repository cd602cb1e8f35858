/** A master with replicas under the watch of sentinels, for a test. */

import type { RedisServer } from './redis-server.ts'
import { startRedis } from './start-redis.ts'
import { type Replicas, type ReplicasOptions, startReplicas } from './start-replicas.ts'
import { until } from './until.ts'

export interface SentinelOptions extends ReplicasOptions {
  /** @default 3 */
  readonly sentinels?: number
  /** Silence after which a master is taken for down. @default 500 */
  readonly downAfterMs?: number
}

export interface SentinelGroup extends Replicas {
  /** What the sentinels call the master. */
  readonly name: string
  readonly sentinels: readonly RedisServer[]
  /** The port of the master, as the sentinels know it. */
  masterPort(): Promise<number>
}

const name = 'main'

/** Ready, with all sentinels agreeing, in some 2 s; a failover takes another 1.3 s. */
export async function startSentinel(options: SentinelOptions = {}): Promise<SentinelGroup> {
  const group = await startReplicas(options)
  const count = options.sentinels ?? 3
  const sentinel = configOf(group.master.port, options.downAfterMs ?? 500, count)
  const sentinels = await Promise.all(Array.from({ length: count }, () => startRedis({ sentinel })))
  await until('all sentinels know each other', async () => {
    const known = await Promise.all(sentinels.map(knownTo))
    return known.every(
      ({ others, replicas }) => others === count - 1 && replicas === group.replicas.length,
    )
  })
  return {
    ...group,
    name,
    sentinels,
    async masterPort() {
      const asked = sentinels.find((server) => server.isAlive)
      const reply = await asked?.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name)
      return Number((reply as string[])[1])
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(sentinels.map((server) => server[Symbol.asyncDispose]()))
      await group[Symbol.asyncDispose]()
    },
  }
}

function configOf(port: number, downAfterMs: number, sentinels: number): string {
  const quorum = Math.floor(sentinels / 2) + 1
  return `sentinel monitor ${name} 127.0.0.1 ${port} ${quorum}
sentinel down-after-milliseconds ${name} ${downAfterMs}
sentinel failover-timeout ${name} 3000
sentinel parallel-syncs ${name} 1
`
}

async function knownTo(server: RedisServer): Promise<{ others: number; replicas: number }> {
  const fields = (await server.call('SENTINEL', 'MASTER', name)) as string[]
  const numberOf = (field: string): number => Number(fields[fields.indexOf(field) + 1])
  return { others: numberOf('num-other-sentinels'), replicas: numberOf('num-slaves') }
}
