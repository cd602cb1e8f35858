/**
 * What a source has said that reads a replica: it may be older than a change that has just been followed, so
 * it lives no longer than the replica lags (protocol rule 15).
 */

import type { ResolvedEntryOptions } from './resolve-entry-options.ts'
import type { Space } from './space.ts'

export function withinLag(
  { lagMs }: Pick<Space, 'lagMs'>,
  options: ResolvedEntryOptions,
): ResolvedEntryOptions {
  if (lagMs === undefined) return options
  const { ttlMs, negativeTtl } = options
  return {
    ...options,
    ttlMs: Math.min(ttlMs, lagMs),
    negativeTtl: typeof negativeTtl === 'number' ? Math.min(negativeTtl, lagMs) : negativeTtl,
    // A life that reads renew would have no end.
    renewal: 'fixed',
  }
}
