/** What the process that loads the shop is asked, and what it answers; `cannon-child.ts` is the other side. */

export interface CannonArguments {
  readonly addresses: readonly string[]
  readonly connections: number
  readonly products: number
  readonly skew: number
  readonly seed: number
  /** Reads for each write; `null`: no writes at all. JSON has no word for infinity. */
  readonly readsPerWrite: number | null
}

export interface CannonQuestion {
  readonly seconds: number
  /** Where what was seen is kept for the judge. */
  readonly observations: string
  /** Asks for nothing that is cached, so that both sides begin alike: compiled, and empty. */
  readonly warmUp?: boolean
}

/** Who answered a read, by its `Server-Timing`. */
export interface TierCounts {
  readonly memory: number
  readonly shared: number
  readonly source: number
}

export interface SecondOfLoad {
  readonly reads: TierCounts
  readonly writes: number
}

export interface LatencyFigures {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
}

export interface CannonAnswer {
  /** Reads and writes that were answered with success. */
  readonly requests: number
  readonly elapsedMs: number
  /** Answers of another kind, by status; connections that failed; answers that never came. */
  readonly refused: Readonly<Record<string, number>>
  readonly errors: number
  readonly timeouts: number
  readonly latencyMs: { readonly read: LatencyFigures; readonly write: LatencyFigures }
  readonly perSecond: readonly SecondOfLoad[]
  /** Observations that there was no room for. */
  readonly unjudged: number
}
