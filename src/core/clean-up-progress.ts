/** How far a clean-up has come, as text that the next one goes on from. */

import type { IdleSpan } from '../contracts/idle-steps.ts'

export interface CleanUpProgress {
  readonly spans: readonly IdleSpan[]
  /** Epoch milliseconds, by whoever began it, or ended it: only for whether another is due. */
  readonly startedAt: number
  readonly endedAt: number | undefined
  readonly cursor: string | undefined
  readonly looked: number
  readonly removed: number
  readonly bytesBefore: number | undefined
}

export function writeProgress(progress: CleanUpProgress): string {
  return JSON.stringify(progress)
}

/** `undefined`: another release has written it, or nobody. */
export function readProgress(text: string | undefined): CleanUpProgress | undefined {
  try {
    const read = JSON.parse(text ?? '') as Partial<CleanUpProgress> | null
    const { spans, startedAt, looked, removed } = read ?? {}
    const fits = Array.isArray(spans) && [startedAt, looked, removed].every(Number.isFinite)
    return fits ? ({ endedAt: undefined, ...read } as CleanUpProgress) : undefined
  } catch {
    return undefined
  }
}

/** Whether it was to clean up the same. */
export function isSamePlan(one: readonly IdleSpan[], other: readonly IdleSpan[]): boolean {
  const text = (spans: readonly IdleSpan[]): string =>
    spans.map(({ collection, afterMs }) => `${collection} ${afterMs}`).join(',')
  return text(one) === text(other)
}
