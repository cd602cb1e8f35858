/** Changes that another program has made at the source, as `onExternalChange` takes them. */

import type { CacheKey } from './source.ts'

/** One of keys, tags or everything. Without `collection`, keys are plain ones. */
export type ExternalChange =
  | { readonly collection?: string | undefined; readonly key: CacheKey }
  | { readonly collection?: string | undefined; readonly keys: readonly CacheKey[] }
  /** Tags belong to the cache, not to a collection: every entry with one of them. */
  | { readonly tags: readonly string[] }
  /** Every entry of the collection; without one, every entry of the cache. */
  | { readonly collection?: string | undefined; readonly all: true }
