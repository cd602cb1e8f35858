/** How values are kept and handed out, by `MemoryOptions.copy`. Called by `EntrySpace`. */

import { deepFreeze } from './deep-freeze.ts'
import type { MemoryBounds } from './memory-bounds.ts'

export interface CopyMode {
  /** `true`: every reader gets an object of its own, so no promise can be kept. */
  readonly perReader: boolean
  /** The value as the cache keeps it. @throws DataCloneError for a value that cannot be cloned. */
  keep(value: unknown): unknown
  /** The value as a reader gets it. @throws DataCloneError for a value that cannot be cloned. */
  handOut(value: unknown): unknown
}

export function copyMode(copy: MemoryBounds['copy']): CopyMode {
  switch (copy) {
    case 'share':
      return { perReader: false, keep: same, handOut: same }
    case 'clone':
      // Also on the way in: whoever called `set` still holds the original.
      return { perReader: true, keep: clone, handOut: clone }
    case 'freeze': {
      const frozen = new WeakSet<object>()
      const freeze = (value: unknown): unknown => deepFreeze(value, frozen)
      return { perReader: false, keep: freeze, handOut: freeze }
    }
    default:
      return copy satisfies never
  }
}

function same(value: unknown): unknown {
  return value
}

function clone(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? structuredClone(value) : value
}
