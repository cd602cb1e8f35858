/** What the suite `fresh` asks of its processes. Both sides of the channel read it. */

export interface ReaderQuestion {
  readonly subject: string
  /** Of the draws of this process. */
  readonly seed: number
  readonly keys: number
  readonly skew: number
  /** Reads a second. */
  readonly rate: number
  readonly ttlMs: number
  readonly loadMs: number
  /** When all of them begin, by the host's clock. */
  readonly at: number
  /** Reads and loads are noted from here on. */
  readonly from: number
  readonly until: number
}

/** The columns of `reads` are in the order in which the reads began. Times are by the host's clock. */
export interface ReaderAnswer {
  readonly reads: {
    readonly keys: readonly number[]
    readonly at: readonly number[]
    /** From when each was due to its answer, in milliseconds. */
    readonly answeredMs: readonly number[]
    /** 1: it took so long that it must have waited for a load; else 0. */
    readonly waited: readonly (0 | 1)[]
  }
  /** Of all loads that were begun: the key and when. */
  readonly loads: readonly (readonly [key: number, at: number])[]
}
