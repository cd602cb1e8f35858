/** Door of `tiercel`. Loads nothing of the platform. */

export type {
  Batch,
  BatchOperation,
  BatchOptions,
  BatchResult,
  BatchResults,
} from './contracts/batch.ts'
export type {
  AuditReport,
  BatchReport,
  Cache,
  CacheOptions,
  CacheUsage,
  CleanUpReport,
  Collection,
  CollectionOptions,
  DeletionReceipt,
  DeletionReport,
  ExternalChangeReceipt,
  Inspection,
  InvalidationReceipt,
  InvalidationStatistics,
  Lock,
  OldVersions,
  OldVersionsReport,
  Readable,
  Reading,
  RemoveOldVersionsOptions,
  TierName,
  Versioned,
  WritePolicy,
  WriteReceipt,
} from './contracts/cache.ts'
export type { Clock } from './contracts/clock.ts'
export type {
  Codec,
  Compressor,
  Migration,
  Priority,
  UndecodableReason,
} from './contracts/codec.ts'
export type { CoherenceState } from './contracts/coherence.ts'
export type { ConflictMerge, ConflictPolicy } from './contracts/conflict-policy.ts'
export type { CacheErrorCode } from './contracts/errors.ts'
export {
  ArgumentError,
  CacheError,
  CircuitOpenError,
  ClosedError,
  CodecError,
  ConfigError,
  ConflictError,
  LoaderTimeoutError,
  LockNotAcquiredError,
  QueueFullError,
  StoreTimeoutError,
  TierError,
} from './contracts/errors.ts'
export type {
  AuditEvent,
  CacheEvent,
  CleanUpEvent,
  CompressionEvent,
  ConnectionEvent,
  ForecastEvent,
  InvalidationEvent,
  LoadEvent,
  OldVersionsEvent,
  ReadsEvent,
  RemovalCause,
  RemovalEvent,
  StaleEvent,
  TierFailureEvent,
  UndecodableEvent,
  WarmingEvent,
  WriteEvent,
} from './contracts/events.ts'
export type { ExternalChange } from './contracts/external-change.ts'
export type { LoggerLike } from './contracts/logger.ts'
export type {
  AuditOptions,
  CallOptions,
  CoherenceOptions,
  CompressionName,
  CompressionOptions,
  DeleteOptions,
  Duration,
  EntryOptions,
  IdleOptions,
  LockOptions,
  MemoryOptions,
  ReadMode,
  TagOptions,
  Timeouts,
  VersionToken,
  WriteOptions,
} from './contracts/options.ts'
export type { Durability } from './contracts/pending-steps.ts'
export type { Random } from './contracts/random.ts'
export type { ReplacementPolicy, ReplacementPolicyFactory } from './contracts/replacement-policy.ts'
export type { SharedTier, SharedUsage } from './contracts/shared-tier.ts'
export type {
  CacheKey,
  LoadContext,
  Loader,
  LoadMany,
  Source,
  SourceBreaker,
  Store,
  StoreOutcome,
  StoreWrite,
  WriteBase,
} from './contracts/source.ts'
export type { StandardSchema } from './contracts/standard-schema.ts'
export type {
  CollectionWarming,
  Forecast,
  ForecastAccuracy,
  HeatOptions,
  HotWarming,
  PastForecast,
  PredictWarming,
  Schedule,
  ScheduledWarming,
  StartWarming,
  WarmItems,
  WarmingOptions,
  WarmOptions,
  WarmQuery,
  WarmReport,
} from './contracts/warming.ts'
export type { DrainReport } from './contracts/write-behind.ts'
export type {
  DeadLetter,
  ExportedWrite,
  ImportReport,
  QueueStatus,
  WriteQueue,
  WriteState,
} from './contracts/write-queue.ts'
export { DEFAULTS } from './core/defaults.ts'
export { withEnvironment } from './core/environment.ts'
export type { Platform } from './create-cache.ts'
export { createCache } from './create-cache.ts'
export { type ExportOptions, exportWrites, importWrites } from './move-writes.ts'
