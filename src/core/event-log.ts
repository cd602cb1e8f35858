/**
 * Lines for people, made of events (M7): hits and misses at debug, changes at info, what someone
 * should look at as warnings.
 *
 * A key never stands in a line, unless `logKeys` asks for it, nor the message of a foreign error, which
 * may hold one. Warnings of one kind and pattern come at most once in ten seconds, with the number of those left out, so that
 * an outage does not fill a disk; slow operations are told each.
 */

import type { Clock } from '../contracts/clock.ts'
import { ArgumentError, CacheError, type CacheErrorCode } from '../contracts/errors.ts'
import type {
  AlertEvent,
  CacheEvent,
  ConnectionEvent,
  ForecastEvent,
  InvalidationEvent,
  LoadEvent,
  ModeEvent,
  QueueEvent,
  ShadowEvent,
  UndecodableEvent,
  WarmingEvent,
  WriteEvent,
} from '../contracts/events.ts'
import type { LoggerLike } from '../contracts/logger.ts'
import type { CacheKey } from '../contracts/source.ts'
import { hashKey } from '../keys/hash-key.ts'

export interface EventLogOptions {
  readonly name: string
  readonly logger: LoggerLike | undefined
  /** Where warnings go without a logger. */
  readonly emitWarning: (message: string) => void
  readonly clock: Clock
  /** `undefined`: slow operations are not logged. */
  readonly slowAfterMs: number | undefined
  /** How a key is named in the lines of slow operations; absent: by its hash. */
  readonly logKeys?: 'hash' | 'shown'
}

/** From the most talkative to the quietest, as pino has them. */
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
const WARN_EVERY_MS = 10_000
/** Kinds of warnings that are remembered: some have figures in their words, which are never twice the same. */
const MOST_KINDS = 1_000
const NO_DETAIL = Object.freeze({})

/** What is told by aggregates, by other events, or by an error to whoever asked. */
type Silent =
  | 'reads'
  | 'answers'
  | 'stale'
  | 'unanswered'
  | 'removal'
  | 'compression'
  | 'clean-up-failed'
  | 'queue-status'
  | 'store-call'

type Line = (fields: object, message: string) => void

/** What has failed where it is no call that goes on without the tier. */
const FAILURES: Readonly<Record<string, string>> = {
  check: 'the shared tier is not set up as it should be',
  connect: 'the shared tier cannot be reached',
  lock: 'the shared tier failed at a lock',
  subscribe: 'the shared tier passes on no messages; changes are heard of late',
}
const WENT_ON = 'the shared tier failed; the call went on without it'

export class EventLog {
  /** `undefined` where debug is off, so that the hit path asks no more than that. */
  readonly read: ((pattern: string, tier: 'memory' | 'shared', hit: boolean) => void) | undefined
  readonly info: Line | undefined
  /** Of changes of others, of which there may be thousands a second. */
  readonly debug: Line | undefined
  /** `undefined` where warnings are off: nothing is made for a line that nobody gets. */
  readonly #warn: Line | undefined
  readonly #options: EventLogOptions
  /** By kind, pattern and words; the one that came last is the last. */
  readonly #warned = new Map<string, { at: number; leftOut: number }>()

  constructor(options: EventLogOptions) {
    const { logger, name } = options
    this.#options = options
    const debug = on(logger, 'debug') ? guarded(logger, logger?.debug) : undefined
    this.debug = debug
    this.read =
      debug === undefined
        ? undefined
        : (pattern, tier, hit) => debug({ cache: name, pattern, tier }, hit ? 'hit' : 'miss')
    this.info = on(logger, 'info') ? guarded(logger, logger?.info) : undefined
    if (logger === undefined) {
      this.#warn = (fields, message) => options.emitWarning(sentence(name, fields, message))
    } else {
      this.#warn = on(logger, 'warn') ? guarded(logger, logger.warn) : undefined
    }
  }

