/** The errors of the library: one class for each thing that a caller would handle differently. */

/** Closed set; a new member is a minor release. */
export type CacheErrorCode =
  | 'config'
  | 'argument'
  | 'loader-timeout'
  | 'store-timeout'
  | 'tier'
  | 'codec'
  | 'queue-full'
  | 'conflict'
  | 'circuit-open'
  | 'lock'
  | 'closed'

/** What every error of the library is. `code` is stable, the message is for people. */
export class CacheError extends Error {
  readonly code: CacheErrorCode

  constructor(code: CacheErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }
}

/** A value that cannot be shown whole, in the few words that an error message has room for. */
function describe(value: unknown): string {
  if (typeof value === 'string') {
    const shown = value.length > 60 ? `${value.slice(0, 57)}...` : value
    return `${JSON.stringify(shown)} (string${value.length > 60 ? ` of ${value.length} characters` : ''})`
  }
  if (typeof value === 'bigint') return `${value}n (bigint)`
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'number' || typeof value === 'boolean') return `${value} (${typeof value})`
  return Array.isArray(value) ? `an array of ${value.length}` : `a value of type ${typeof value}`
}

/** A refused field: its path, what was expected, and what came. */
export interface FieldProblem {
  readonly field: string
  readonly expected: string
  readonly actual: unknown
  /** What to do about it, where that is not obvious. */
  readonly cure?: string
}

function sentence({ field, expected, actual, cure }: FieldProblem): string {
  return `Expected \`${field}\` to be ${expected}, got ${describe(actual)}.${cure === undefined ? '' : ` ${cure}`}`
}

/** Options that cannot work, found when the cache or the collection is made. */
export class ConfigError extends CacheError {
  /** The path of the refused option, as the user wrote it: `memory.entries`. */
  readonly field: string

  constructor(problem: FieldProblem) {
    super('config', sentence(problem))
    this.field = problem.field
  }
}

/** An argument of one call that cannot work. Nothing was read or written. */
export class ArgumentError extends CacheError {
  readonly field: string
  /** What it would have to be, in words; never what came. */
  readonly expected: string

  constructor(problem: FieldProblem) {
    super('argument', sentence(problem))
    this.field = problem.field
    this.expected = problem.expected
  }
}

/** A load that took longer than the caller's hard timeout. The load goes on and still fills the cache. */
export class LoaderTimeoutError extends CacheError {
  readonly timeoutMs: number

  constructor(pattern: string, timeoutMs: number) {
    super(
      'loader-timeout',
      `A load of ${pattern} took longer than the hard timeout of ${timeoutMs} ms.`,
    )
    this.timeoutMs = timeoutMs
  }
}

/** A write that took longer than the hard timeout. The source may still carry it out. */
export class StoreTimeoutError extends CacheError {
  readonly timeoutMs: number

  constructor(pattern: string, kind: string, timeoutMs: number) {
    super(
      'store-timeout',
      `The store took longer than the hard timeout of ${timeoutMs} ms for a ${kind} of ${pattern}.`,
    )
    this.timeoutMs = timeoutMs
  }
}

/** The shared tier could not do what it was asked. Reads survive it; writes that need it report it. */
export class TierError extends CacheError {
  readonly tier: string
  /**
   * `part`: one of several independent servers could not be asked; the others may well answer. `step`: the
   * tier is there and has refused this step, for instance since it is full; others may well be carried out.
   */
  readonly scope: 'tier' | 'part' | 'step'

  /** `scope` is `tier` where it is left out. */
  constructor(tier: string, message: string, options?: TierErrorOptions) {
    super('tier', message, options)
    this.tier = tier
    this.scope = options?.scope ?? 'tier'
  }
}

export interface TierErrorOptions {
  readonly cause?: unknown
  readonly scope?: 'tier' | 'part' | 'step'
}

/** A value that cannot be turned into bytes. */
export class CodecError extends CacheError {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('codec', message, options)
  }
}

/** A bounded queue is full: the source is slower than what is asked of it. */
export class QueueFullError extends CacheError {
  readonly limit: number

  constructor(
    queue: string,
    limit: number,
    message = `The queue of ${queue} holds ${limit} already; the call was refused.`,
  ) {
    super('queue-full', message)
    this.limit = limit
  }
}

/** The source failed too often in a row, and is given a rest before it is asked again. */
export class CircuitOpenError extends CacheError {
  constructor(name: string) {
    super(
      'circuit-open',
      `The source of ${name} failed too often in a row and is not asked for a while.`,
    )
  }
}

/** A lock was not to be had within the time that was allowed for it. Nothing is held. */
export class LockNotAcquiredError extends CacheError {
  constructor(names: readonly string[], waitMs: number) {
    const what = names.length === 1 ? 'The lock is' : `One of ${names.length} locks is`
    super('lock', `${what} held by somebody else; it was waited for ${waitMs} ms.`)
  }
}

/** The source refused a write because of what it holds, for instance `create` of a key that exists. */
export class ConflictError extends CacheError {
  constructor(message: string) {
    super('conflict', message)
  }
}

/** The cache was closed before or during the call. */
export class ClosedError extends CacheError {
  constructor(name: string) {
    super('closed', `The cache \`${name}\` is closed.`)
  }
}
