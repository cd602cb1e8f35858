/** A guarantee that was broken: what the checker throws away a seed for. */

/**
 * `CO`: of `docs/concepts/coherence.md`. `WB`: of writes behind, `docs/concepts/write-behind.md`: what is
 * acknowledged waits (1) and is not lost (2), reaches the source in order (3) and rolls nothing back (4),
 * is what was written last (5), dies only of itself (8), is read meanwhile (10), removals too (11), has one
 * owner at a time who is replaced (12), and is waited for by a flush (13). `S2`: what is loaded ahead is loaded
 * once, `W1`: warming stays within its budget, `X4`: clean-ups leave what was read in time. `settles`: every call
 * comes to an end.
 */
export type Guarantee =
  | 'CO-1'
  | 'CO-2'
  | 'CO-3'
  | 'CO-5'
  | 'CO-7'
  | 'CO-9'
  | 'CO-10'
  | 'CO-12'
  | 'WB-1'
  | 'WB-2'
  | 'WB-3'
  | 'WB-4'
  | 'WB-5'
  | 'WB-8'
  | 'WB-10'
  | 'WB-11'
  | 'WB-12'
  | 'WB-13'
  | 'S2'
  | 'W1'
  | 'X4'
  | 'settles'

export interface Violation {
  readonly guarantee: Guarantee
  /** Milliseconds of virtual time. */
  readonly at: number
  readonly text: string
}
