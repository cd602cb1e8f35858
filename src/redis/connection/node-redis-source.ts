/** How connections are opened where the user gave a node-redis client. Called by `connectRedis`. */

import { ConfigError } from '../../contracts/errors.ts'
import { Fault } from './fault.ts'
import {
  type ClusterDoor,
  type ClusterSource,
  CONNECT_MS,
  type NodeAddress,
  type SingleSource,
} from './node-client.ts'
import { NodeRedisClient } from './node-redis-client.ts'
import type {
  NodeRedisClusterLike,
  NodeRedisLike,
  NodeRedisSentinelLike,
} from './node-redis-like.ts'
import { optionsOfCopy } from './options-of-copy.ts'
import { refuseKeyPrefix } from './refuse-key-prefix.ts'

type Options = Readonly<Record<string, unknown>>

/** Where the address stands in the driver's options, with how it is connected to. */
type SocketOptions = Options & {
  readonly host?: string
  readonly port?: number
  readonly path?: string
}

/** Nothing is kept over a connection, nothing sent again, nothing queued: this room does the rest. */
const ownOptions = {
  // Its address has been read into `socket` already.
  url: undefined,
  RESP: 2,
  readonly: false,
  disableOfflineQueue: true,
  disableClientInfo: true,
  commandsQueueMaxLength: undefined,
  commandOptions: { timeout: undefined },
  pingInterval: 0,
  clientSideCache: undefined,
  emitInvalidate: false,
  maintNotifications: 'disabled',
}

const ownSocket = { connectTimeout: CONNECT_MS, reconnectStrategy: false, socketTimeout: undefined }

/** For clients that only find out about others: they need no watching beyond the driver's own. */
const probeSocket = { ...ownSocket, socketTimeout: CONNECT_MS }

export function nodeRedisSource(client: NodeRedisLike): SingleSource {
  const options = asOptions(client.options)
  refuseKeyPrefix(options['keyPrefix'])
  refuseReplicas('readonly', options['readonly'])
  const { host = '127.0.0.1', port = 6379, path } = socketOf(options)
  return {
    kind: 'single',
    name: path ?? `${host}:${port}`,
    openMs: CONNECT_MS,
    async open() {
      return open(client)
    },
  }
}

export function nodeRedisClusterSource(cluster: NodeRedisClusterLike): ClusterSource {
  const options = optionsOfCopy(cluster)
  refuseKeyPrefix(options['keyPrefix'])
  refuseReplicas('useReplicas', options['useReplicas'])
  return {
    kind: 'cluster',
    name: 'the cluster',
    prepare: () => prepare(cluster, optionsOfCopy(cluster)),
  }
}

export function nodeRedisSentinelSource(sentinel: NodeRedisSentinelLike): SingleSource {
  if (sentinel.duplicate === undefined) {
    throw new ConfigError({
      field: 'client',
      expected: 'a sentinel client that can be duplicated',
      actual: 'a sentinel client of node-redis 5',
      cure: 'Use node-redis 6 or ioredis with sentinels.',
    })
  }
  const options = optionsOfCopy(sentinel)
  refuseKeyPrefix(options['keyPrefix'])
  const roots = options['sentinelRootNodes']
  return {
    kind: 'single',
    name: `master ${String(options['name'] ?? '')} of the sentinels`,
    // Each sentinel may be silent, and then the master, which is connected to twice.
    openMs: CONNECT_MS * ((Array.isArray(roots) ? roots.length : 1) + 2),
    open: () => openMaster(sentinel, options),
  }
}

/** A copy of the cluster learns who is there, and hands over one node's client to be copied. */
async function prepare(cluster: NodeRedisClusterLike, options: Options): Promise<ClusterDoor> {
  const probe = cluster.duplicate({
    minimizeConnections: true,
    clientSideCache: undefined,
    defaults: withSocket(asOptions(options['defaults']), probeSocket),
  } as never)
  probe.on('error', () => {})
  try {
    await probe.connect()
    const pattern = await anyNode(probe)
    return {
      seeds: probe.masters.map(({ host, port }) => ({ host, port })),
      open: (address) => open(pattern, address),
      translate: (address) => translated(address, options['nodeAddressMap']),
    }
  } finally {
    endQuietly(probe)
  }
}

async function anyNode(probe: NodeRedisClusterLike): Promise<NodeRedisLike> {
  const connecting = probe.masters.map(async (node) => {
    const client = await probe.nodeClient(node as never)
    return client as NodeRedisLike
  })
  return await Promise.any(connecting)
}

/**
 * Sentinels are asked anew for each connection, so none of them has to be listened to. The driver
 * has one way only to reach the client behind a sentinel's master: the one its own commands take.
 */
async function openMaster(
  sentinel: NodeRedisSentinelLike,
  options: Options,
): Promise<NodeRedisClient> {
  const probe = sentinel.duplicate?.({
    maxCommandRediscovers: 0,
    masterPoolSize: 1,
    replicaPoolSize: 0,
    reserveClient: false,
    scanInterval: 0,
    clientSideCache: undefined,
    nodeClientOptions: withSocket(asOptions(options['nodeClientOptions']), probeSocket),
    sentinelClientOptions: withSocket(asOptions(options['sentinelClientOptions']), probeSocket),
  } as never)
  if (probe === undefined) throw new Fault('no sentinel answers')
  probe.on('error', () => {})
  try {
    await probe.connect()
    const { _execute } = probe as unknown as MasterAccess
    return (await _execute.call(probe, false, async (master) => open(master))) as NodeRedisClient
  } finally {
    endQuietly(probe)
  }
}

interface MasterAccess {
  _execute<T>(isReadonly: boolean, use: (master: NodeRedisLike) => Promise<T>): Promise<T>
}

function open(pattern: NodeRedisLike, address?: NodeAddress): NodeRedisClient {
  const socket = { ...socketOf(asOptions(pattern.options)), ...ownSocket, ...address }
  return new NodeRedisClient(pattern.duplicate({ ...ownOptions, socket } as never))
}

function endQuietly(probe: { destroy(): unknown }): void {
  Promise.resolve()
    .then(() => probe.destroy())
    .catch(() => {})
}

function withSocket(options: Options, socket: Options): Options {
  return { ...options, socket: { ...socketOf(options), ...socket } }
}

function socketOf(options: Options): SocketOptions {
  return asOptions(options['socket'])
}

function asOptions(value: unknown): Options {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function translated(address: NodeAddress, map: unknown): NodeAddress {
  const name = `${address.host}:${address.port}`
  const found = asOptions(typeof map === 'function' ? map(name) : asOptions(map)[name])
  const { host, port } = found
  return typeof host === 'string' && port !== undefined ? { host, port: Number(port) } : address
}

function refuseReplicas(option: string, actual: unknown): void {
  if (actual !== true) return
  throw new ConfigError({
    field: `client.options.${option}`,
    expected: 'left out',
    actual,
    cure: 'A replica may be behind what was written, so the cache reads from masters only.',
  })
}
