/** Several samples as one, so that a figure can be read while it changes each second. */

import type { Sample } from './sample.ts'
import { answering } from './sample.ts'

const samplesMax = 10

export interface LastSeconds {
  readonly hitRate: number | null
  readonly readsPerS: number
  /** Over all tiers, weighed by their reads. */
  readonly readMs: number | null
  readonly stalePerS: number
  readonly failedPerS: number
}

/** `undefined`: nothing was measured yet. */
export function lastSeconds(samples: readonly Sample[]): LastSeconds | undefined {
  const last = samples.slice(-samplesMax)
  if (last.length === 0) return undefined
  const reads = sum(last, readsOf)
  const misses = sum(last, ({ readsPerS }) => readsPerS.source)
  const timed = sum(last, (one) =>
    answering.reduce((all, tier) => all + one.readsPerS[tier] * (one.readMs[tier] ?? 0), 0),
  )
  return {
    hitRate: reads > 0 ? (reads - misses) / reads : null,
    readsPerS: reads / last.length,
    readMs: meanOf(timed, reads),
    stalePerS: sum(last, ({ stalePerS }) => stalePerS) / last.length,
    failedPerS: sum(last, ({ failedPerS }) => failedPerS) / last.length,
  }
}

export function meanOf(total: number, count: number): number | null {
  return count > 0 ? total / count : null
}

function readsOf({ readsPerS }: Sample): number {
  return readsPerS.memory + readsPerS.shared + readsPerS.source
}

function sum(samples: readonly Sample[], of: (sample: Sample) => number): number {
  return samples.reduce((all, sample) => all + of(sample), 0)
}
