/** The queue of one collection, as its users look at it: how much waits, what became of a write, the dead. */

import { ArgumentError, StoreTimeoutError } from '../contracts/errors.ts'
import type { CallOptions } from '../contracts/options.ts'
import type { DeadLetter as DeadRecord, PendingSteps } from '../contracts/pending-steps.ts'
import type { SharedKey } from '../contracts/shared-key.ts'
import type { CacheKey, Store, StoredVersion } from '../contracts/source.ts'
import type { DeadLetter, QueueStatus, WriteQueue, WriteState } from '../contracts/write-queue.ts'
import { decodeKey } from '../keys/key-encoding.ts'
import { checkOpen, type Engine, type SharedParts } from './engine.ts'
import { checkMany } from './field-check.ts'
import { inThisVersion } from './in-this-version.ts'
import type { Space } from './space.ts'
import { untilAborted } from './until-aborted.ts'
import { within } from './within.ts'
import { readWriteId, type WriteId, writeId } from './write-id.ts'

export interface WaitingWritesParts {
  readonly engine: Engine
  readonly space: Space
  readonly shared: SharedParts
  readonly store: Store<CacheKey, unknown>
  /** What the store may take for one call. */
  readonly storeMs: number
}

/** Dead letters in one call. */
const PAGE = 100
/** Writes of one key that wait, in one call: where each is kept, there may be many. */
const OF_KEY = 1

type Call = Pick<CallOptions, 'signal'> | undefined

export class WaitingWrites<K extends CacheKey, V> implements WriteQueue<K, V> {
  readonly #parts: WaitingWritesParts

  constructor(parts: WaitingWritesParts) {
    this.#parts = parts
  }

  async status(options?: Call): Promise<QueueStatus> {
    const steps = this.#steps(options)
    const states = await Promise.all(this.#places().map((place) => steps.backlog(place)))
    let [waiting, bytes, oldestMs, deadLetters] = [0, 0, 0, 0]
    for (const state of states) {
      waiting += state.records
      bytes += state.bytes
      oldestMs = Math.max(oldestMs, state.oldestMs)
      deadLetters += state.dead
    }
    const { engine, space } = this.#parts
    const { pattern } = space
    engine.report({ type: 'queue-status', pattern, waiting, oldestMs, deadLetters })
    return { waiting, bytes, oldestMs, deadLetters }
  }

  async state(id: string, options?: Call): Promise<WriteState> {
    const steps = this.#steps(options)
    const asked = readWriteId(id)
    const key = this.#keyOf(asked, id)
    const place = this.#placeOf(key)
    const isAsked = (one: Pick<DeadRecord, 'epoch' | 'version'>): boolean =>
      one.version === asked.version && one.epoch === asked.epoch
    const { writes } = await steps.list(place, { id: asked.id, limit: OF_KEY })
    const waiting = writes.find(isAsked)
    if (waiting !== undefined) return waiting.taken ? 'inflight' : 'queued'
    const { letters } = await steps.dead(place, { id: asked.id, limit: OF_KEY })
    if (letters.some(isAsked)) return 'dead'
    const stored = await this.#stored(key, options)
    if (stored !== undefined && isAsked(numbered(stored))) return 'applied'
    const later = [...writes, ...(stored === undefined ? [] : [numbered(stored)])]
    return later.some((one) => isLater(one, asked)) ? 'superseded' : 'unknown'
  }

  async *deadLetters(options?: Call): AsyncIterable<DeadLetter<K, V>> {
    for (const place of this.#places()) {
      let cursor: string | undefined
      do {
        const page = await this.#steps(options).dead(place, { cursor, limit: PAGE })
        for (const letter of page.letters) {
          const read = await this.#letterOf(letter)
          if (read !== undefined) yield read
        }
        cursor = page.cursor
      } while (cursor !== undefined)
    }
  }

  async retry(keys?: Iterable<K>, options?: Call): Promise<number> {
    const all = keys === undefined ? await this.#deadIds(options) : this.#idsOf(keys)
    const revived = await this.#each(all, options, (steps, place, ids) => steps.revive(place, ids))
    const { engine, space } = this.#parts
    for (const shard of all.keys()) engine.behind?.wake(space.name, shard, 0)
    return revived
  }

  async drop(keys: Iterable<K>, options?: Call): Promise<number> {
    const ids = this.#idsOf(keys)
    return await this.#each(ids, options, (steps, place, some) => steps.drop(place, some))
  }

  /** @throws ClosedError; the signal's reason. */
  #steps(options: Call): PendingSteps {
    checkOpen(this.#parts.engine)
    options?.signal?.throwIfAborted()
    return this.#parts.shared.access.pending
  }

  #places(): readonly { readonly shard: number; readonly collection: string }[] {
    const { shared, space } = this.#parts
    const { shards } = shared.access
    return Array.from({ length: shards }, (_, shard) => ({ shard, collection: space.name }))
  }

