/** What a store has of some keys now, past the cache. */

import { ArgumentError } from '../contracts/errors.ts'
import type { CacheKey, Store } from '../contracts/source.ts'

/** Only what was found. @throws whatever the store throws. */
export async function loadFrom(
  store: Store<CacheKey, unknown>,
  keys: readonly CacheKey[],
  signal: AbortSignal,
): Promise<ReadonlyMap<CacheKey, unknown>> {
  if (store.loadMany !== undefined) return await store.loadMany(keys, { signal })
  const found = new Map<CacheKey, unknown>()
  for (const key of keys) {
    // What it says of an entry's life, and of not keeping it, concerns no entry here.
    const value = await store.load?.(key, {
      key,
      signal,
      previous: undefined,
      options: () => {},
      unchanged,
      uncached: (one) => one,
    })
    if (value !== undefined) found.set(key, value)
  }
  return found
}

function unchanged(): never {
  throw new ArgumentError({
    field: 'context.unchanged',
    expected: 'called only where there is a `previous`',
    actual: undefined,
  })
}
