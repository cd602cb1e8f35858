/** What users write to say how entries live, and what the engine makes of it. */

import type { Codec, Priority } from './codec.ts'

/** A number of milliseconds, or a number with a unit. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

/** What an entry lives by. Given to the cache, a collection or one call; the nearest wins. */
export interface EntryOptions {
  /** Life in the shared tier, and of the entry itself. `'none'`: no end. @default '5m' */
  readonly ttl?: Duration | 'none' | undefined
  /**
   * Life in this process, never longer than what is left of `ttl`. Without a shared tier it is
   * `ttl` unless this is given. @default '1m'
   */
  readonly memoryTtl?: Duration | undefined
  /** An absolute end of freshness; with `ttl`, the earlier one. Epoch milliseconds or a `Date`. */
  readonly expiresAt?: Date | number | undefined
  /** Whether reads renew `ttl`; `expiresAt` still caps it. @default 'fixed' */
  readonly renewal?: 'fixed' | 'sliding' | undefined
  /** How long past freshness the entry may be served while it is reloaded, or while its source fails. @default 0 */
  readonly grace?: Duration | undefined
  /** Share of `ttl` to vary it by, so that entries made together do not expire together. @default 0.1 */
  readonly jitter?: number | undefined
  /**
   * Whether hits reload the entry in the background before its life ends, once across all processes,
   * and are answered at once meanwhile. A number: the share of the life after which they do.
   * `'on'`: 0.8. @default 'off'
   */
  readonly refreshAhead?: RefreshAhead | number | 'on' | 'off' | undefined
  /** Life of "not found"; `'auto'`: a tenth of `ttl`, at most 30 s. @default 'off' */
  readonly negativeTtl?: Duration | 'auto' | 'off' | undefined
  /** Names shared by entries that become stale together. At most 64, of at most 512 characters. */
  readonly tags?: readonly string[] | undefined
  /** Weight in the memory tier's own unit. @default 1 */
  readonly size?: number | undefined
  /** Which entries leave first when room is needed. @default 'normal' */
  readonly priority?: Priority | undefined
}

/** Whichever of the two comes first. */
export interface RefreshAhead {
  /** Share of the life after which a hit reloads: above 0, below 1. @default 0.8 */
  readonly after?: number | 'off' | undefined
  /**
   * Reloads by chance, the more probably the nearer the end and the longer the last load took: 1 is the
   * optimum of the formula, above it reloads are earlier. At most half of the life ahead.
   * @default 1
   */
  readonly beta?: number | 'off' | undefined
}

export interface CallOptions {
  /** Ends the wait of this caller; a load that others wait for goes on. */
  readonly signal?: AbortSignal | undefined
  /** `soft`: answer with a graced value if the load is slower. `hard`: the call's whole time. */
  readonly timeouts?: Timeouts | undefined
  /** Which tiers may answer. @default 'all' */
  readonly read?: ReadMode | undefined
  /** A token from a change: this read sees at least that change, on whichever instance it is made. */
  readonly minVersion?: VersionToken | undefined
}

/** Opaque; of letters, digits and a few signs, so that it fits a cookie. At most 3 kB. */
export type VersionToken = string & { readonly __brand: 'VersionToken' }

export interface DeleteOptions extends CallOptions {
  /**
   * `connected`: resolves when every connected instance has applied it, or at the hard timeout, and
   * then names those that have not. @default 'local'
   */
  readonly wait?: 'local' | 'connected' | undefined
}

export interface TagOptions extends CallOptions {
  /** `all`: only entries that carry every one of the tags. @default 'any' */
  readonly match?: 'any' | 'all' | undefined
}

export interface AuditOptions {
  /** Keys that are looked at, at most. @default 20 */
  readonly sample?: number | undefined
  /** How long a copy may lag behind its source. @default '1s' */
  readonly within?: Duration | undefined
}

/** How long entries stay that nobody reads. `{}`: as the defaults say. */
export interface IdleOptions {
  /** An entry that was not read for so long leaves the cache, and never the source. @default '30d' */
  readonly after?: Duration
  /** Between two clean-ups; the shortest of all collections counts. At most 20 days. @default '6h' */
  readonly every?: Duration
}

export interface LockOptions {
  /** It ends by itself after this long, unless it is renewed. `'30s'` for several names. @default '10s' */
  readonly ttl?: Duration | undefined
  /** How long it is waited for. @default '5s' */
  readonly wait?: Duration | undefined
  /** Between two tries, where no message tells that it is free. @default '100ms' */
  readonly retry?: Duration | undefined
  /** `auto`: renewed each third of its life until it is released. @default 'auto' */
  readonly renew?: 'auto' | 'never' | undefined
  readonly signal?: AbortSignal | undefined
}

/** How this process follows the changes that others make. */
export interface CoherenceOptions {
  /**
   * How long copies in this process may be served while the shared tier cannot be followed, and how
   * long a value may be kept that was loaded meanwhile. @default '5s'
   */
  readonly maxBlindness?: Duration
  /**
   * What becomes of copies after that: not served until the tier is followed again, dropped, or
   * served and marked stale. @default 'bypass'
   */
  readonly whenBlind?: 'bypass' | 'flush' | 'serve-stale'
  /**
   * `at-most-once`: messages alone, without looking for those that were lost. A copy may then be
   * stale for its whole life. @default 'complete'
   */
  readonly delivery?: 'complete' | 'at-most-once'
  /** `poll`: no messages; changes are looked for every `pollEvery`. @default 'push' */
  readonly follow?: 'push' | 'poll'
  /** At most 1 s. A change is seen within twice as long. @default '500ms' */
  readonly pollEvery?: Duration
}

export interface WriteOptions extends CallOptions {
  /**
   * Tags whose entries the write makes stale, for instance of the lists it stands in. They leave
   * with the write's end, also if this process dies before it can say so.
   */
  readonly invalidateTags?: readonly string[] | undefined
}

export type ReadMode = 'all' | 'memory' | 'shared' | 'source'

export interface Timeouts {
  /** Where a graced value exists, answer with it after this long. @default '200ms' */
  readonly soft?: Duration | undefined
  /**
   * Reject after this long; a load that is running still fills the cache, with a shared tier if it
   * ends within 10 s. @default '5s'
   */
  readonly hard?: Duration | undefined
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
