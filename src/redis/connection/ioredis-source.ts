/** How connections are opened where the user gave an ioredis client. Called by `connectRedis`. */

import { ConfigError } from '../../contracts/errors.ts'
import { describeFault } from './describe-fault.ts'
import { Fault } from './fault.ts'
import { IoredisClient } from './ioredis-client.ts'
import type { AddressMap, IoredisClusterLike, IoredisLike, IoredisOptions } from './ioredis-like.ts'
import {
  type ClusterDoor,
  type ClusterSource,
  CONNECT_MS,
  type NodeAddress,
  type SingleSource,
} from './node-client.ts'
import { refuseKeyPrefix } from './refuse-key-prefix.ts'

/** Nothing is kept over a connection, nothing sent again, nothing queued: this room does the rest. */
const ownOptions = {
  lazyConnect: true,
  protocol: 2,
  connectTimeout: CONNECT_MS,
  // A goodbye that is not answered in this time is not waited for any longer.
  disconnectTimeout: 50,
  commandTimeout: undefined,
  socketTimeout: undefined,
  blockingTimeout: undefined,
  retryStrategy: null,
  reconnectOnError: null,
  enableOfflineQueue: false,
  enableReadyCheck: false,
  enableAutoPipelining: false,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  disableClientInfo: true,
  stringNumbers: false,
  showFriendlyErrorStack: false,
  monitor: false,
  readOnly: false,
}

/** Sentinels are asked anew for each connection, so none of them has to be listened to. */
const sentinelOptions = {
  role: 'master',
  failoverDetector: false,
  sentinelRetryStrategy: null,
  sentinelCommandTimeout: CONNECT_MS,
}

export function ioredisSource(client: IoredisLike): SingleSource {
  const { options } = client
  refuseEnded(client.status)
  refuseKeyPrefix(options.keyPrefix)
  refuseReplicas('readOnly', options.readOnly === true, options.readOnly)
  refuseReplicas('role', options.role === 'slave', options.role)
  const sentinels = options.sentinels?.length ?? 0
  return {
    kind: 'single',
    name: nameOf(options),
    // Each sentinel may be silent, and then the master.
    openMs: CONNECT_MS * (sentinels + 1),
    async open() {
      return new IoredisClient(
        client.duplicate(sentinels > 0 ? { ...ownOptions, ...sentinelOptions } : ownOptions),
      )
    },
  }
}

export function ioredisClusterSource(cluster: IoredisClusterLike): ClusterSource {
  const { options } = cluster
  refuseEnded(cluster.status)
  refuseKeyPrefix(options.keyPrefix)
  const reads = options.scaleReads ?? 'master'
  refuseReplicas('scaleReads', reads !== 'master', reads)
  return { kind: 'cluster', name: 'the cluster', prepare: () => prepare(cluster) }
}

/**
 * Only the driver knows how its nodes are made, and shows them once it begins to connect. So a copy
 * of the client begins, and is ended as soon as it has shown them.
 */
async function prepare(cluster: IoredisClusterLike): Promise<ClusterDoor> {
  const { natMap, redisOptions } = cluster.options
  const probe = cluster.duplicate([], {
    lazyConnect: true,
    clusterRetryStrategy: null,
    shardedSubscribers: false,
    slotsRefreshTimeout: CONNECT_MS,
    redisOptions: { ...redisOptions, connectTimeout: CONNECT_MS, disconnectTimeout: 50 },
  })
  probe.on('error', () => {})
  const shown: IoredisLike[] = []
  probe.on('+node', (node) => shown.push(node as IoredisLike))
  const connecting = probe.connect().catch(describeFault)
  const fault = await Promise.race([connecting, nodeShown(probe)])
  const [pattern] = shown
  const seeds = shown.map((node) => addressOf(node.options))
  probe.disconnect()
  if (pattern === undefined) throw new Fault(fault ?? 'no node of the cluster answers')
  return {
    seeds,
    open: (address) => new IoredisClient(pattern.duplicate({ ...ownOptions, ...address })),
    translate: (address) => translated(address, natMap),
  }
}

/** The nodes to begin with are all shown in one go. */
function nodeShown(probe: IoredisClusterLike): Promise<undefined> {
  return new Promise((resolve) => {
    probe.on('+node', () => resolve(undefined))
  })
}

function addressOf({ host = '127.0.0.1', port = 6379 }: IoredisOptions): NodeAddress {
  return { host, port }
}

function translated(address: NodeAddress, map: AddressMap | undefined): NodeAddress {
  const name = `${address.host}:${address.port}`
  const found = typeof map === 'function' ? map(name) : map?.[name]
  return found === null || found === undefined
    ? address
    : { host: found.host, port: Number(found.port) }
}

function nameOf(options: IoredisOptions): string {
  if ((options.sentinels?.length ?? 0) > 0) return `master ${options.name ?? ''} of the sentinels`
  return options.path ?? `${options.host ?? '127.0.0.1'}:${options.port ?? 6379}`
}

function refuseEnded(status: string): void {
  if (status !== 'end') return
  throw new ConfigError({
    field: 'client',
    expected: 'a client that has not been closed',
    actual: status,
    cure: 'Make the cache before the client is closed.',
  })
}

function refuseReplicas(option: string, refused: boolean, actual: unknown): void {
  if (!refused) return
  throw new ConfigError({
    field: `client.options.${option}`,
    expected: 'left out',
    actual,
    cure: 'A replica may be behind what was written, so the cache reads from masters only.',
  })
}
