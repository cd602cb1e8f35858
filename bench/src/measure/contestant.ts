/** The words that suites, subjects and the measuring loops share. */

/** One subject in one case. */
export interface Contestant {
  readonly name: string
  readonly role: Role
  /** What must be so before a pass and is not timed. */
  readonly prepare?: () => Promise<void> | void
  /** Does `count` operations; answers what they came to, so that nothing can be optimised away. */
  readonly pass: (count: number) => Promise<number> | number
  /** What `count` operations come to if every one was a hit. */
  readonly expected: (count: number) => number
}

export type Role = 'ours' | 'limit' | 'peer'

/** All the samples of one case, before they become a row. */
export interface Measurement {
  readonly suite: string
  readonly case: string
  readonly unit: string
  readonly better: 'lower' | 'higher'
  readonly series: readonly Series[]
}

export interface Series {
  readonly name: string
  readonly role: Role
  readonly samples: readonly number[]
}
