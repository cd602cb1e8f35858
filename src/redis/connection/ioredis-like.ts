/** What is used of ioredis, by shape: versions 5 and 6 have it. Read by the adapter only. */

export interface IoredisOptions {
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly path?: string | undefined
  readonly keyPrefix?: unknown
  readonly readOnly?: boolean | undefined
  readonly role?: string | undefined
  readonly name?: string | undefined
  readonly sentinels?: readonly unknown[] | null | undefined
}

export interface IoredisPipelineLike {
  callBuffer(name: string, ...args: unknown[]): unknown
  exec(): Promise<unknown>
}

export interface IoredisLike {
  readonly options: IoredisOptions
  readonly status: string
  readonly isCluster: boolean
  /** The socket; absent until the driver has made it. */
  readonly stream?: { cork(): void; uncork(): void; destroy(): unknown } | undefined
  duplicate(override?: object): IoredisLike
  connect(): Promise<unknown>
  disconnect(): void
  callBuffer(name: string, ...args: unknown[]): Promise<unknown>
  pipeline(): IoredisPipelineLike
  subscribe(channel: string): Promise<unknown>
  on(event: string, listener: (...args: unknown[]) => void): unknown
}

/** A function, a table, or nothing. */
export type AddressMap =
  | ((address: string) => { host: string; port: number } | null | undefined)
  | Readonly<Record<string, { host: string; port: number }>>

export interface IoredisClusterLike {
  readonly options: {
    readonly keyPrefix?: unknown
    readonly scaleReads?: unknown
    readonly natMap?: AddressMap | undefined
    readonly redisOptions?: object | undefined
  }
  readonly status: string
  readonly isCluster: boolean
  duplicate(startupNodes?: never[], override?: object): IoredisClusterLike
  connect(): Promise<void>
  disconnect(): void
  nodes(role?: 'all' | 'master' | 'slave'): readonly IoredisLike[]
  on(event: string, listener: (...args: unknown[]) => void): unknown
}
