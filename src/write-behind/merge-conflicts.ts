/**
 * Writes whose rows somebody else has changed, where the collection merges: what stands in the store is
 * read, merged with what was to be written, and written only if it still stands.
 */

import type { ConflictMerge } from '../contracts/conflict-policy.ts'
import type { CacheKey, StoreWrite } from '../contracts/source.ts'
import { StoreAwayError, type WriteOutcome } from './apply-batch.ts'
import type { Loaded } from './load-from.ts'

export type MergedOutcome =
  | WriteOutcome
  /** The store has what it was merged to, which no reader has seen yet. */
  | { readonly kind: 'merged' }
  /** What stands in the store is to stay. */
  | { readonly kind: 'yielded' }

type Write = StoreWrite<CacheKey, unknown>

export interface MergeParts {
  readonly merge: ConflictMerge<CacheKey, unknown>['merge']
  /** From the store, past all tiers. Never rejects. */
  readonly load: (keys: readonly CacheKey[]) => Promise<Loaded>
  readonly apply: (writes: readonly Write[]) => Promise<readonly WriteOutcome[]>
}

/** In one go; a row that changes faster than it can be read is tried again after a pause, as a failure. */
const MAX_ROUNDS = 3

/** One outcome for each write, in order. Never rejects. */
export async function mergeConflicts(
  parts: MergeParts,
  writes: readonly Write[],
  outcomes: readonly WriteOutcome[],
): Promise<readonly MergedOutcome[]> {
  const ended: MergedOutcome[] = [...outcomes]
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const open = [...ended.keys()].filter((at) => ended[at]?.kind === 'conflict')
    if (open.length === 0) return ended
    const tried = await mergeRound(
      parts,
      open.map((at) => writes[at] as Write),
    )
    for (const [index, at] of open.entries()) ended[at] = tried[index] as MergedOutcome
  }
  return ended.map((one) => (one.kind === 'conflict' ? unmerged(one.reason) : one))
}

async function mergeRound(
  { merge, load, apply }: MergeParts,
  writes: readonly Write[],
): Promise<readonly MergedOutcome[]> {
  const { found, failed, unasked } = await load(writes.map(({ key }) => key))
  // Where another key was answered, it is this one that takes too long.
  const isThere = writes.some(({ key }) => !failed.has(key) && !unasked.has(key))
  const merged = await Promise.all(
    writes.map(async (write): Promise<Put | MergedOutcome> => {
      const { key } = write
      if (unasked.has(key)) return { kind: 'away', error: unasked.get(key) }
      if (!failed.has(key)) return await mergeOne(merge, write, found.get(key))
      const error = failed.get(key)
      return isThere ? { kind: 'failed', error, retry: 'transient' } : failure(error)
    }),
  )
  const again = merged.flatMap((one) => (one.kind === 'put' ? [one] : []))
  const outcomes = again.length === 0 ? [] : await apply(again)
  const byWrite = new Map(again.map((write, at) => [write, outcomes[at]]))
  return merged.map((one): MergedOutcome => {
    if (one.kind !== 'put') return one
    const outcome = byWrite.get(one)
    if (outcome?.kind === 'applied') return { kind: 'merged' }
    return outcome === undefined || outcome.kind === 'away' ? failure(outcome?.error) : outcome
  })
}

/** The store has just answered, so it is there: an error of its own is one of this write. */
function failure(error: unknown): MergedOutcome {
  if (error instanceof StoreAwayError) return { kind: 'away', error }
  return { kind: 'failed', error, retry: 'transient' }
}

type Put = Extract<Write, { readonly kind: 'put' }>

/** What to write, or what has become of it already. */
async function mergeOne(
  merge: MergeParts['merge'],
  write: Write,
  theirs: unknown,
): Promise<Put | MergedOutcome> {
  // Nothing can be merged into a removal.
  if (write.kind === 'remove') return { kind: 'failed', error: REMOVAL, retry: 'permanent' }
  try {
    const value = await merge(write.value, theirs, write.key)
    if (value === undefined) return { kind: 'yielded' }
    return { ...write, kind: 'put', value, base: { value: theirs } }
  } catch (error) {
    const isLate = error instanceof StoreAwayError
    return { kind: 'failed', error, retry: isLate ? 'transient' : 'permanent' }
  }
}

const REMOVAL = new Error('The source refused to remove the key.')

function unmerged(reason: string): MergedOutcome {
  const error = new Error(`The source refused what was merged ${MAX_ROUNDS} times: ${reason}`)
  return { kind: 'failed', error, retry: 'transient' }
}
