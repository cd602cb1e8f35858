/**
 * Asking the user's code for values: one key, or all that are missing in a tick, with a bound on how
 * many calls are under way.
 *
 * Called by `lookup.ts`, which sees to it that a key is asked for once at a time.
 */

import type { Clock } from '../contracts/clock.ts'
import {
  ArgumentError,
  CircuitOpenError,
  LoaderTimeoutError,
  QueueFullError,
} from '../contracts/errors.ts'
import type {
  CacheKey,
  LoadContext,
  Loader,
  LoaderOptions,
  LoadMany,
  Source,
} from '../contracts/source.ts'
import type { Breaker } from './breaker.ts'
import { CALLS, checkCall } from './check-call.ts'
import { refuseArgument } from './field-check.ts'
import { type ResolvedEntryOptions, resolveEntryOptions } from './resolve-entry-options.ts'
import type { AskedFor, SourceGauge } from './source-gauge.ts'
import { TickBatch } from './tick-batch.ts'
import { within } from './within.ts'

/**
 * A call of the source that never settles is given up after so long, or it would keep its place in the source's
 * limit for ever: a source that has hung for a while would be asked nothing any more.
 */
export const PATIENCE_MS = 60_000

export interface LoadRequest {
  readonly key: CacheKey
  readonly signal: AbortSignal
  readonly previous: LoadContext<CacheKey>['previous']
  /** What the loader's own options are laid over. */
  readonly base: ResolvedEntryOptions
  /** Called when its turn has come, just before the user's code is. */
  readonly begins?: () => void
  /** Whether nothing is known here that has changed the key since this load was opened. */
  readonly survives?: () => boolean
  /** What the call of the source may take, in milliseconds. Absent: a minute. */
  readonly patienceMs?: number
  /** Called when it has taken longer: nobody waits for it any more. */
  readonly giveUp?: (error: Error) => void
}

export interface Loaded {
  /** `undefined`: not found. */
  readonly value: unknown
  /** `false`: the loader said to cache nothing. */
  readonly keep: boolean
  readonly options: ResolvedEntryOptions
  /** `previous` is still what the source has, and is the value; absent: it has been loaded. */
  readonly unchanged?: boolean
  readonly etag?: string | undefined
  /** The loader alone, without waiting for its turn; milliseconds. */
  readonly durationMs: number
}

export type Load = (request: LoadRequest) => Promise<Loaded>

/** What `uncached` answers with; never seen outside. */
class Uncached {
  readonly value: unknown

  constructor(value: unknown) {
    this.value = value
  }
}

const UNCHANGED: unique symbol = Symbol('unchanged')
const MOST_ETAG = 512

/** One call of a loader that was passed to `getOrLoad` or stands in a source. */
export function loadOne(clock: Clock, loader: Loader<CacheKey, unknown>): Load {
  return async (request) => {
    let options = request.base
    let etag: string | undefined
    let decided = false
    const context: LoadContext<CacheKey> = {
      key: request.key,
      signal: request.signal,
      previous: request.previous,
      options(all: LoaderOptions): void {
        checkCall(all, CALLS.loader, 'context.options')
        const { etag: given, ...own } = all
        if (decided) {
          throw new ArgumentError({
            field: 'context.options',
            expected: 'called at most once in a load',
            actual: own,
          })
        }
        decided = true
        etag = given === undefined ? undefined : checkEtag(given)
        options = resolveEntryOptions(own, {
          base: request.base,
          path: 'context.options.',
          refuse: refuseArgument,
        })
      },
      unchanged(): never {
        if (request.previous === undefined) {
          throw new ArgumentError({
            field: 'context.unchanged',
            expected: 'called only where there is a `previous`',
            actual: undefined,
          })
        }
        return UNCHANGED as never
      },
      // Whoever calls it hands the answer on to us, who alone look at it.
      uncached: <T>(value: T) => new Uncached(value) as T,
    }
    request.begins?.()
    const startedAt = clock.monotonic()
    const result = await loader(request.key, context)
    const durationMs = clock.monotonic() - startedAt
    if (result === UNCHANGED) {
      return { value: undefined, keep: true, options, unchanged: true, etag, durationMs }
    }
    const keep = !(result instanceof Uncached)
    return { value: keep ? result : result.value, keep, options, etag, durationMs }
  }
}

function checkEtag(etag: unknown): string {
  if (typeof etag === 'string' && etag.isWellFormed() && etag.length <= MOST_ETAG) return etag
  throw new ArgumentError({
    field: 'context.options.etag',
    expected: `text of at most ${MOST_ETAG} characters`,
    actual: etag,
  })
}

/** What each call of a source goes through. */
export type SourceGuard = Pick<
  SourceLoadsOptions,
  'name' | 'gauge' | 'askedFor' | 'breaker' | 'clock'
>

export interface SourceLoadsOptions {
  readonly name: string
  readonly source: Source<CacheKey, unknown>
  readonly batchSize: number
  readonly clock: Clock
  /** Bounds the calls under way; shared by all that is asked of one source. */
  readonly gauge: SourceGauge
  readonly askedFor: AskedFor
  /** `undefined`: the source is asked whatever happens. */
  readonly breaker: Breaker | undefined
}

/**
 * Loads from a source, by `loadMany` where it has one.
 *
 * What it answers throws a `CircuitOpenError` while the source is given a rest.
 */
