/**
 * Making entries unservable: by key, tag, collection, or all at once.
 *
 * First the shared tier, then this process, so that a copy dropped here cannot come back from there.
 * Where the tier does not answer, the change waits in the outbox and this process respects it at once.
 */

import type { InvalidationEvent } from '../contracts/events.ts'
import type { MemoryTier } from '../contracts/memory-tier.ts'
import type { DeletionReceipt, DeletionReport, InvalidationReceipt } from '../contracts/receipts.ts'
import type {
  Invalidation,
  InvalidationAnswer,
  RemovalMode,
  SharedKey,
} from '../contracts/shared-tier.ts'
import type { CacheKey } from '../contracts/source.ts'
import { compileGlob } from '../keys/glob.ts'
import type { Engine } from './engine.ts'
import { expiredEntry } from './expired-entry.ts'
import { inSlices } from './in-slices.ts'
import { learnRemoval } from './learn-removal.ts'
import { copyStands } from './local-read.ts'
import { SHARED_BATCH } from './shared-access.ts'
import type { Space } from './space.ts'
import { type Moment, versionToken } from './version-token.ts'

/** @throws ArgumentError */
export async function deleteKey(
  engine: Engine,
  space: Space,
  key: CacheKey,
): Promise<DeletionReceipt> {
  const sharedKey = space.sharedKey(key)
  const { shared } = engine
  // Hints may drop the copy before the answer comes.
  const had = shared === undefined ? dropCounted(engine, space, key) : hasCopy(engine, space, key)
  // Deleted with all that are deleted in the same tick.
  const send = async (): Promise<InvalidationAnswer> => {
    if (shared === undefined) return { found: [], moments: [] }
    const removal = await shared.access.remove(sharedKey)
    return { found: [removal.found], moments: [removal] }
  }
  const what = { kind: 'keys', keys: [sharedKey], mode: 'delete' } as const
  const told = await tell(
    engine,
    what,
    { kind: 'keys', pattern: space.patternOf(key), count: 1 },
    send,
  )
  const has = shared !== undefined && dropCounted(engine, space, key)
  const found = had || has || told.found(0)
  return { ...receiptOf(told), found }
}

/** Never rejects for a key: one that cannot be is in the report. */
export async function deleteKeys(
  engine: Engine,
  space: Space,
  keys: Iterable<CacheKey>,
  origin: OwnOrigin = 'local',
): Promise<DeletionReport<CacheKey>> {
  const startedAt = engine.clock.monotonic()
  const failed: { key: CacheKey; error: unknown }[] = []
  let succeeded = 0
  let state: InvalidationReceipt['state'] = 'done'
  let moments: readonly Moment[] | undefined = []
  for await (const slice of inSlices(engine.clock, keys, SHARED_BATCH)) {
    const chunk = slice.flatMap((key): [CacheKey, SharedKey][] => {
      try {
        return [[key, space.sharedKey(key)]]
      } catch (error) {
        failed.push({ key, error })
        return []
      }
    })
    if (chunk.length === 0) continue
    const told = await deleteChunk(engine, space, chunk, origin)
    if (told.receipt.state === 'pending') state = 'pending'
    moments = moments && told.moments && [...moments, ...told.moments]
    succeeded += chunk.length
  }
  const durationMs = engine.clock.monotonic() - startedAt
  return { succeeded, failed, state, durationMs, version: versionToken(moments), unconfirmed: [] }
}

interface DeletedChunk {
  readonly receipt: InvalidationReceipt
  readonly moments: readonly Moment[] | undefined
  readonly found: readonly (boolean | undefined)[]
}

async function deleteChunk(
  engine: Engine,
  space: Space,
  chunk: readonly (readonly [CacheKey, SharedKey])[],
  origin: OwnOrigin,
): Promise<DeletedChunk> {
  const keys = chunk.map(([, sharedKey]) => sharedKey)
  // Alone, this process deletes in the order of the calls: a value set after this one stays.
  const alone = engine.shared === undefined
  const before = chunk.map(([key]) =>
    alone ? dropCounted(engine, space, key) : hasCopy(engine, space, key),
  )
  const told = await tell(
    engine,
    { kind: 'keys', keys, mode: 'delete' },
    {
      kind: 'keys',
      pattern: space.pattern,
      count: chunk.length,
      origin,
    },
  )
  const found = chunk.map(([key], index) => {
    const has = !alone && dropCounted(engine, space, key)
    return before[index] === true || has || told.found(index)
  })
  return { receipt: receiptOf(told), moments: told.moments, found }
}

/** Whether there was a value that could have been served. */
function dropCounted(engine: Engine, space: Space, key: CacheKey): boolean {
  const had = hasCopy(engine, space, key)
  forget(space, key)
  return had
}

