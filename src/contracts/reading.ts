/** What was found, in which tier, and what each tier has of it. */

/** A value with where it came from. */
export type Reading<V> =
  | {
      readonly found: true
      readonly value: V
      readonly tier: TierName
      /** Since it was loaded or set. */
      readonly ageMs: number
      /** Past its freshness, inside its grace. */
      readonly stale: boolean
    }
  | { readonly found: false; readonly tier: TierName }

/** The tier that answered, or that said last that there is nothing. */
export type TierName = 'memory' | 'shared' | 'source'

/** What one tier has of an entry. Times are epoch milliseconds. */
export interface InspectedCopy {
  /** Since the value was loaded or set. */
  readonly ageMs: number
  readonly freshUntil: number
  readonly graceUntil: number
  /** In memory estimated; in the shared tier that of the envelope. */
  readonly sizeBytes: number
}

/** Where an entry lives and what it lives by; its times are those of the shared tier, if that has it. */
export interface Inspection extends InspectedCopy {
  readonly tiers: readonly ('memory' | 'shared')[]
  /** `undefined` for a value that was set. */
  readonly loadMs: number | undefined
  readonly tags: readonly string[]
  readonly schemaVersion: number
  /** `true`: what is cached is that the source has nothing. */
  readonly absent: boolean
  /** `true`: it is a write that waits for the source. */
  readonly pending: boolean
  /** The copy in this process. */
  readonly memory: InspectedCopy | undefined
  readonly shared: InspectedCopy | undefined
}