  #placeOf(key: CacheKey): { readonly shard: number; readonly collection: string } {
    const { shared, space } = this.#parts
    return { shard: shared.access.shardOf(space.sharedKey(key)), collection: space.name }
  }

  #keyOf({ id }: WriteId, text: string): CacheKey {
    const key = decodeKey(this.#parts.space.name, id)
    if (key !== undefined) return key
    throw new ArgumentError({
      field: 'id',
      expected: `the id of a write of the collection ${this.#parts.space.name}`,
      actual: text,
    })
  }

  async #stored(key: CacheKey, options: Call): Promise<StoredVersion | undefined> {
    const { store, storeMs, engine, space } = this.#parts
    if (store.versions === undefined) return undefined
    const late = new AbortController()
    const ask = async (): Promise<ReadonlyMap<CacheKey, StoredVersion> | undefined> =>
      await store.versions?.([key], { signal: late.signal })
    const giveUp = (): Error => {
      const error = new StoreTimeoutError(space.pattern, 'look at versions', storeMs)
      late.abort(error)
      return error
    }
    const found = await untilAborted(options?.signal, () =>
      within(engine.clock, storeMs, ask(), giveUp),
    )
    return found?.get(key)
  }

  /** `undefined`: its key makes no sense. */
  async #letterOf(letter: DeadRecord): Promise<DeadLetter<K, V> | undefined> {
    const { space } = this.#parts
    const key = decodeKey(space.name, letter.id)
    if (key === undefined) return undefined
    const { kind, error, attempts, diedAt } = letter
    const decoded =
      kind === 'remove' ? undefined : await space.envelope.decode(letter.id, letter.envelope)
    const isOlder = decoded?.ok === true && decoded.content.schemaVersion <= space.schemaVersion
    const present = isOlder ? inThisVersion(space, letter, decoded.content) : undefined
    const value = present?.ok === true ? present.content.value : undefined
    const known = { kind, error, attempts: attempts + 1, diedAt, id: writeId(letter) }
    return { ...known, key: key as K, value: value as V | undefined }
  }

  /** By shard. */
  #idsOf(keys: Iterable<K>): ReadonlyMap<number, readonly string[]> {
    const { shared, space } = this.#parts
    const found = new Map<number, string[]>()
    for (const key of checkMany(keys, 'keys')) {
      const sharedKey: SharedKey = space.sharedKey(key)
      const shard = shared.access.shardOf(sharedKey)
      const ids = found.get(shard)
      if (ids === undefined) found.set(shard, [sharedKey.id])
      else ids.push(sharedKey.id)
    }
    return found
  }

  async #deadIds(options: Call): Promise<ReadonlyMap<number, readonly string[]>> {
    const found = new Map<number, readonly string[]>()
    for (const place of this.#places()) {
      let ids: readonly string[] = []
      let cursor: string | undefined
      do {
        const page = await this.#steps(options).dead(place, { cursor, limit: PAGE })
        ids = [...ids, ...page.letters.map(({ id }) => id)]
        cursor = page.cursor
      } while (cursor !== undefined)
      if (ids.length > 0) found.set(place.shard, ids)
    }
    return found
  }

  async #each(
    all: ReadonlyMap<number, readonly string[]>,
    options: Call,
    step: (
      steps: PendingSteps,
      place: { readonly shard: number; readonly collection: string },
      ids: readonly string[],
    ) => Promise<number>,
  ): Promise<number> {
    const collection = this.#parts.space.name
    let done = 0
    for (const [shard, ids] of all) {
      for (let from = 0; from < ids.length; from += PAGE) {
        const some = ids.slice(from, from + PAGE)
        done += await step(this.#steps(options), { shard, collection }, some)
      }
    }
    return done
  }
}

function numbered({ version, epoch }: StoredVersion): Pick<WriteId, 'epoch' | 'version'> {
  return { version: Number(version), epoch }
}

/** Of another epoch nobody can tell. */
function isLater(
  one: Pick<WriteId, 'epoch' | 'version'>,
  asked: Pick<WriteId, 'epoch' | 'version'>,
): boolean {
  return one.epoch === asked.epoch && one.version > asked.version
}
