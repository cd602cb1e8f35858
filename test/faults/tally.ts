/** What a run comes to: counted by the judge and the campaign, over all of its set-ups. */

export interface HitCount {
  hits: number
  reads: number
}

/** Played where the judge must find something. */
export interface Control {
  readonly name: string
  readonly staleReads: number
}

export interface Tally {
  readonly faults: Map<string, number>
  reads: number
  answered: number
  writes: number
  unprotectedWrites: number
  failedWrites: number
  staleReads: number
  overBudgetReads: number
  notConverged: number
  readonly hits: { readonly faultless: HitCount; readonly calm: HitCount }
  /** Of writes to connected instances: how long older answers were given, where any was. */
  readonly lagsMs: number[]
  /** Pairs of a write and a connected instance. */
  pairs: number
  /** How long until all agreed, for each fault. */
  readonly convergedAfterMs: number[]
  stalls: number
  longestStallMs: number
  readonly controls: Control[]
  /** What is printed: the first of each kind. */
  readonly findings: string[]
  /** A process that died, a rejection that nobody handled, a handle that was left. */
  readonly troubles: string[]
}

export function newTally(): Tally {
  return {
    faults: new Map(),
    reads: 0,
    answered: 0,
    writes: 0,
    unprotectedWrites: 0,
    failedWrites: 0,
    staleReads: 0,
    overBudgetReads: 0,
    notConverged: 0,
    hits: { faultless: { hits: 0, reads: 0 }, calm: { hits: 0, reads: 0 } },
    lagsMs: [],
    pairs: 0,
    convergedAfterMs: [],
    stalls: 0,
    longestStallMs: 0,
    controls: [],
    findings: [],
    troubles: [],
  }
}
