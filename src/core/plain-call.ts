/** Which calls the short ways may answer: the hit path, and a plain read of the shared tier. */

import type { CallOptions, EntryOptions } from '../contracts/options.ts'

/** The hit path knows no origin, no abort and no version. */
export function needsLookup({ read, signal, minVersion }: CallOptions): boolean {
  return read !== undefined || signal !== undefined || minVersion !== undefined
}

/** What a plain read of the shared tier knows nothing of: a time budget, and a life in this process. */
export function needsFlight(options: EntryOptions & CallOptions): boolean {
  return needsLookup(options) || options.timeouts !== undefined || options.memoryTtl !== undefined
}
