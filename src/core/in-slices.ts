/**
 * Long batches in parts, with a turn of the event loop between two of them: a hundred thousand keys
 * must not keep everybody else waiting (B4).
 */

import type { Clock } from '../contracts/clock.ts'

/**
 * Values that are made from bytes or into bytes in one turn: each takes some ten microseconds. Four of
 * these make a thousand, which is what travels at a time.
 */
export const TURN_BATCH = 250

/** Each part as it comes; the last may be shorter, and none is empty. */
export async function* inSlices<T>(
  clock: Clock,
  items: Iterable<T>,
  size: number,
): AsyncGenerator<readonly T[]> {
  let slice: T[] = []
  for (const item of items) {
    if (slice.length === size) {
      yield slice
      slice = []
      await new Promise<void>((resolve) => void clock.schedule(0, resolve))
    }
    slice.push(item)
  }
  if (slice.length > 0) yield slice
}

/** Parts that are under way together. */
const AT_ONCE = 4

/** What each part comes to, in order; a few are under way at a time. A part that rejects ends it. */
export async function* ofSlices<T, R>(
  slices: AsyncIterable<readonly T[]>,
  run: (slice: readonly T[]) => Promise<R>,
): AsyncGenerator<readonly [readonly T[], R]> {
  const underWay: Promise<readonly [readonly T[], R]>[] = []
  for await (const slice of slices) {
    const running = run(slice).then((result) => [slice, result] as const)
    // Whoever comes before it in the row may fail first: that is what the caller is told.
    running.catch(() => {})
    underWay.push(running)
    if (underWay.length === AT_ONCE) yield await (underWay.shift() as (typeof underWay)[number])
  }
  for (const running of underWay) yield await running
}

/** Without repetitions, if they are known to be few enough for one turn. */
export function fewDistinct<K>(keys: Iterable<K>): readonly K[] | undefined {
  return Array.isArray(keys) && keys.length <= TURN_BATCH ? [...new Set<K>(keys)] : undefined
}

/** One by one, since a set of very many keys would take its time before the first is asked for. */
export function* distinct<K>(keys: Iterable<K>): Generator<K> {
  const seen = new Set<K>()
  for (const key of keys) {
    if (seen.has(key)) continue
    seen.add(key)
    yield key
  }
}
