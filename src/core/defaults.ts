/**
 * Every default of the library, in one value. The documentation prints these; a test compares.
 *
 * Read by `resolve-*.ts`; nothing else in the engine knows a default.
 */
export const DEFAULTS = {
  ttl: '5m',
  memoryTtl: '1m',
  renewal: 'fixed',
  grace: 0,
  jitter: 0.1,
  negativeTtl: 'off',
  size: 1,
  priority: 'normal',
  timeouts: { soft: '200ms', hard: '5s' },
  memory: {
    entries: 10_000,
    bytes: 'off',
    weight: 'off',
    copy: 'share',
    expiryScan: '1m',
    compaction: 0.3,
  },
  read: 'all',
  compression: 'off',
  algorithm: 'zstd',
  above: 1024,
  maxInflatedBytes: 67_108_864,
  write: { create: 'around', put: 'around', remove: 'around' },
  whenUnprotected: 'allow',
  behind: {
    delay: '1s',
    batch: 100,
    batchBytes: 1_048_576,
    keep: 'last',
    records: 100_000,
    bytes: 268_435_456,
    whenFull: 'block',
    attempts: 5,
    storeTimeout: '5s',
  },
  closeTimeout: '5s',
  deletion: { wait: 'local' },
  lock: { ttl: '10s', ttlOfSeveral: '30s', wait: '5s', retry: '100ms', renew: 'auto' },
  match: 'any',
  atomic: 'none',
  audit: { sample: 20, within: '1s' },
  auditEvery: 'off',
  idle: 'off',
  cleanUp: { after: '30d', every: '6h' },
  sharedTimeout: '200ms',
  coherence: {
    maxBlindness: '5s',
    whenBlind: 'bypass',
    delivery: 'complete',
    follow: 'push',
    pollEvery: '500ms',
  },
  version: 0,
  concurrency: 64,
  batchSize: 1000,
  breaker: { failures: 20, rest: '1s' },
  summaryEvery: 'off',
  slowAfter: '100ms',
} as const

/** A negative entry lives this share of `ttl`, and at most this long, where `'auto'` is asked for. */
export const NEGATIVE_AUTO = { share: 0.1, maxMs: 30_000 } as const
