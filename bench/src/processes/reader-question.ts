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
  /** When all of them begin, by the host's clock; reads before `from` do not count. */
  readonly at: number
  readonly from: number
  readonly until: number
}

export interface ReaderAnswer {
  /** Of each read that counts, in milliseconds, from when it was due. */
  readonly waitsMs: readonly number[]
  /** How many of them took so long that they must have waited for a load. */
  readonly waited: number
  /** Of all loads that were begun: the key and when, by the host's clock. */
  readonly loads: readonly (readonly [key: number, at: number])[]
}
