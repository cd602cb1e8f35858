/** A rule that can be taken out of the sources for a while, or of the simulated database. */

import type { Profile, StoreFault } from './setting.ts'
import type { Guarantee } from './violation.ts'

export interface PlantedFault {
  readonly name: string
  /** Any of these names it. */
  readonly guarantees: readonly Guarantee[]
  readonly changes: readonly SourceChange[]
  /** In the simulated database. */
  readonly storeFault?: StoreFault
  /** Where it shows much sooner than elsewhere. */
  readonly profile?: Profile
  /** Seeds to play from, where it shows seldom. @default the first of all */
  readonly first?: number
}

export interface SourceChange {
  /** Under `src`. */
  readonly file: string
  readonly from: string
  readonly to: string
}

/** Whatever the reader was promised first: its bound, its own writes, or that all agree in the end. */
export const STALE: readonly Guarantee[] = [
  ...(['CO-2', 'CO-3', 'CO-5', 'CO-7', 'CO-9', 'CO-10', 'CO-12'] as const),
  // The same, of a write that waits.
  ...(['WB-10', 'WB-11'] as const),
]
