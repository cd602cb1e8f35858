/**
 * Long batches in parts, with a turn of the event loop between two of them: a hundred thousand keys
 * must not keep everybody else waiting (B4).
 */

import type { Clock } from '../contracts/clock.ts'

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
