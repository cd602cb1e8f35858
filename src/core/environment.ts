/**
 * Options from environment variables (H5): option `a.bC` is `TIERCEL_A_B_C`.
 *
 * The table below is the whole list; `docs/environment.md` is made from it. What objects alone can
 * say (the shared tier itself, codecs, the logger) stays in code; a variable may turn it off.
 */

import type { CacheOptions } from '../contracts/cache.ts'
import { ConfigError } from '../contracts/errors.ts'

type Kind = 'duration' | 'number' | 'off' | readonly string[]

export interface EnvironmentVariable {
  /** Where the option stands in `CacheOptions`. */
  readonly path: string
  /** What its text may be; `off` beside another kind means that the word `off` is allowed too. */
  readonly kinds: readonly Kind[]
}

const COMPRESSION = ['zstd', 'gzip', 'brotli', 'off']

export const ENVIRONMENT_VARIABLES: readonly EnvironmentVariable[] = [
  { path: 'version', kinds: ['number'] },
  { path: 'oldVersions', kinds: [['keep', 'remove']] },
  { path: 'shared', kinds: ['off'] },
  { path: 'memory', kinds: ['off'] },
  { path: 'memory.entries', kinds: ['number'] },
  { path: 'memory.bytes', kinds: ['number', 'off'] },
  { path: 'memory.weight', kinds: ['number', 'off'] },
  { path: 'memory.copy', kinds: [['share', 'clone', 'freeze']] },
  { path: 'memory.expiryScan', kinds: ['duration'] },
  { path: 'memory.compaction', kinds: ['number'] },
  { path: 'defaults.ttl', kinds: ['duration', ['none']] },
  { path: 'defaults.memoryTtl', kinds: ['duration'] },
  { path: 'defaults.renewal', kinds: [['fixed', 'sliding']] },
  { path: 'defaults.grace', kinds: ['duration'] },
  { path: 'defaults.jitter', kinds: ['number'] },
  { path: 'defaults.negativeTtl', kinds: ['duration', ['auto', 'off']] },
  { path: 'defaults.timeouts.soft', kinds: ['duration'] },
  { path: 'defaults.timeouts.hard', kinds: ['duration'] },
  { path: 'compression', kinds: [COMPRESSION] },
  { path: 'compression.above', kinds: ['number'] },
  { path: 'compression.maxInflatedBytes', kinds: ['number'] },
  { path: 'compression.algorithm', kinds: [['zstd', 'gzip', 'brotli']] },
  { path: 'sharedTimeout', kinds: ['duration'] },
  { path: 'coherence.maxBlindness', kinds: ['duration'] },
  { path: 'coherence.whenBlind', kinds: [['bypass', 'flush', 'serve-stale']] },
  { path: 'coherence.delivery', kinds: [['complete', 'at-most-once']] },
  { path: 'coherence.follow', kinds: [['push', 'poll']] },
  { path: 'coherence.pollEvery', kinds: ['duration'] },
  { path: 'warming', kinds: ['off'] },
  { path: 'warming.concurrency', kinds: ['number'] },
  { path: 'warming.batch', kinds: ['number'] },
  { path: 'warming.perSecond', kinds: ['number'] },
  { path: 'warming.yieldAt', kinds: ['number'] },
  { path: 'warming.restAt', kinds: ['number'] },
  { path: 'summaryEvery', kinds: ['duration', 'off'] },
  { path: 'auditEvery', kinds: ['duration', 'off'] },
  { path: 'idle', kinds: ['off'] },
  { path: 'idle.after', kinds: ['duration'] },
  { path: 'idle.every', kinds: ['duration'] },
  { path: 'slowAfter', kinds: ['duration', 'off'] },
]

/** `memory.expiryScan` → `TIERCEL_MEMORY_EXPIRY_SCAN`. */
export function variableName(path: string): string {
  const words = path.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).replaceAll('.', '_')
  return `TIERCEL_${words.toUpperCase()}`
}

/**
 * The options with those of the environment laid over them; neither argument is changed.
 *
 * @example
 * ```ts
 * import { createCache, withEnvironment } from 'tiercel'
 *
 * await using cache = createCache(
 *   withEnvironment({ name: 'shop' }, { TIERCEL_MEMORY_ENTRIES: '500', TIERCEL_DEFAULTS_TTL: '10m' }),
 * )
 * ```
 *
 * @throws ConfigError naming the variable: for one that begins with `TIERCEL_` and is not on the
 * list, and for a text that cannot be read. Whether a number fits is checked by `createCache`.
 */
export function withEnvironment(
  options: CacheOptions,
  environment: Readonly<Record<string, string | undefined>>,
): CacheOptions {
  const known = new Map(
    ENVIRONMENT_VARIABLES.map((variable) => [variableName(variable.path), variable]),
  )
  let result: Record<string, unknown> = { ...options }
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith('TIERCEL_') || text === undefined || text === '') continue
    const variable = known.get(name)
    if (variable === undefined) {
      throw new ConfigError({
        field: name,
        expected: 'an option of the cache; see docs/environment.md for the list',
        actual: text,
      })
    }
    result = laid(result, variable.path.split('.'), parse(name, text, variable.kinds))
  }
  return result as unknown as CacheOptions
}

function laid(
  options: Record<string, unknown>,
  [head, ...rest]: readonly string[],
  value: unknown,
): Record<string, unknown> {
  if (head === undefined) return options
  if (rest.length === 0) {
    // A tier that is turned off is a tier that is not given.
    if (head === 'shared') {
      const { shared: _, ...others } = options
      return others
    }
    // `compression.above` may have come first; the word then names the algorithm.
    const before = options[head]
    if (head === 'compression' && value !== 'off' && typeof before === 'object') {
      return { ...options, [head]: { ...before, algorithm: value } }
    }
    return { ...options, [head]: value }
  }
  const before = options[head]
  if (before === 'off') return options
  const inner = typeof before === 'string' ? { algorithm: before } : { ...(before as object) }
  return { ...options, [head]: laid(inner as Record<string, unknown>, rest, value) }
}

function parse(name: string, text: string, kinds: readonly Kind[]): unknown {
  for (const kind of kinds) {
    if (kind === 'off' && text === 'off') return text
    if (kind === 'number' && /^-?\d+(\.\d+)?$/.test(text)) return Number(text)
    if (kind === 'duration' && /^\d+(\.\d+)?(ms|s|m|h|d)?$/.test(text)) {
      return /\d$/.test(text) ? Number(text) : text
    }
    if (typeof kind === 'object' && kind.includes(text)) return text
  }
  throw new ConfigError({ field: name, expected: kinds.map(wordsFor).join(', or '), actual: text })
}

/** Also used to print the list. */
export function wordsFor(kind: Kind): string {
  if (kind === 'duration') return "a duration like '5m', or milliseconds"
  if (kind === 'number') return 'a number in plain digits'
  if (kind === 'off') return "'off'"
  return kind.map((word) => `'${word}'`).join(', ')
}
