/** The shape of the result, as programs read it. Rates are medians of the passes; counts are of all. */

import type { LatencyFigures, SecondOfLoad, TierCounts } from './cannon-questions.ts'
import type { Bounds } from './judge.ts'
import type { JudgeReport, SourceComparison } from './judge-questions.ts'
import type { LoadOptions } from './load-options.ts'
import type { ShopStatus } from './shop-status.ts'

export interface LoadReport {
  readonly setting: LoadSetting
  readonly load: Omit<LoadOptions, 'json' | 'chart' | 'markdown' | 'readsPerWrite'> & {
    /** `null`: no writes but the judge's own. */
    readonly readsPerWrite: number | null
  }
  readonly bounds: Bounds
  readonly on: SideReport
  readonly off: SideReport
  readonly ratios: LoadRatios
}

export interface LoadSetting {
  readonly machine: string
  readonly node: string
  readonly versions: Readonly<Record<string, string>>
  readonly date: string
  readonly command: string
}

/** How many times the cached side is better. */
export interface LoadRatios {
  /** Median of all pairs of passes that were made one after the other. */
  readonly requestsPerSecond: number
  /** Statements sent to the source, in the same time; the cached side answered more requests meanwhile. */
  readonly sourceStatements: number
  readonly sourceReads: number
  /** The same by request. */
  readonly sourceStatementsByRequest: number
  /** Processor time of all processes by request. `undefined` where nobody tells. */
  readonly processorByRequest: number | undefined
  readonly readP50: number
  readonly readP99: number
}

export interface SideReport {
  readonly passes: readonly PassReport[]
  readonly requests: number
  readonly requestsPerSecond: number
  readonly latencyMs: { readonly read: LatencyFigures; readonly write: LatencyFigures }
  /** Of the reads of the load. */
  readonly answeredBy: TierCounts
  /** Share that memory or the shared tier answered, 0 to 1. */
  readonly hitRate: number
  readonly source: ShopStatus['source']
  readonly sourceByThousandRequests: number
  /** Milliseconds by thousand requests: of the shop, and of the servers beside it. */
  readonly processorByThousandRequests: ProcessorTime | undefined
  readonly coherence: ShopStatus['coherence']
  readonly tierFailures: number
  readonly refused: Readonly<Record<string, number>>
  readonly errors: number
  readonly judged: JudgeReport
  readonly atTheEnd: SourceComparison & { readonly deadLetters: number }
}

export interface ProcessorTime {
  readonly shop: number
  readonly redis: number
  readonly database: number
}

export interface PassReport {
  readonly requests: number
  readonly requestsPerSecond: number
  readonly latencyMs: { readonly read: LatencyFigures; readonly write: LatencyFigures }
  readonly source: ShopStatus['source']
  /** Milliseconds. */
  readonly processor: ProcessorTime | undefined
  readonly refused: Readonly<Record<string, number>>
  readonly errors: number
  readonly perSecond: readonly SecondOfLoad[]
}
