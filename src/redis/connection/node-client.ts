/**
 * One connection to one server, whichever driver holds it: it connects once, and once it has ended
 * it is done with. Made by the adapters (`ioredis-client.ts`, `node-redis-client.ts`), kept by
 * `ConnectionLife`.
 *
 * Drivers' own reconnects are not used: each driver keeps other things over them (queues, commands
 * to send again, subscriptions), and none of it can be trusted to be told.
 */

import type { RedisCommand, RedisReply } from './redis-connection.ts'

export interface NodeAddress {
  readonly host: string
  readonly port: number
}

/** Where the outcome of each command of one write goes. */
export interface ReplySink {
  /** Called once for each command, in any order. */
  reply(index: number, reply: RedisReply): void
  /** A command will have no reply: the connection is of no use any more. */
  fault(fault: string): void
}

export interface NodeClient {
  /** Called once, before `connect`. `fault` says in words why it ended, without secrets. */
  onEnd(listener: (fault: string) => void): void
  /** Resolves when commands can be sent; may never settle where the server does not answer. */
  connect(): Promise<void>
  /** One write. */
  send(commands: readonly RedisCommand[], sink: ReplySink): void
  /** Resolves with the server's confirmation, rejects with a `RedisError` if it refuses. */
  subscribe(channel: string, listener: (message: string) => void): Promise<void>
  /** Ends the connection now. Safe to call at any time. */
  destroy(): void
}

/** A server, or a group of them under one name of which one is the master. */
export interface SingleSource {
  readonly kind: 'single'
  /** For messages: an address, or what the group is called. */
  readonly name: string
  /** Time that finding the server and connecting to it have. */
  readonly openMs: number
  open(): Promise<NodeClient>
}

/** A cluster; its slots are learnt and kept by `ClusterConnection`. */
export interface ClusterSource {
  readonly kind: 'cluster'
  readonly name: string
  /** Finds out how nodes of this cluster are connected to; again whenever none of them answers. */
  prepare(): Promise<ClusterDoor>
}

export interface ClusterDoor {
  /** Nodes to ask first. */
  readonly seeds: readonly NodeAddress[]
  open(address: NodeAddress): NodeClient
  /** The address to connect to for one that the cluster names. */
  translate(address: NodeAddress): NodeAddress
}

export type NodeSource = SingleSource | ClusterSource

/** Connecting takes longer only if nobody is there. */
export const CONNECT_MS = 1000