export function sourceLoads(options: SourceLoadsOptions): Load {
  const { source, clock } = options
  const { load, loadMany } = source
  if (loadMany !== undefined) {
    return loadBatched({ ...options, loadMany: loadMany.bind(source) })
  }
  if (load === undefined) throw new TypeError('unreachable: a source was checked to have one')
  const one = loadOne(clock, load.bind(source))
  return (request) =>
    guarded(options, { requests: [request], signal: request.signal }, async () => {
      // Whoever asked may have left while this waited for its turn.
      request.signal.throwIfAborted()
      return await one(request)
    })
}

export interface GuardedCall {
  readonly requests: readonly Pick<LoadRequest, 'patienceMs' | 'giveUp'>[]
  readonly signal: AbortSignal
}

/**
 * One call of the source in its turn, which tells the breaker how it went. One that does not settle within
 * the longest patience of those who ask counts as failed, and gives its place to the next.
 *
 * @throws CircuitOpenError; LoaderTimeoutError where it was given up.
 */
export async function guarded<T>(
  { breaker, name, gauge, askedFor, clock }: SourceGuard,
  { requests, signal }: GuardedCall,
  whole: () => Promise<T>,
): Promise<T> {
  const keys = requests.length
  const what = { askedFor, keys, signal }
  const longer = (afterMs: number, { patienceMs = PATIENCE_MS }) => Math.max(afterMs, patienceMs)
  const afterMs = requests.reduce(longer, 0)
  let hangs = false
  const late = (): Error => {
    hangs = true
    const error = new LoaderTimeoutError(name, afterMs)
    for (const { giveUp } of requests) giveUp?.(error)
    return error
  }
  // Nobody may wait for it any more: it holds no process up.
  const call = (): Promise<T> => within(clock, afterMs, whole(), late, 'upkeep')
  if (breaker === undefined) return await gauge.run(what, call)
  if (!breaker.admits()) {
    gauge.refused(keys)
    throw new CircuitOpenError(name)
  }
  try {
    const answer = await gauge.run(what, call)
    breaker.succeeded()
    return answer
  } catch (error) {
    // Nobody wanted it any more, or it never came to be asked: that says nothing of the source.
    if (!hangs && (signal.aborted || error instanceof QueueFullError)) breaker.abandoned()
    else breaker.failed()
    throw error
  }
}

function loadBatched(
  options: SourceLoadsOptions & { readonly loadMany: LoadMany<CacheKey, unknown> },
): Load {
  const batch = new TickBatch<LoadRequest, Loaded>({
    clock: options.clock,
    limit: options.batchSize,
    run: (requests) => {
      const wanted = requests.filter(({ signal }) => !signal.aborted)
      // `loadBatched` tells those who have left.
      if (wanted.length === 0) {
        return Promise.resolve(requests.map(({ base }) => nobodyAsked(base)))
      }
      const signal = jointSignal(wanted.map((request) => request.signal))
      return guarded(options, { requests: wanted, signal }, async () => {
        // All may have left while this waited for its turn.
        signal.throwIfAborted()
        return await callMany(options, requests, signal)
      })
    },
  })
  return async (request) => {
    const loaded = await batch.add(request)
    request.signal.throwIfAborted()
    return loaded
  }
}

async function callMany(
  options: {
    readonly name: string
    readonly clock: Clock
    readonly loadMany: LoadMany<CacheKey, unknown>
  },
  all: readonly LoadRequest[],
  signal: AbortSignal,
): Promise<readonly Loaded[]> {
  const requests = all.filter((request) => !request.signal.aborted)
  for (const { begins } of requests) begins?.()
  const startedAt = options.clock.monotonic()
  const found = await options.loadMany(
    requests.map(({ key }) => key),
    { signal },
  )
  if (typeof found?.get !== 'function') {
    throw new ArgumentError({
      field: `loadMany of ${options.name}`,
      expected: 'a function that answers with a Map from key to value',
      actual: found,
    })
  }
  checkKeys(options.name, found, requests)
  const durationMs = options.clock.monotonic() - startedAt
  return all.map(({ key, base }) => ({
    value: found.get(key),
    keep: true,
    options: base,
    durationMs,
  }))
}

const nobodyAsked = (options: ResolvedEntryOptions): Loaded => ({
  value: undefined,
  keep: false,
  options,
  durationMs: 0,
})

/** Rows that come under keys of another type would all count as "not found", without a word. */
function checkKeys(
  name: string,
  found: ReadonlyMap<CacheKey, unknown>,
  requests: readonly LoadRequest[],
): void {
  const [key] = found.keys()
  if (key === undefined || requests.some((request) => found.has(request.key))) return
  throw new ArgumentError({
    field: `loadMany of ${name}`,
    expected: `a function whose Map has the keys that it was asked for, such as a ${typeof requests[0]?.key}`,
    actual: key,
  })
}

/** Aborts when every one of `signals` has: while one key is still wanted, the batch goes on. */
function jointSignal(signals: readonly AbortSignal[]): AbortSignal {
  const controller = new AbortController()
  let left = signals.length
  const gone = (signal: AbortSignal): void => {
    left -= 1
    if (left === 0) controller.abort(signal.reason)
  }
  for (const signal of signals) {
    if (signal.aborted) gone(signal)
    else signal.addEventListener('abort', () => gone(signal), { once: true })
  }
  return controller.signal
}
