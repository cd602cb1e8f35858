/** What is to be warmed, in batches; the iterator is told when nobody wants the rest. */

import type { CacheKey } from '../contracts/source.ts'
import type { WarmItem } from '../contracts/warm-target.ts'

type Items = Iterable<WarmItem> | AsyncIterable<WarmItem>

/** What a query has answered, which was not looked at yet. */
export const asItems = (items: unknown): Items => items as Items

export const keyOf = (item: WarmItem): CacheKey => (typeof item === 'object' ? item[0] : item)

/** How many there are, where that can be known without asking for them. */
export function expectedOf(items: Items): number | undefined {
  const { length, size } = items as { readonly length?: unknown; readonly size?: unknown }
  if (typeof items === 'object' && Array.isArray(items)) return items.length
  return typeof size === 'number' ? size : typeof length === 'number' ? length : undefined
}

/** Ends early, without an error, when `signal` aborts: also where the next item never comes. */
export async function* itemBatches(
  items: Items,
  size: number,
  signal: AbortSignal,
): AsyncGenerator<readonly WarmItem[]> {
  const iterator =
    Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  const aborted = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  let batch: WarmItem[] = []
  let ended = false
  try {
    while (!signal.aborted) {
      const next = iterator.next()
      const result = next instanceof Promise ? await Promise.race([next, aborted]) : next
      if (result === undefined) {
        // What it may still reject with is nobody's any more.
        void Promise.resolve(next).catch(() => {})
        break
      }
      if (result.done === true) {
        ended = true
        break
      }
      batch.push(result.value)
      if (batch.length < size) continue
      yield batch
      batch = []
    }
    if (batch.length > 0 && !signal.aborted) yield batch
  } finally {
    // Not waited for: a query that hangs would hold up whoever has cancelled it.
    if (!ended) void Promise.resolve(iterator.return?.()).catch(() => {})
  }
}
