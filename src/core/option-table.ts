/**
 * Every option of a cache that text can say: what the environment may set, and what a file may hold.
 *
 * One table for three readers: `withEnvironment`, the page `docs/environment.md` and the file
 * `schema/tiercel.schema.json`. What each option may be is checked by `resolve-*.ts` alone; a test compares
 * their verdicts with the table's at every bound.
 */

export type OptionKind =
  | {
      readonly is: 'duration'
      /** 0 is one too. */
      readonly zero?: true
      readonly leastMs?: number
      readonly mostMs?: number
    }
  | { readonly is: 'number'; readonly least: number; readonly most: number; readonly whole?: true }
  | { readonly is: 'word'; readonly words: readonly string[] }
  /** `pattern`: as JSON Schema takes it. `said`: in words. */
  | { readonly is: 'text'; readonly pattern: string; readonly said: string }
  | { readonly is: 'tags' }

export interface OptionRow {
  /** Where it stands in `CacheOptions`. Beside an object that has rows of its own: what may stand in its place. */
  readonly path: string
  readonly kinds: readonly OptionKind[]
  /** `false`: no variable can say it. */
  readonly inEnvironment?: false
}

const SPAN: OptionKind = { is: 'duration' }
const SPAN_OR_ZERO: OptionKind = { is: 'duration', zero: true }
const OFF: OptionKind = { is: 'word', words: ['off'] }
const SHARE: OptionKind = { is: 'number', least: 0, most: 1 }
const MANY: OptionKind = { is: 'number', least: 1, most: Number.MAX_SAFE_INTEGER }

const word = (...words: readonly string[]): OptionKind => ({ is: 'word', words })
const number = (least: number, most: number): OptionKind => ({ is: 'number', least, most })
const whole = (least: number, most: number): OptionKind => ({
  is: 'number',
  least,
  most,
  whole: true,
})

const CACHE: readonly OptionRow[] = [
  {
    path: 'name',
    kinds: [
      {
        is: 'text',
        pattern: '^[A-Za-z0-9._-]{1,64}$',
        said: '1 to 64 letters, digits, `.`, `_` or `-`',
      },
    ],
  },
  {
    path: 'instance',
    kinds: [{ is: 'text', pattern: '^[\\s\\S]{1,128}$', said: '1 to 128 characters' }],
  },
  { path: 'version', kinds: [whole(0, 2 ** 32 - 1)] },
  { path: 'oldVersions', kinds: [word('keep', 'remove')] },
  { path: 'oldVersions.removeAfter', kinds: [SPAN_OR_ZERO] },
  { path: 'oldVersions.perSecond', kinds: [number(1, 100_000)] },
]

const TIERS: readonly OptionRow[] = [
  { path: 'shared', kinds: [OFF] },
  { path: 'sharedTimeout', kinds: [SPAN] },
  { path: 'memory', kinds: [OFF] },
  { path: 'memory.entries', kinds: [whole(1, 2 ** 24)] },
  { path: 'memory.bytes', kinds: [MANY, OFF] },
  { path: 'memory.weight', kinds: [MANY, OFF] },
  { path: 'memory.copy', kinds: [word('share', 'clone', 'freeze')] },
  { path: 'memory.expiryScan', kinds: [SPAN] },
  { path: 'memory.compaction', kinds: [SHARE] },
  { path: 'compression', kinds: [word('zstd', 'gzip', 'brotli', 'off')] },
  { path: 'compression.algorithm', kinds: [word('zstd', 'gzip', 'brotli')] },
  { path: 'compression.above', kinds: [whole(0, Number.MAX_SAFE_INTEGER)] },
  { path: 'compression.maxInflatedBytes', kinds: [whole(1, Number.MAX_SAFE_INTEGER)] },
  { path: 'coherence.maxBlindness', kinds: [SPAN] },
  { path: 'coherence.whenBlind', kinds: [word('bypass', 'flush', 'serve-stale')] },
  { path: 'coherence.delivery', kinds: [word('complete', 'at-most-once')] },
  { path: 'coherence.follow', kinds: [word('push', 'poll')] },
  { path: 'coherence.pollEvery', kinds: [{ is: 'duration', mostMs: 1_000 }] },
]