  /** Bound, so that it can be handed to an event stream. */
  readonly hear = (event: CacheEvent): void => {
    switch (event.type) {
      case 'load':
        this.#load(event)
        break
      case 'write':
        this.#write(event)
        break
      case 'invalidation':
        this.#invalidation(event)
        break
      case 'undecodable':
        this.#undecodable(event)
        break
      case 'tier-failure':
        this.warn(event.operation, '*', FAILURES[event.operation] ?? WENT_ON, event)
        break
      case 'connection':
        this.#connection(event)
        break
      case 'audit':
        if (event.stale > 0)
          this.warn('audit', '*', 'copies were stale for longer than allowed', NO_DETAIL)
        break
      case 'clean-up':
        this.info?.({ cache: this.#options.name, ...event }, 'clean-up')
        break
      case 'queue':
        this.#queue(event)
        break
      case 'old-versions': {
        const line = event.state === 'running' ? this.debug : this.info
        line?.({ cache: this.#options.name, ...event }, 'old versions')
        break
      }
      case 'warming':
        this.#warming(event)
        break
      case 'forecast':
        this.#forecast(event)
        break
      case 'mode':
        this.#mode(event)
        break
      case 'shadow':
        this.#shadow(event)
        break
      case 'alert':
        this.#alert(event)
        break
      case 'latency':
        // What took long at the source is a load; what this process answers is never slow.
        if (event.tier === 'shared') {
          this.slow(event.operation, event.pattern, event.durationMs, undefined)
        }
        break
      default:
        event satisfies Extract<CacheEvent, { type: Silent }>
    }
  }

  /**
   * Tells of an operation that took `slowAfter` or longer, where somebody gave a logger; each time, with
   * its key where it has one. Called apart from its event, as no event has a key.
   */
  slow(kind: string, pattern: string, durationMs: number, key: CacheKey | undefined): void {
    const { slowAfterMs, logger, name, logKeys } = this.#options
    if (slowAfterMs === undefined || logger === undefined || durationMs < slowAfterMs) return
    if (this.#warn === undefined) return
    const named =
      key === undefined ? {} : logKeys === 'shown' ? { key: `${key}` } : { keyHash: shortHash(key) }
    this.#warn({ cache: name, kind, pattern, durationMs, ...named }, 'slow operation')
  }

  /** What a caller was told by an error is news for a logger only. */
  #tell(
    kind: string,
    pattern: string,
    message: string,
    detail: { readonly error?: unknown },
  ): void {
    if (this.#options.logger !== undefined) this.warn(kind, pattern, message, detail)
  }

  /** Warns, unless the same was said in the last ten seconds. */
  warn(
    kind: string,
    pattern: string,
    message: string,
    detail: { readonly error?: unknown; readonly writes?: number },
  ): void {
    if (this.#warn === undefined) return
    const now = this.#options.clock.monotonic()
    const id = `${kind} ${pattern} ${message}`
    const before = this.#warned.get(id)
    if (before !== undefined && now - before.at < WARN_EVERY_MS) {
      before.leftOut += 1
      return
    }
    this.#warned.delete(id)
    this.#warned.set(id, { at: now, leftOut: 0 })
    if (this.#warned.size > MOST_KINDS) this.#warned.delete(first(this.#warned))
    const leftOut = before?.leftOut ?? 0
    this.#warn(
      {
        cache: this.#options.name,
        kind,
        pattern,
        ...(detail.error === undefined
          ? {}
          : { error: harmless(detail.error, this.#options.logKeys === 'shown') }),
        ...(detail.writes === undefined ? {} : { writes: detail.writes }),
        ...(leftOut === 0 ? {} : { leftOut }),
      },
      message,
    )
  }

  #invalidation(event: InvalidationEvent): void {
    const { kind, pattern, origin, state } = event
    if (state === 'pending') {
      this.warn(kind, pattern, 'an invalidation waits for the shared tier', NO_DETAIL)
      return
    }
    this.slow('invalidate', pattern, event.durationMs, undefined)
    const line = origin === 'local' ? this.info : this.debug
    line?.({ cache: this.#options.name, ...event }, 'invalidation')
  }

  #undecodable(event: UndecodableEvent): void {
    const { pattern, reason } = event
    if (reason === 'older' || reason === 'newer') {
      // Two releases side by side are no fault.
      this.debug?.({ cache: this.#options.name, pattern, reason }, 'another version')
    } else {
      this.warn(reason, pattern, 'an entry could not be read, and is a miss', event)
    }
  }

  #connection({ tier, pattern, state, reason }: ConnectionEvent): void {
    if (state === 'open' || state === 'blind') {
      if (this.#warn === undefined) return
      const words = state === 'open' ? 'is not asked for a while' : 'cannot be followed'
      this.warn(state, pattern, `the ${tier} tier ${words}: ${reason}`, NO_DETAIL)
    } else {
      this.info?.({ cache: this.#options.name, tier, pattern, state, reason }, 'connection')
    }
  }

  #queue({ pattern, state, count: writes, waiting, error }: QueueEvent): void {
    const isNoted = state !== 'dead' && state !== 'away' && state !== 'lost'
    if (this.#warn === undefined && !isNoted) return
    if (state === 'dead') {
      // What the store has said of them is in the letters: it may hold a key.
      this.warn(state, pattern, 'writes were given up and are dead letters', { writes })
    } else if (state === 'lost') {
      const words =
        error === undefined
          ? 'the shared tier has lost writes that waited for the source, so many at most'
          : 'there are more dead letters than are kept, and older ones were forgotten'
      this.warn(state, pattern, words, { writes })
    } else if (state === 'away') {
      this.warn(state, pattern, 'the source does not take what waits', { error, writes })
    } else {
      this.info?.({ cache: this.#options.name, pattern, state, count: writes, waiting }, 'queue')
    }
  }

  #warming(event: WarmingEvent): void {
    const { pattern, reason, state, loaded, fresh, absent, failed, elapsedMs } = event
    if (state === 'failed') this.warn(reason, pattern, 'a warming has failed', event)
    else if (state === 'missed') this.warn(reason, pattern, 'a scheduled warming was missed', event)
    else if (state === 'done' && failed > 0) {
      this.warn(reason, pattern, 'a part of a warming has failed', event)
    }
    const line = state === 'done' || state === 'cancelled' ? this.info : this.debug
    const { name: cache } = this.#options
    line?.({ cache, pattern, reason, state, loaded, fresh, absent, failed, elapsedMs }, 'warming')
  }

  #alert({ code, pattern, state, health, value, threshold, message, cure }: AlertEvent): void {
    if (state === 'raised' && health !== 'healthy') {
      if (this.#warn !== undefined) this.warn(code, pattern, `${message} ${cure}`, NO_DETAIL)
      return
    }
    const words = state === 'raised' ? message : 'alert cleared'
    this.info?.({ cache: this.#options.name, code, pattern, value, threshold }, words)
  }

  #forecast(event: ForecastEvent): void {
    const { type, state, on, startsAt, pattern, forecast, lastHour, steady } = event
    if (state === 'switched' && !on) {
      const words = 'the forecast is no better than what was read last: switched off'
      this.warn(type, pattern, words, NO_DETAIL)
      return
    }
    const line = state === 'switched' ? this.info : this.debug
    const words = state === 'switched' ? 'the forecast is worth its loads: switched on' : type
    line?.({ cache: this.#options.name, pattern, on, startsAt, forecast, lastHour, steady }, words)
  }

  /** Whoever wonders about figures the next day finds what was switched. */
  #mode({ pattern, mode, before, scope }: ModeEvent): void {
    this.info?.({ cache: this.#options.name, pattern, mode, before, scope }, 'mode')
  }

  #shadow({ pattern, outcome }: ShadowEvent): void {
    if (outcome === 'different') {
      this.warn('shadow', pattern, 'a hit was not what the source has', NO_DETAIL)
    } else {
      this.debug?.({ cache: this.#options.name, pattern, outcome }, 'shadow')
    }
  }

  #load(event: LoadEvent): void {
    if (event.outcome === 'failed') this.#tell('load', event.pattern, 'a load failed', event)
    if (event.reason === 'refresh') {
      const { pattern, outcome, durationMs } = event
      this.info?.({ cache: this.#options.name, pattern, outcome, durationMs }, 'refresh')
    }
  }

  #write(event: WriteEvent): void {
    const { pattern, kind, count, durationMs } = event
    if (kind === 'fill') {
      // Its callers have their value, so nobody else would hear that it is loaded again and again.
      this.warn(kind, pattern, 'a loaded value cannot be kept', event)
      return
    }
    if (event.outcome === 'failed') {
      this.#tell(kind, pattern, count === 1 ? 'a write failed' : 'a part of a batch failed', event)
      return
    }
    this.info?.({ cache: this.#options.name, pattern, kind, count, durationMs }, 'write')
  }
}

/** By which a key is recognised that is known; whoever can guess a key can check it by this. */
const shortHash = (key: CacheKey): string => hashKey(key, 0).toString(16).padStart(8, '0')

const first = <K>(map: ReadonlyMap<K, unknown>): K => map.keys().next().value as K

/** A logger that throws must not fail the call that it was to tell of. */
function guarded(logger: LoggerLike | undefined, method: Line | undefined): Line | undefined {
  if (method === undefined) return undefined
  return (fields, message) => {
    try {
      method.call(logger, fields, message)
    } catch {
      // There is nobody else to tell.
    }
  }
}

function on(logger: LoggerLike | undefined, level: (typeof LEVELS)[number]): boolean {
  if (logger === undefined) return false
  // `console` has no level, and nobody who passes it wants a line for every hit.
  const lowest = LEVELS.indexOf((logger.level ?? 'info') as (typeof LEVELS)[number])
  return lowest <= LEVELS.indexOf(level)
}

/** Their words hold a key, a value, or what a store has said. */
const WITHOUT_WORDS: readonly CacheErrorCode[] = ['argument', 'conflict']

/** Of an error and its causes, no more than so many are shown. */
const MOST_CAUSES = 3

/** What may be shown of an error: its kind always, its words if they are our own, or if keys are `shown`. */
function harmless(error: unknown, shown: boolean, left = MOST_CAUSES): object {
  if (!(error instanceof Error)) return { name: typeof error }
  const isOurs = error instanceof CacheError && !WITHOUT_WORDS.includes(error.code)
  const { code, cause } = error as { code?: unknown; cause?: unknown }
  return {
    name: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    ...(isOurs || shown ? { message: error.message } : {}),
    // Says what is wrong, and not with what.
    ...(error instanceof ArgumentError ? { field: error.field, expected: error.expected } : {}),
    ...(cause === undefined || left <= 1 ? {} : { cause: harmless(cause, shown, left - 1) }),
  }
}

function sentence(name: string, fields: object, message: string): string {
  return `cache \`${name}\`: ${message} ${JSON.stringify(fields)}`
}
