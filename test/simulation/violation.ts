/** A guarantee that was broken: what the checker throws away a seed for. */

/** Of `docs/concepts/coherence.md`; `settles`: every call comes to an end. */
export type Guarantee =
  | 'CO-1'
  | 'CO-2'
  | 'CO-3'
  | 'CO-5'
  | 'CO-7'
  | 'CO-9'
  | 'CO-10'
  | 'CO-12'
  | 'settles'

export interface Violation {
  readonly guarantee: Guarantee
  /** Milliseconds of virtual time. */
  readonly at: number
  readonly text: string
}
