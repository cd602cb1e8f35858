/**
 * Making entries unservable: by key, tag, collection, or all at once.
 *
 * First the shared tier, then this process, so that a copy dropped here cannot come back from there.
 * Where the tier does not answer, the change waits in the outbox and this process respects it at once.
 */

import type { DeletionReceipt, DeletionReport, InvalidationReceipt } from '../contracts/cache.ts'
import type { InvalidationEvent } from '../contracts/events.ts'
import type { MemoryEntry, MemoryTier } from '../contracts/memory-tier.ts'
import type { Invalidation, InvalidationAnswer, SharedKey } from '../contracts/shared-tier.ts'
import type { CacheKey } from '../contracts/source.ts'
import type { Engine } from './engine.ts'
import { encodeKey } from './key-encoding.ts'
import { SHARED_BATCH } from './shared-access.ts'
import type { Space } from './space.ts'

/** @throws ArgumentError */
export async function deleteKey(
  engine: Engine,
  space: Space,
  key: CacheKey,
): Promise<DeletionReceipt> {
  const [outcome] = await deleteChunk(engine, space, [[key, encodeKey(space.name, key)]])
  return outcome ?? { state: 'done', found: undefined }
}

/** Never rejects for a key: one that cannot be is in the report. */
export async function deleteKeys(
  engine: Engine,
  space: Space,
  keys: Iterable<CacheKey>,
): Promise<DeletionReport<CacheKey>> {
  const startedAt = engine.clock.monotonic()
  const failed: { key: CacheKey; error: unknown }[] = []
  let succeeded = 0
  let state: InvalidationReceipt['state'] = 'done'
  let chunk: [CacheKey, SharedKey][] = []
  const finish = async (): Promise<void> => {
    const receipts = await deleteChunk(engine, space, chunk)
    if (receipts.some((receipt) => receipt.state === 'pending')) state = 'pending'
    succeeded += chunk.length
    chunk = []
  }
  for (const key of keys) {
    try {
      chunk.push([key, encodeKey(space.name, key)])
    } catch (error) {
      failed.push({ key, error })
    }
    if (chunk.length === SHARED_BATCH) await finish()
  }
  if (chunk.length > 0) await finish()
  return { succeeded, failed, state, durationMs: engine.clock.monotonic() - startedAt }
}

async function deleteChunk(
  engine: Engine,
  space: Space,
  chunk: readonly (readonly [CacheKey, SharedKey])[],
): Promise<readonly DeletionReceipt[]> {
  const keys = chunk.map(([, sharedKey]) => sharedKey)
  // Alone, this process deletes in the order of the calls: a value set after this one stays.
  const alone = engine.shared === undefined
  const before = alone ? chunk.map(([key]) => dropCounted(engine, space, key)) : []
  const told = await tell(
    engine,
    { kind: 'keys', keys, mode: 'delete' },
    {
      kind: 'keys',
      pattern: space.pattern,
      count: chunk.length,
    },
  )
  return chunk.map(([key], index) => {
    const had = alone ? before[index] === true : dropCounted(engine, space, key)
    return { state: told.state, found: had || told.found(index) }
  })
}

/** Whether there was a value that could have been served. */
function dropCounted(engine: Engine, space: Space, key: CacheKey): boolean {
  const held = space.memory?.find(key, engine.clock.monotonic())
  const had = held !== undefined && !held.absent && engine.order.stands(held.stamp, held.tags)
  forget(space, key)
  return had
}

/** Drops the copy in this process, and cuts off whatever is on its way to become one. */
export function forget(space: Space, key: CacheKey): void {
  space.reservations.kill(key)
  space.resting.end(key)
  space.memory?.remove(key, 'deleted')
}

/** Ends freshness and leaves grace. @throws ArgumentError */
export async function expireKey(
  engine: Engine,
  space: Space,
  key: CacheKey,
): Promise<InvalidationReceipt> {
  const keys = [encodeKey(space.name, key)]
  const { state } = await tell(
    engine,
    { kind: 'keys', keys, mode: 'expire' },
    {
      kind: 'expire',
      pattern: space.pattern,
      count: 1,
    },
  )
  space.reservations.kill(key)
  const now = engine.clock.monotonic()
  const entry = space.memory?.find(key, now)
  if (entry !== undefined) space.memory?.store(key, expired(entry, now))
  return { state }
}

function expired(entry: MemoryEntry, now: number): MemoryEntry {
  const freshUntil = Math.min(entry.freshUntil, now)
  const graceUntil = Math.min(entry.graceUntil, freshUntil + entry.graceMs)
  return { ...entry, freshUntil, servedUntil: Math.min(entry.servedUntil, now), graceUntil }
}

export async function clearSpace(engine: Engine, space: Space): Promise<InvalidationReceipt> {
  const { state } = await tell(
    engine,
    { kind: 'collection', collection: space.name },
    {
      kind: 'collection',
      pattern: space.pattern,
      count: 1,
    },
  )
  space.reservations.killAll()
  space.memory?.clear('invalidated')
  return { state }
}

export async function clearAll(
  engine: Engine,
  spaces: Iterable<Space>,
): Promise<InvalidationReceipt> {
  const { state } = await tell(engine, { kind: 'clear' }, { kind: 'clear', pattern: '*', count: 1 })
  for (const space of spaces) {
    space.reservations.killAll()
    space.memory?.clear('invalidated')
  }
  return { state }
}

/** `tags` were checked by the caller. */
export async function removeTags(
  engine: Engine,
  memory: MemoryTier | undefined,
  tags: readonly string[],
): Promise<InvalidationReceipt> {
  const { state } = await tell(
    engine,
    { kind: 'tags', tags },
    {
      kind: 'tags',
      pattern: '*',
      count: tags.length,
    },
  )
  dropTags(engine, memory, tags)
  return { state }
}

/** The removal as this process sees it: entries and loads with one of the tags are judged anew. */
export function dropTags(
  engine: Engine,
  memory: MemoryTier | undefined,
  tags: readonly string[],
): void {
  if (tags.length === 0) return
  engine.order.removeTags(tags)
  memory?.doubtTagged()
}

interface Told {
  readonly state: InvalidationReceipt['state']
  /** `undefined`: the tier was asked and did not answer. */
  readonly found: (index: number) => boolean | undefined
}

/** Tells the shared tier, or has the outbox do it. */
async function tell(
  engine: Engine,
  what: Invalidation,
  words: Pick<InvalidationEvent, 'kind' | 'pattern' | 'count'>,
): Promise<Told> {
  const startedAt = engine.clock.monotonic()
  let answer: InvalidationAnswer | undefined
  let state: InvalidationReceipt['state'] = 'done'
  try {
    answer = await engine.shared?.access.invalidate(what)
  } catch {
    engine.shared?.outbox.add(what)
    state = 'pending'
  }
  const durationMs = engine.clock.monotonic() - startedAt
  engine.report({ type: 'invalidation', ...words, state, durationMs })
  const unknown = state === 'pending' ? undefined : false
  return { state, found: (index) => answer?.found[index] ?? unknown }
}
