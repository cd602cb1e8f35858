/** What is used of node-redis, by shape: versions 5 and 6 have it. Read by the adapter only. */

export interface NodeRedisLike {
  readonly options: unknown
  readonly isOpen: boolean
  duplicate(overrides?: never): NodeRedisLike
  connect(): Promise<unknown>
  destroy(): void
  sendCommand(args: readonly (string | Buffer)[], options?: never): Promise<unknown>
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>
  on(event: string, listener: (...args: unknown[]) => void): unknown
}

/** One node of a cluster, as the driver lists it. */
export interface NodeRedisNodeLike {
  readonly host: string
  readonly port: number
}

export interface NodeRedisClusterLike {
  readonly masters: readonly NodeRedisNodeLike[]
  duplicate(overrides?: never): NodeRedisClusterLike
  connect(): Promise<unknown>
  destroy(): void
  nodeClient(node: never): unknown
  on(event: string, listener: (...args: unknown[]) => void): unknown
}

export interface NodeRedisSentinelLike {
  getMasterNode(): unknown
  /** Version 5 does not have it. */
  duplicate?(overrides?: never): NodeRedisSentinelLike
  connect(): Promise<unknown>
  destroy(): unknown
  on(event: string, listener: (...args: unknown[]) => void): unknown
}
