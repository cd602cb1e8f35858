/** What users write to say how entries live, and what the engine makes of it. */

import type { Codec, Priority } from './codec.ts'

/** A number of milliseconds, or a number with a unit. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

/** What an entry lives by. Given to the cache, a collection or one call; the nearest wins. */
export interface EntryOptions {
  /** Life in the shared tier, and of the entry itself. `'none'`: no end. @default '5m' */
  readonly ttl?: Duration | 'none'
  /**
   * Life in this process, never longer than what is left of `ttl`. Without a shared tier it is
   * `ttl` unless this is given. @default '1m'
   */
  readonly memoryTtl?: Duration
  /** An absolute end of freshness; with `ttl`, the earlier one. Epoch milliseconds or a `Date`. */
  readonly expiresAt?: Date | number
  /** Whether reads renew `ttl`; `expiresAt` still caps it. @default 'fixed' */
  readonly renewal?: 'fixed' | 'sliding'
  /** How long past freshness the entry may be served while it is reloaded, or while its source fails. @default 0 */
  readonly grace?: Duration
  /** Share of `ttl` to vary it by, so that entries made together do not expire together. @default 0.1 */
  readonly jitter?: number
  /** Life of "not found"; `'auto'`: a tenth of `ttl`, at most 30 s. @default 'off' */
  readonly negativeTtl?: Duration | 'auto' | 'off'
  /** Names shared by entries that become stale together. At most 64, of at most 512 characters. */
  readonly tags?: readonly string[]
  /** Weight in the memory tier's own unit. @default 1 */
  readonly size?: number
  /** Which entries leave first when room is needed. @default 'normal' */
  readonly priority?: Priority
}

export interface CallOptions {
  /** Ends the wait of this caller; a load that others wait for goes on. */
  readonly signal?: AbortSignal
  /** `soft`: answer with a graced value if the load is slower. `hard`: the call's whole time. */
  readonly timeouts?: Timeouts
  /** Which tiers may answer. @default 'all' */
  readonly read?: ReadMode
}

export interface WriteOptions extends CallOptions {
  /**
   * Tags whose entries the write makes stale, for instance of the lists it stands in. They leave
   * with the write's end, also if this process dies before it can say so.
   */
  readonly invalidateTags?: readonly string[]
}

export type ReadMode = 'all' | 'memory' | 'shared' | 'source'

export interface Timeouts {
  /** Where a graced value exists, answer with it after this long. @default '200ms' */
  readonly soft?: Duration
  /**
   * Reject after this long; a load that is running still fills the cache, with a shared tier if it
   * ends within 10 s. @default '5s'
   */
  readonly hard?: Duration
}

/** Bounds of the memory tier; all that are given hold at once. */
export interface MemoryOptions {
  /** Entries at most. @default 10000 */
  readonly entries?: number
  /** Estimated bytes of keys and values at most. @default 'off' */
  readonly bytes?: number | 'off'
  /** Sum of the entries' `size` at most. @default 'off' */
  readonly weight?: number | 'off'
  /** How values are handed out: the same object, a structured clone each time, or frozen deeply. @default 'share' */
  readonly copy?: 'share' | 'clone' | 'freeze'
  /** Time between scans that remove what has expired. @default '1m' */
  readonly expiryScan?: Duration
  /** Share of the entries that `compact()` removes. @default 0.3 */
  readonly compaction?: number
}

/** How values are written into the shared tier. */
export interface CodecOptions {
  /** @default jsonCodec() */
  readonly codec?: Codec
  /** @default 'off' */
  readonly compression?: CompressionOptions | CompressionName | 'off'
}

export type CompressionName = 'zstd' | 'gzip' | 'brotli'

export interface CompressionOptions {
  /** @default 'zstd' */
  readonly algorithm?: CompressionName
  /** Bytes from which compression is tried. @default 1024 */
  readonly above?: number
  /** Bytes that a value may inflate to; more is a miss. @default 67108864 */
  readonly maxInflatedBytes?: number
}
