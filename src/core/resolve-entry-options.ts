/**
 * From what users write about an entry's life to what the engine works with.
 *
 * Options are laid over each other, the nearest on top: defaults, cache, collection, call, loader.
 * Each layer is checked once; a call without entry options costs nothing here.
 */

import type { Priority } from '../contracts/codec.ts'
import type { Duration, EntryOptions } from '../contracts/options.ts'
import type { RefreshAheadPlan } from './ahead-window.ts'
import { DEFAULTS, NEGATIVE_AUTO } from './defaults.ts'
import {
  checkNumber,
  checkTags,
  checkWord,
  durationMs,
  type Refuse,
  refuseOption,
} from './field-check.ts'
import { resolveRefreshAhead } from './resolve-refresh-ahead.ts'

/** `EntryOptions` with every default applied, durations in milliseconds, frozen. */
export interface ResolvedEntryOptions {
  /** `Infinity`: no end. */
  readonly ttlMs: number
  /** `undefined`: nobody asked for one. */
  readonly memoryTtlMs: number | undefined
  /** Epoch milliseconds; `Infinity`: none. */
  readonly expiresAt: number
  readonly renewal: 'fixed' | 'sliding'
  readonly graceMs: number
  readonly jitter: number
  /** `undefined`: nothing is reloaded ahead. */
  readonly refreshAhead: RefreshAheadPlan | undefined
  readonly negativeTtl: number | 'auto' | 'off'
  readonly tags: readonly string[]
  readonly size: number
  readonly priority: Priority
}

const PRIORITIES: readonly Priority[] = ['low', 'normal', 'high', 'never-remove']
const MAX_SIZE = 2 ** 31 - 1

export const DEFAULT_ENTRY_OPTIONS: ResolvedEntryOptions = Object.freeze({
  ttlMs: durationMs(DEFAULTS.ttl, { field: 'ttl', refuse: refuseOption }),
  memoryTtlMs: undefined,
  expiresAt: Number.POSITIVE_INFINITY,
  renewal: DEFAULTS.renewal,
  graceMs: DEFAULTS.grace,
  jitter: DEFAULTS.jitter,
  refreshAhead: undefined,
  negativeTtl: DEFAULTS.negativeTtl,
  tags: Object.freeze([]),
  size: DEFAULTS.size,
  priority: DEFAULTS.priority,
})

export interface ResolveContext {
  /** What lies below: every option that is not given comes from here. */
  readonly base: ResolvedEntryOptions
  /** Where the options stand, for messages: `defaults.`, or nothing. */
  readonly path: string
  readonly refuse: Refuse
}

/** @throws what `refuse` makes, for the first option that cannot work. */
export function resolveEntryOptions(
  options: EntryOptions,
  context: ResolveContext,
): ResolvedEntryOptions {
  const { base, path, refuse } = context
  const field = (name: string): { field: string; refuse: Refuse } => ({
    field: path + name,
    refuse,
  })
  const given = <T, R>(value: T | undefined, read: (value: T) => R, fallback: R): R =>
    value === undefined ? fallback : read(value)

  return Object.freeze({
    ttlMs: given(options.ttl, (ttl) => lifeMs(ttl, field('ttl')), base.ttlMs),
    memoryTtlMs: given(
      options.memoryTtl,
      (ttl) => durationMs(ttl, field('memoryTtl')),
      base.memoryTtlMs,
    ),
    expiresAt: given(options.expiresAt, (at) => instant(at, field('expiresAt')), base.expiresAt),
    renewal: given(
      options.renewal,
      (renewal) => checkWord(renewal, ['fixed', 'sliding'], field('renewal')),
      base.renewal,
    ),
    graceMs: given(
      options.grace,
      (grace) => durationMs(grace, { ...field('grace'), allow: 'zero' }),
      base.graceMs,
    ),
    jitter: given(
      options.jitter,
      (jitter) => checkNumber(jitter, { ...field('jitter'), least: 0, most: 0.9 }),
      base.jitter,
    ),
    refreshAhead: given(
      options.refreshAhead,
      (ahead) => resolveRefreshAhead(ahead, field('refreshAhead')),
      base.refreshAhead,
    ),
    negativeTtl: given(
      options.negativeTtl,
      (ttl) => (ttl === 'auto' || ttl === 'off' ? ttl : durationMs(ttl, field('negativeTtl'))),
      base.negativeTtl,
    ),
    tags: given(
      options.tags,
      (tags) => checkTags([...base.tags, ...checkTags(tags, field('tags'))], field('tags')),
      base.tags,
    ),
    size: given(
      options.size,
      (size) => checkNumber(size, { ...field('size'), least: 0, most: MAX_SIZE }),
      base.size,
    ),
    priority: given(
      options.priority,
      (priority) => checkWord(priority, PRIORITIES, field('priority')),
      base.priority,
    ),
  })
}

function lifeMs(ttl: Duration | 'none', check: { field: string; refuse: Refuse }): number {
  return ttl === 'none' ? Number.POSITIVE_INFINITY : durationMs(ttl, { ...check, cure: TTL_CURE })
}

const TTL_CURE =
  "`'none'` is no end; to keep nothing, use `delete`, or `context.uncached(value)` in a loader."

/** The largest instant a `Date` can hold. */
const MAX_INSTANT = 8.64e15

function instant(
  at: NonNullable<EntryOptions['expiresAt']>,
  check: { field: string; refuse: Refuse },
): number {
  // Nothing is converted: the text '5000' would be a moment in 1970.
  const ms = typeof at === 'number' ? at : timeOf(at)
  if (!(ms > 0 && ms <= MAX_INSTANT)) {
    throw check.refuse({
      ...check,
      expected: 'a valid Date, or milliseconds since the epoch',
      actual: at,
    })
  }
  return ms
}

/** Also of a `Date` from another realm. */
function timeOf(at: { getTime?(): number } | null): number {
  return typeof at?.getTime === 'function' ? at.getTime() : Number.NaN
}

/** How long "not found" is kept; 0: not at all. */
export function negativeTtlMs(options: ResolvedEntryOptions): number {
  if (options.negativeTtl === 'off') return 0
  if (options.negativeTtl !== 'auto') return options.negativeTtl
  return Math.min(Math.ceil(options.ttlMs * NEGATIVE_AUTO.share), NEGATIVE_AUTO.maxMs)
}
