/** A collection in words: what was declared, with every default applied, and how it is switched now. */

import type { CollectionDescription } from '../contracts/description.ts'
import type { ResolvedCollectionWarming } from './resolve-warming.ts'
import type { ResolvedWrites } from './resolve-writes.ts'
import type { Space } from './space.ts'

/** What the space itself does not know. */
export interface DeclaredParts {
  /** `undefined`: there is no store. */
  readonly policies: ResolvedWrites['policies'] | undefined
  readonly warm: ResolvedCollectionWarming | undefined
}

export function describeSpace(
  space: Space,
  { policies, warm }: DeclaredParts,
): CollectionDescription {
  const { name, pattern, options, behind, schemaVersion } = space
  return {
    name,
    pattern,
    workload: space.workload ?? null,
    version: schemaVersion,
    ttlMs: finite(options.ttlMs),
    memoryTtlMs: finite(options.memoryTtlMs ?? space.memoryTtlMs),
    graceMs: options.graceMs,
    writes: policies === undefined ? null : { ...policies },
    behind,
    predicts: warm?.predict !== undefined,
    warms: warm?.start !== undefined || (warm?.schedule.length ?? 0) > 0,
    mode: space.mode,
    shadowShare: space.shadow?.share ?? 0,
  }
}

/** JSON has no infinity. */
function finite(ms: number): number | null {
  return Number.isFinite(ms) ? ms : null
}
