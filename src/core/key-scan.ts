/** The keys of a collection, page by page (X5). */

import type { CacheKey } from '../contracts/source.ts'
import { compileGlob } from '../keys/glob.ts'
import { decodeKey } from '../keys/key-encoding.ts'
import type { Engine } from './engine.ts'
import { copyStands } from './local-read.ts'
import type { Space } from './space.ts'

/**
 * Keys that have an entry in some tier and match the glob, each once, in no order. What changes
 * meanwhile may be missed. In memory at once: the keys of this process, and a page of the others.
 *
 * @throws ArgumentError for a glob that cannot be; TierError if the shared tier does not answer.
 */
export async function* scanKeys(
  engine: Engine,
  space: Space,
  pattern: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<CacheKey> {
  const matches = compileGlob(pattern)
  const local = localKeys(engine, space)
  for (const key of local) if (matches(String(key))) yield key
  if (engine.shared === undefined) return
  let cursor: string | undefined
  do {
    signal?.throwIfAborted()
    const page = await engine.shared.access.scan(space.name, cursor)
    for (const id of page.keys) {
      // Deleted here, and the tier has not heard of it yet.
      if (engine.shared.outbox.holdsKey({ id, collection: space.name })) continue
      const key = decodeKey(space.name, id)
      if (key !== undefined && !local.has(key) && matches(String(key))) yield key
    }
    cursor = page.cursor
  } while (cursor !== undefined)
}

function localKeys(engine: Engine, space: Space): ReadonlySet<CacheKey> {
  const now = engine.clock.monotonic()
  const keys = new Set<CacheKey>()
  for (const key of space.memory?.keys(now) ?? []) {
    const entry = space.memory?.find(key, now)
    const present = entry !== undefined && !entry.absent
    if (present && copyStands(engine, space, key, entry)) keys.add(key)
  }
  return keys
}