function hasCopy(engine: Engine, space: Space, key: CacheKey): boolean {
  const held = space.memory?.find(key, engine.clock.monotonic())
  return held !== undefined && !held.absent && copyStands(engine, space, key, held)
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
  const keys = [space.sharedKey(key)]
  const told = await tell(
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
  if (entry !== undefined) space.memory?.store(key, expiredEntry(entry, now))
  return receiptOf(told)
}

export async function clearSpace(
  engine: Engine,
  space: Space,
  origin: OwnOrigin = 'local',
): Promise<InvalidationReceipt> {
  const told = await tell(
    engine,
    { kind: 'collection', collection: space.name },
    {
      kind: 'collection',
      pattern: space.pattern,
      count: 1,
      origin,
    },
  )
  space.reservations.killAll()
  space.memory?.clear('invalidated')
  return receiptOf(told)
}

/**
 * Every key of a collection whose text matches the glob, in every tier.
 *
 * @throws ArgumentError for a glob that cannot be.
 */
export async function removePattern(
  engine: Engine,
  space: Space,
  pattern: string,
): Promise<InvalidationReceipt> {
  const matches = compileGlob(pattern)
  const told = await tell(
    engine,
    { kind: 'pattern', collection: space.name, pattern },
    { kind: 'pattern', pattern: space.pattern, count: 1 },
  )
  space.reservations.killMatching((key) => matches(String(key)))
  for (const key of [...(space.memory?.keys(engine.clock.monotonic()) ?? [])]) {
    if (matches(String(key))) forget(space, key)
  }
  return receiptOf(told)
}

export async function clearAll(
  engine: Engine,
  spaces: Iterable<Space>,
  origin: OwnOrigin = 'local',
): Promise<InvalidationReceipt> {
  const words = { kind: 'clear', pattern: '*', count: 1, origin } as const
  const told = await tell(engine, { kind: 'clear' }, words)
  for (const space of spaces) {
    space.reservations.killAll()
    space.memory?.clear('invalidated')
  }
  return receiptOf(told)
}

/** `tags` were checked by the caller. */
export async function removeTags(
  engine: Engine,
  memory: MemoryTier | undefined,
  { tags, match, mode }: TagRemoval,
  origin: OwnOrigin = 'local',
): Promise<InvalidationReceipt> {
  const told = await tell(
    engine,
    { kind: 'tags', tags, match, mode },
    { kind: mode === 'expire' ? 'expire' : 'tags', pattern: '*', count: tags.length, origin },
  )
  engine.order.removeTags(tags, { match, mode })
  memory?.doubt('tagged')
  return receiptOf(told)
}

export interface TagRemoval {
  readonly tags: readonly string[]
  readonly match: 'any' | 'all'
  readonly mode: RemovalMode
}

/** The removal as this process sees it: entries and loads with one of the tags are judged anew. */
export function dropTags(
  engine: Engine,
  memory: MemoryTier | undefined,
  tags: readonly string[],
): void {
  if (tags.length === 0) return
  engine.order.removeTags(tags, { match: 'any', mode: 'delete' })
  memory?.doubt('tagged')
}

/** Asked for by a caller, or learned from outside; both begin in this process. */
type OwnOrigin = 'local' | 'external'

interface Told {
  readonly state: InvalidationReceipt['state']
  /** `undefined`: the tier did not number it. */
  readonly moments: readonly Moment[] | undefined
  /** `undefined`: the tier was asked and did not answer. */
  readonly found: (index: number) => boolean | undefined
}

/** Tells the shared tier, or has the outbox do it. */
async function tell(
  engine: Engine,
  what: Invalidation,
  words: Pick<InvalidationEvent, 'kind' | 'pattern' | 'count'> & { readonly origin?: OwnOrigin },
  send: () => Promise<InvalidationAnswer | undefined> = async () =>
    await engine.shared?.access.invalidate(what),
): Promise<Told> {
  const startedAt = engine.clock.monotonic()
  let answer: InvalidationAnswer | undefined
  let state: InvalidationReceipt['state'] = 'done'
  try {
    answer = await send()
  } catch {
    engine.shared?.outbox.add(what)
    state = 'pending'
  }
  if (engine.shared !== undefined)
    learnRemoval(engine.shared.coherence, what, answer?.moments ?? [])
  const durationMs = engine.clock.monotonic() - startedAt
  engine.invalidations.own({ ...words, state, durationMs })
  const unknown = state === 'pending' ? undefined : false
  const moments = state === 'pending' ? undefined : (answer?.moments ?? [])
  return { state, moments, found: (index) => answer?.found[index] ?? unknown }
}

function receiptOf({ state, moments }: Told): InvalidationReceipt {
  return { state, version: versionToken(moments), unconfirmed: [] }
}
