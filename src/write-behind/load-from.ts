/**
 * What a store has of some keys now, past the cache. A key that fails, or takes too long, costs the others
 * nothing.
 */

import { ArgumentError } from '../contracts/errors.ts'
import type { CacheKey, Store } from '../contracts/source.ts'
import { StoreAwayError } from './apply-batch.ts'
import type { StorePace } from './store-pace.ts'
import { RightLostError } from './taking-right.ts'

/** Keys that are loaded one by one, at once. */
const AT_ONCE = 8
/** Calls that may take too long before no more is asked. */
const MAX_LATE = 2

export interface Loaded {
  readonly found: ReadonlyMap<CacheKey, unknown>
  /** By key, why nobody knows. */
  readonly failed: ReadonlyMap<CacheKey, unknown>
  /** By key that was not asked for, why: others took too long, or the right to go on has run out. */
  readonly unasked: ReadonlyMap<CacheKey, unknown>
}

export interface LoadFromParts {
  readonly store: Store<CacheKey, unknown>
  /** One call of the store, within its time. @throws StoreAwayError; RightLostError; whatever the store throws. */
  readonly call: <T>(ask: (signal: AbortSignal) => Promise<T> | T) => Promise<T>
  /** Of a bulk load: fewer keys in one call where it takes too long. */
  readonly pace: Pick<StorePace, 'most' | 'tookTooLong'>
}

/** Never rejects. */
export async function loadFrom(parts: LoadFromParts, keys: readonly CacheKey[]): Promise<Loaded> {
  const found = new Map<CacheKey, unknown>()
  const failed = new Map<CacheKey, unknown>()
  const left = [...keys]
  let late = 0
  let end: unknown
  const loadSome = async (): Promise<void> => {
    while (left.length > 0 && late < MAX_LATE) {
      const some = left.splice(0, Math.min(sizeOf(parts), left.length))
      try {
        for (const [key, value] of await load(parts, some)) found.set(key, value)
      } catch (error) {
        if (error instanceof RightLostError) {
          late = MAX_LATE
          left.push(...some)
        } else for (const key of some) failed.set(key, error)
        if (error instanceof StoreAwayError) {
          late += 1
          parts.pace.tookTooLong(some.length)
        }
        end = error
      }
    }
  }
  const isBulk = parts.store.loadMany !== undefined
  await Promise.all(Array.from({ length: isBulk ? 1 : AT_ONCE }, loadSome))
  return { found, failed, unasked: new Map(left.map((key) => [key, end])) }
}

function sizeOf({ store, pace }: LoadFromParts): number {
  return store.loadMany === undefined ? 1 : pace.most
}

async function load(
  { store, call }: LoadFromParts,
  keys: readonly CacheKey[],
): Promise<ReadonlyMap<CacheKey, unknown>> {
  const { loadMany } = store
  if (loadMany !== undefined) return await call((signal) => loadMany.call(store, keys, { signal }))
  const [key = ''] = keys
  const value = await call((signal) =>
    // What it says of an entry's life, and of not keeping it, concerns no entry here.
    store.load?.(key, {
      key,
      signal,
      previous: undefined,
      options: () => {},
      unchanged,
      uncached: (one) => one,
    }),
  )
  return value === undefined ? new Map() : new Map([[key, value]])
}

function unchanged(): never {
  throw new ArgumentError({
    field: 'context.unchanged',
    expected: 'called only where there is a `previous`',
    actual: undefined,
  })
}
