/** What the judge's process is asked, and what it answers; `judge-child.ts` is the other side. */

import type { Bounds, Judgement } from './judge.ts'

export type JudgeQuestion =
  /** Begins to change products of its own, and to look for each change at every instance. */
  | { readonly ask: 'begin' }
  /** Ends that, and judges what the load has seen meanwhile. */
  | { readonly ask: 'end'; readonly observations: string }
  /** Compares the source itself with what was acknowledged. */
  | { readonly ask: 'compare'; readonly source: SourceAddress }

export type SourceAddress =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'postgres'; readonly url: string }

export interface JudgeReport extends Judgement {
  /** From the acknowledgement of a change to the first answer of another request that shows it. */
  readonly visibleMs: { readonly p50: number; readonly p99: number; readonly max: number }
  /** Changes of the judge's own, each looked for at every instance. */
  readonly changes: number
  /** Of these, changes that some instance did not show in time. */
  readonly unseen: number
  /** Changes that the shop refused. */
  readonly refused: number
}

export interface SourceComparison {
  readonly products: number
  /** Products of which the source has less than what was acknowledged last. */
  readonly missing: number
}

/** What the judge is started with, as JSON in its one argument. */
export interface JudgeArguments extends Bounds {
  readonly addresses: readonly string[]
  readonly products: number
  readonly seed: number
}