const ENTRIES: readonly OptionRow[] = [
  { path: 'defaults.ttl', kinds: [SPAN, word('none')] },
  { path: 'defaults.memoryTtl', kinds: [SPAN] },
  { path: 'defaults.expiresAt', kinds: [number(Number.MIN_VALUE, 8.64e15)], inEnvironment: false },
  { path: 'defaults.renewal', kinds: [word('fixed', 'sliding')] },
  { path: 'defaults.grace', kinds: [SPAN_OR_ZERO] },
  { path: 'defaults.jitter', kinds: [number(0, 0.9)] },
  { path: 'defaults.refreshAhead', kinds: [number(0.01, 0.99), word('on', 'off')] },
  { path: 'defaults.refreshAhead.after', kinds: [number(0.01, 0.99), OFF] },
  { path: 'defaults.refreshAhead.beta', kinds: [number(0, 100), OFF] },
  { path: 'defaults.negativeTtl', kinds: [SPAN, word('auto', 'off')] },
  { path: 'defaults.tags', kinds: [{ is: 'tags' }] },
  { path: 'defaults.size', kinds: [number(0, 2 ** 31 - 1)] },
  { path: 'defaults.priority', kinds: [word('low', 'normal', 'high', 'never-remove')] },
  { path: 'defaults.timeouts.soft', kinds: [SPAN_OR_ZERO] },
  { path: 'defaults.timeouts.hard', kinds: [SPAN] },
]

const UPKEEP: readonly OptionRow[] = [
  { path: 'warming', kinds: [OFF] },
  { path: 'warming.concurrency', kinds: [whole(1, 1_000)] },
  { path: 'warming.batch', kinds: [whole(1, 1_000)] },
  { path: 'warming.perSecond', kinds: [number(0.1, 10_000_000)] },
  { path: 'warming.yieldAt', kinds: [SHARE] },
  { path: 'warming.restAt', kinds: [number(1.1, 1_000)] },
  { path: 'idle', kinds: [OFF] },
  { path: 'idle.after', kinds: [{ is: 'duration', leastMs: 60_000 }] },
  { path: 'idle.every', kinds: [{ is: 'duration', leastMs: 1_000, mostMs: 20 * 86_400_000 }] },
  { path: 'slowAfter', kinds: [SPAN, OFF] },
  { path: 'summaryEvery', kinds: [SPAN, OFF] },
  { path: 'auditEvery', kinds: [SPAN, OFF] },
]

const ANY = Number.MAX_SAFE_INTEGER

const SEEN: readonly OptionRow[] = [
  { path: 'metrics', kinds: [OFF] },
  { path: 'metrics.patterns', kinds: [whole(1, 10_000)] },
  { path: 'metrics.sampleHits', kinds: [whole(1, 2 ** 20)] },
  { path: 'metrics.shareEvery', kinds: [SPAN, OFF] },
  { path: 'alerts.hitRate', kinds: [SHARE, OFF] },
  { path: 'alerts.patternHitRate', kinds: [word('on', 'off')] },
  { path: 'alerts.minReads', kinds: [number(0, ANY)] },
  { path: 'alerts.size', kinds: [SHARE, OFF] },
  { path: 'alerts.cleanUpFailures', kinds: [number(0, ANY), OFF] },
  { path: 'alerts.queueAge', kinds: [SPAN, OFF] },
  { path: 'alerts.deadLetters', kinds: [number(0, ANY), OFF] },
  { path: 'logKeys', kinds: [word('hash', 'shown')] },
  { path: 'workload', kinds: [word('read-heavy', 'write-heavy')] },
]

export const OPTION_TABLE: readonly OptionRow[] = [
  ...CACHE,
  ...TIERS,
  ...ENTRIES,
  ...UPKEEP,
  ...SEEN,
]
