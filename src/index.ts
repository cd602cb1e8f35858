/** Door of `tiercel`. Loads nothing of the platform. */

export type {
  BatchReport,
  Cache,
  CacheOptions,
  CacheUsage,
  Collection,
  CollectionOptions,
  DeletionReceipt,
  DeletionReport,
  Inspection,
  InvalidationReceipt,
  Readable,
  Reading,
  TierName,
  WritePolicy,
  WriteReceipt,
} from './contracts/cache.ts'
export type { Clock } from './contracts/clock.ts'
export type { Codec, Compressor, Priority, UndecodableReason } from './contracts/codec.ts'
export type { CacheErrorCode } from './contracts/errors.ts'
export {
  ArgumentError,
  CacheError,
  ClosedError,
  CodecError,
  ConfigError,
  ConflictError,
  LoaderTimeoutError,
  QueueFullError,
  StoreTimeoutError,
  TierError,
} from './contracts/errors.ts'
export type {
  CacheEvent,
  CompressionEvent,
  InvalidationEvent,
  LoadEvent,
  ReadsEvent,
  RemovalCause,
  RemovalEvent,
  StaleEvent,
  TierFailureEvent,
  UndecodableEvent,
  WriteEvent,
} from './contracts/events.ts'
export type { LoggerLike } from './contracts/logger.ts'
export type {
  CallOptions,
  CompressionName,
  CompressionOptions,
  Duration,
  EntryOptions,
  MemoryOptions,
  ReadMode,
  Timeouts,
  WriteOptions,
} from './contracts/options.ts'
export type { Random } from './contracts/random.ts'
export type { ReplacementPolicy, ReplacementPolicyFactory } from './contracts/replacement-policy.ts'
export type { SharedTier, SharedUsage } from './contracts/shared-tier.ts'
export type {
  CacheKey,
  LoadContext,
  Loader,
  LoadMany,
  Source,
  Store,
  StoreOutcome,
  StoreWrite,
} from './contracts/source.ts'
export type { StandardSchema } from './contracts/standard-schema.ts'
export { DEFAULTS } from './core/defaults.ts'
export { withEnvironment } from './core/environment.ts'
export type { Platform } from './create-cache.ts'
export { createCache } from './create-cache.ts'
