/** A Redis cluster for a test, put together without `redis-cli`. */

import { freePort } from './free-port.ts'
import type { RedisConfig, RedisServer } from './redis-server.ts'
import { startRedis } from './start-redis.ts'
import { until } from './until.ts'

const SLOTS = 16384
const PATIENT_MS = 15_000

export interface ClusterOptions {
  /** @default 3 */
  readonly masters?: number
  /** Of each master. @default 0 */
  readonly replicas?: number
  /** Silence after which a master is taken for down. @default 1000, or 15000 without replicas */
  readonly nodeTimeoutMs?: number
  /** Of every server. */
  readonly config?: RedisConfig
}

export interface RedisCluster extends AsyncDisposable {
  readonly masters: readonly RedisServer[]
  /** The first of each master, then the second of each. */
  readonly replicas: readonly RedisServer[]
}

/** A server with the port that the others talk to it over. */
interface Member {
  readonly server: RedisServer
  readonly busPort: number
}

/** Ready in some 2 s, with and without replicas; a failover takes another 2.3 s. */
export async function startCluster(options: ClusterOptions = {}): Promise<RedisCluster> {
  const count = options.masters ?? 3
  const members = await Promise.all(
    Array.from({ length: count * (1 + (options.replicas ?? 0)) }, () => startMember(options)),
  )
  const servers = members.map(({ server }) => server)
  const masters = servers.slice(0, count)
  const replicas = servers.slice(count)
  await shareSlots(masters)
  await introduce(members)
  await attach(masters, replicas)
  await until('the cluster is in order', async () => {
    const infos = await Promise.all(servers.map((server) => server.call('CLUSTER', 'INFO')))
    return infos.every((info) => String(info).includes('cluster_state:ok'))
  })
  // Where nobody could take over, a master that is slow under load must not be taken for down.
  if (options.nodeTimeoutMs === undefined && replicas.length === 0) {
    const patient = ['CONFIG', 'SET', 'cluster-node-timeout', PATIENT_MS] as const
    await Promise.all(servers.map((server) => server.call(...patient)))
  }
  return {
    masters,
    replicas,
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()))
    },
  }
}

async function startMember({ nodeTimeoutMs = 1000, config }: ClusterOptions): Promise<Member> {
  const busPort = await freePort()
  const server = await startRedis({
    config: {
      'cluster-enabled': 'yes',
      'cluster-node-timeout': nodeTimeoutMs,
      'cluster-port': busPort,
      'repl-diskless-sync-delay': 0,
      ...config,
    },
  })
  return { server, busPort }
}

async function shareSlots(masters: readonly RedisServer[]): Promise<void> {
  const share = Math.ceil(SLOTS / masters.length)
  await Promise.all(
    masters.map((master, index) => {
      const last = Math.min(SLOTS, (index + 1) * share) - 1
      return master.call('CLUSTER', 'ADDSLOTSRANGE', index * share, last)
    }),
  )
}

/** Every pair meets: gossip alone takes much longer. */
async function introduce(members: readonly Member[]): Promise<void> {
  await Promise.all(
    members.map(({ server }, index) => server.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)),
  )
  await Promise.all(
    members.flatMap(({ server }, index) =>
      members
        .slice(index + 1)
        .map((other) =>
          server.call('CLUSTER', 'MEET', '127.0.0.1', other.server.port, other.busPort),
        ),
    ),
  )
  await until('all nodes know each other', async () => {
    const infos = await Promise.all(members.map(({ server }) => server.call('CLUSTER', 'INFO')))
    return infos.every((info) => String(info).includes(`cluster_known_nodes:${members.length}`))
  })
}

async function attach(
  masters: readonly RedisServer[],
  replicas: readonly RedisServer[],
): Promise<void> {
  const ids = await Promise.all(masters.map((master) => master.call('CLUSTER', 'MYID')))
  for (const [index, replica] of replicas.entries()) {
    const id = String(ids[index % masters.length])
    await until('a replica has its master', async () => {
      await replica.call('CLUSTER', 'REPLICATE', id)
      return true
    })
  }
  await until('all replicas are in step', async () => {
    const infos = await Promise.all(replicas.map((replica) => replica.info('replication')))
    return infos.every((info) => info['master_link_status'] === 'up')
  })
}
