/** Door of `tiercel`. Loads nothing of the platform. */

export type {
  AfterCommitOptions,
  CommitChanges,
  CommitReceipt,
  TransactionClient,
  TransactionPool,
  TransactionRunner,
} from './contracts/after-commit.ts'
export type {
  Batch,
  BatchOperation,
  BatchOptions,
  BatchResult,
  BatchResults,
} from './contracts/batch.ts'
export type { Cache, CacheOptions } from './contracts/cache.ts'
export type { CleanUpReport } from './contracts/clean-up.ts'
export type { Clock } from './contracts/clock.ts'
export type {
  Codec,
  Compressor,
  Migration,
  Priority,
  UndecodableReason,
} from './contracts/codec.ts'
export type { CoherenceState } from './contracts/coherence.ts'
export type {
  BehindOptions,
  Collection,
  CollectionOptions,
  Readable,
  WritePolicy,
} from './contracts/collection.ts'
export type { ConflictMerge, ConflictPolicy } from './contracts/conflict-policy.ts'
export type { CollectionDescription } from './contracts/description.ts'
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
  AlertEvent,
  AnswersEvent,
  AuditEvent,
  CacheEvent,
  CleanUpEvent,
  CleanUpFailedEvent,
  CompressionEvent,
  ConnectionEvent,
  ForecastEvent,
  InvalidationEvent,
  LatencyEvent,
  LoadEvent,
  ModeEvent,
  OldVersionsEvent,
  QueueEvent,
  QueueStatusEvent,
  ReadsEvent,
  RemovalCause,
  RemovalEvent,
  ShadowEvent,
  StaleEvent,
  StoreCallEvent,
  TierFailureEvent,
  UnansweredEvent,
  UndecodableEvent,
  WarmingEvent,
  WriteEvent,
} from './contracts/events.ts'
export type { ExternalChange } from './contracts/external-change.ts'
export type {
  Alert,
  AlertOptions,
  Health,
  HealthCode,
  HealthReason,
  HealthState,
} from './contracts/health.ts'
export type { Lock } from './contracts/lock.ts'
export type { LoggerLike } from './contracts/logger.ts'
export type { Memoized, MemoizeOptions } from './contracts/memoize.ts'
export type {
  InstanceReport,
  LatencyHistogram,
  LatencySeries,
  LowHitCause,
  MetricsOptions,
  MetricsSnapshot,
  PatternMetrics,
  QueueMetrics,
  TierCounts,
  Verdict,
  VerdictGrade,
  Workload,
} from './contracts/metrics.ts'
export type { CacheMode, ModeOptions, Switchable } from './contracts/mode.ts'
export type {
  OldVersions,
  OldVersionsReport,
  RemoveOldVersionsOptions,
  Versioned,
} from './contracts/old-versions.ts'
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
  RefreshAhead,
  TagOptions,
  Timeouts,
  VersionToken,
  WriteOptions,
} from './contracts/options.ts'
export type { Durability, WriteKind } from './contracts/pending-steps.ts'
export type { Random } from './contracts/random.ts'
export type { InspectedCopy, Inspection, Reading, TierName } from './contracts/reading.ts'
export type {
  BatchReport,
  DeletionReceipt,
  DeletionReport,
  ExternalChangeReceipt,
  InvalidationReceipt,
  WriteReceipt,
} from './contracts/receipts.ts'
export type { ReplacementPolicy, ReplacementPolicyFactory } from './contracts/replacement-policy.ts'
export type { ShadowOptions } from './contracts/shadow.ts'
export type { SharedTier, SharedUsage } from './contracts/shared-tier.ts'
export type {
  CacheKey,
  LoadContext,
  Loader,
  LoaderOptions,
  LoadMany,
  Source,
  SourceBreaker,
  Store,
  StoredVersion,
  StoreOutcome,
  StoreWrite,
  WriteBase,
} from './contracts/source.ts'
export type { StandardSchema } from './contracts/standard-schema.ts'
export type { TierLimit } from './contracts/tier-limit.ts'
export type { AuditReport, CacheUsage, InvalidationStatistics } from './contracts/usage.ts'
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
export { type CachedOptions, cached, forgetCached } from './core/cached.ts'
export { DEFAULTS } from './core/defaults.ts'
export { withEnvironment } from './core/environment.ts'
export { parseVersion } from './core/version-token.ts'
export type { Platform } from './create-cache.ts'
export { createCache } from './create-cache.ts'
export { type ExportOptions, exportWrites, importWrites } from './move-writes.ts'
