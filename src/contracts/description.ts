/** What a collection says of itself, for people and for tools that show it. JSON as it stands. */

import type { Workload } from './metrics.ts'
import type { CacheMode } from './mode.ts'

/** How one operation writes the source; see `CollectionOptions.write`. */
type DescribedPolicy = 'through' | 'behind' | 'around'

/** As it was declared, and how it is switched now. Plain keys describe themselves by it too. */
export interface CollectionDescription {
  /** Empty for plain keys. */
  readonly name: string
  /** How it is called in events and metrics. */
  readonly pattern: string
  /** As it was declared; `null`: it was not. */
  readonly workload: Workload | null
  /** Of the values' shape. */
  readonly version: number
  /** `null`: entries have no end. */
  readonly ttlMs: number | null
  /** Life of a copy in this process. `null`: as long as the entry. */
  readonly memoryTtlMs: number | null
  readonly graceMs: number
  /** `null`: it has no store, and is only read. */
  readonly writes: {
    readonly create: DescribedPolicy
    readonly put: DescribedPolicy
    readonly remove: DescribedPolicy
  } | null
  /** Some of its writes wait for the source. */
  readonly behind: boolean
  /** Warming by a forecast is planned for it. */
  readonly predicts: boolean
  /** A warming at its start, or by schedule, is planned for it: `warmNow` carries it out again. */
  readonly warms: boolean
  readonly mode: CacheMode
  /** Share of its hits that are compared with the source; 0: none. */
  readonly shadowShare: number
}
