/** A longer life and a higher priority for what is read often (W3), from its next load or store on. */

import type { Priority } from '../contracts/codec.ts'
import type { CacheKey } from '../contracts/source.ts'
import type { ResolvedEntryOptions } from './resolve-entry-options.ts'
import type { Space } from './space.ts'

const ORDER: readonly Priority[] = ['low', 'normal', 'high', 'never-remove']

export function withHeat(
  { heat, reads }: Pick<Space, 'heat' | 'reads'>,
  options: ResolvedEntryOptions,
  key: CacheKey,
): ResolvedEntryOptions {
  if (heat === undefined || reads === undefined || reads.reads(key) <= heat.reads) return options
  const higher = ORDER.indexOf(heat.priority) > ORDER.indexOf(options.priority)
  return {
    ...options,
    ttlMs: Math.max(options.ttlMs, heat.ttlMs),
    priority: higher ? heat.priority : options.priority,
  }
}
