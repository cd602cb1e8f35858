/** Many operations in one round trip, each with its own typed result (B3). */

import type { CallOptions, Duration, EntryOptions, VersionToken } from './options.ts'
import type { CacheKey } from './source.ts'

/** What a batch knows of a collection; every `Collection` is one. */
export interface Batchable<K, V> {
  get(key: K, options?: CallOptions): Promise<V | undefined>
  delete(key: K, options?: CallOptions): Promise<unknown>
  has(key: K, options?: CallOptions): Promise<boolean>
  touch(key: K, ttl?: Duration | 'none', options?: CallOptions): Promise<boolean>
}

/** An operation that was named, and is carried out with the others. */
export interface BatchOperation<R> {
  /** Never there: it carries the type of the result. */
  readonly result?: R
}

export type BatchResult<R> =
  | { readonly ok: true; readonly value: R }
  | { readonly ok: false; readonly error: unknown }

/** In the order of the operations. */
export type BatchResults<T extends readonly BatchOperation<unknown>[]> = {
  -readonly [I in keyof T]: T[I] extends BatchOperation<infer R> ? BatchResult<R> : never
}

/** Names operations. They happen together, in no order: two on one key may meet either way. */
export interface Batch {
  get<V = unknown>(key: string): BatchOperation<V | undefined>
  /** Reads through, as the collection's own `get` does. */
  get<K extends CacheKey, V>(collection: Batchable<K, V>, key: K): BatchOperation<V | undefined>
  set<V>(key: string, value: V, options?: EntryOptions): BatchOperation<VersionToken>
  delete(key: string): BatchOperation<void>
  delete<K extends CacheKey>(collection: Batchable<K, unknown>, key: K): BatchOperation<void>
  has(key: string): BatchOperation<boolean>
  has<K extends CacheKey>(collection: Batchable<K, unknown>, key: K): BatchOperation<boolean>
  touch(key: string, ttl?: Duration | 'none'): BatchOperation<boolean>
}

export interface BatchOptions extends CallOptions {
  /**
   * `shard`: all or nothing, as one step of the shared tier. For plain keys of one shard, which
   * `shardBy` pins; reads load nothing. Otherwise an ArgumentError, and nothing is done. @default 'none'
   */
  readonly atomic?: 'none' | 'shard' | undefined
}
