/** What becomes of writes behind the cache that meet another's change, checked when it is declared. */

import type { ConflictMerge, ConflictPolicy } from '../contracts/conflict-policy.ts'
import { ConfigError } from '../contracts/errors.ts'
import type { CacheKey, Store } from '../contracts/source.ts'
import { DEFAULTS } from './defaults.ts'

/**
 * A policy that is asked for by name must be kept: where the store sees no changes, all but `overwrite` is
 * refused. Where nothing is asked for, what the store itself answers with `conflict` is rejected.
 *
 * @throws ConfigError
 */
export function resolveConflicts<K extends CacheKey, V>(
  field: string,
  asked: ConflictPolicy<K, V> | undefined,
  store: Pick<Store<K, V>, 'conflicts'> | undefined,
): ConflictPolicy<CacheKey, unknown> {
  if (asked === undefined) return DEFAULTS.behind.conflicts
  if (asked !== 'reject' && asked !== 'overwrite' && !isMerge(asked)) {
    throw new ConfigError({
      field,
      expected: "'reject', 'overwrite' or an object with a function `merge`",
      actual: asked,
    })
  }
  if (asked !== 'overwrite' && store?.conflicts !== 'detected') {
    throw new ConfigError({
      field,
      expected: "'overwrite' or left out, since the store cannot tell whether a row has changed",
      actual: asked,
      cure: "Name the `revision` of its rows, as `sqliteTable` and `postgresTable` can, or say `conflicts: 'detected'` of a store of your own that keeps the `base` of a write.",
    })
  }
  // The engine knows keys and values as what any collection may hold.
  return asked as ConflictPolicy<CacheKey, unknown>
}

function isMerge(asked: unknown): asked is ConflictMerge<CacheKey, unknown> {
  return (
    typeof asked === 'object' &&
    asked !== null &&
    typeof (asked as { readonly merge?: unknown }).merge === 'function'
  )
}
