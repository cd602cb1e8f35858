/**
 * Writing the source, and the cache after it: round the cache (P4) or through it (P3).
 *
 * While the write is under way an intent stands in the entry's place, so that nobody fills the key
 * with what the source held before. It ends when the source has answered, whatever it said: an error
 * may hide a write that was carried out. A writer that dies is replaced by the intent's deadline.
 */

import type { WritePolicy } from '../contracts/collection.ts'
import { StoreTimeoutError } from '../contracts/errors.ts'
import type { MemoryTier } from '../contracts/memory-tier.ts'
import type { WriteOptions } from '../contracts/options.ts'
import type { WriteReceipt } from '../contracts/receipts.ts'
import type { IntentValue } from '../contracts/shared-tier.ts'
import type { CacheKey, Store, StoreWrite } from '../contracts/source.ts'
import { applyWrite, outcomeOf, type WriteRequest } from './apply-write.ts'
import { checkValue } from './check-value.ts'
import {
  encodeValue,
  mayCopy,
  mayPublish,
  type NewValue,
  newMemoryEntry,
  optionsOfValue,
} from './commit.ts'
import { checkOpen, type Engine } from './engine.ts'
import { entryLife } from './entry-life.ts'
import { checkTags, refuseArgument } from './field-check.ts'
import { dropTags, forget } from './removals.ts'
import type { Reservation } from './reservations.ts'
import { reserve } from './reserve.ts'
import { SHARED_BATCH } from './shared-access.ts'
import type { Space } from './space.ts'
import { asksShared } from './switch-mode.ts'
import { versionToken } from './version-token.ts'
import { WriteIntent } from './write-intent.ts'

export interface SourceWrite {
  readonly store: Store<CacheKey, unknown>
  readonly write: StoreWrite<CacheKey, unknown>
  readonly policy: Exclude<WritePolicy, 'behind'>
  /** Other writes of the collection wait: this one is ordered among them, and waits for those of its key. */
  readonly ordered: boolean
  /** Those of its key: see `WriteIntent`. @default 'wait' */
  readonly whenPending?: 'wait' | 'refuse'
  readonly whenUnprotected: 'allow' | 'reject'
  readonly options: WriteOptions | undefined
  readonly hardMs: number
}

/** A write under way, and all that its end needs. */
interface Writing {
  readonly key: CacheKey
  readonly tags: readonly string[]
  readonly intent: WriteIntent
  readonly reservation: Reservation
}

export class SourceWrites {
  readonly #engine: Engine
  readonly #space: Space
  readonly #memory: MemoryTier | undefined

  constructor(engine: Engine, space: Space, memory: MemoryTier | undefined) {
    this.#engine = engine
    this.#space = space
    this.#memory = memory
  }

  /**
   * @throws ConflictError if the source refused the write, or one that waits is not waited for;
   * ArgumentError; whatever the store throws; StoreTimeoutError, after which the write may still be carried
   * out; TierError where nothing unprotected is to be written.
   */
  async run(what: SourceWrite): Promise<WriteReceipt> {
    checkOpen(this.#engine)
    const { key, kind } = what.write
    if (what.write.kind !== 'remove') checkValue(what.write.value)
    const tags = checkTags(what.options?.invalidateTags ?? [], {
      field: 'invalidateTags',
      refuse: refuseArgument,
      most: SHARED_BATCH,
    })
    what.options?.signal?.throwIfAborted()
    await this.#engine.shared?.coherence.beginning
    const { hardMs, whenUnprotected, ordered, whenPending = 'wait' } = what
    const intent = new WriteIntent(this.#engine, {
      key: this.#space.sharedKey(key),
      tags,
      hardMs,
      whenUnprotected,
      ordered,
      whenPending,
      signal: what.options?.signal,
      late: () => new StoreTimeoutError(this.#space.pattern, kind, hardMs),
    })
    const reservation = reserve(this.#engine, this.#space, key, 'write')
    try {
      return await this.#run(what, { key, tags, intent, reservation }, kind)
    } finally {
      this.#space.reservations.release(reservation)
    }
  }

  async #run(
    what: SourceWrite,
    writing: Writing,
    kind: 'create' | 'put' | 'remove',
  ): Promise<WriteReceipt> {
    const startedAt = this.#engine.clock.monotonic()
    const fresh = this.#newValue(what)
    let outcome: 'applied' | 'superseded'
    try {
      await writing.intent.begin()
      outcome = await this.#apply(what, writing, startedAt)
    } catch (error) {
      this.#report({ kind, key: writing.key, startedAt, outcome: 'failed', error })
      throw error
    }
    const receipt = await this.#finish(writing, outcome === 'applied' ? fresh : undefined, true)
    this.#report({ kind, key: writing.key, startedAt, outcome: 'done', error: undefined })
    return receipt
  }

  /** Whatever goes wrong, the intent is ended before it is thrown, or when the store has answered. */
  async #apply(
    what: SourceWrite,
    writing: Writing,
    startedAt: number,
  ): Promise<'applied' | 'superseded'> {
    const { clock, background } = this.#engine
    const { store, hardMs } = what
    const write = this.#ordered(what, writing)
    // Counted from the call, not from the intent's beginning: the intent must outlive the store's time.
    const leftMs = startedAt + hardMs - clock.monotonic()
    const { pattern } = this.#space
    if (leftMs <= 0) {
      await this.#finish(writing, undefined)
      throw new StoreTimeoutError(pattern, write.kind, hardMs)
    }
    const request: WriteRequest = { store, write, signal: what.options?.signal }
    const applying = applyWrite(request)
    try {
      return await outcomeOf(request, applying, { clock, pattern, leftMs, hardMs })
    } catch (error) {
      // Who gave up knows nothing: the write may still be carried out, and only then may the key be
      // filled again. A writer that dies meanwhile is replaced by the intent's deadline.
      if (applying.open) {
        this.#drop(writing)
        background.run(
          'write',
          applying.settled.then(() => this.#finish(writing, undefined)),
        )
      } else {
        await this.#finish(writing, undefined)
      }
      throw error
    }
  }

  /** With the number of its begin as its version, where other writes of the collection have one. */
  #ordered(
    { write, ordered }: SourceWrite,
    { intent: { begun } }: Writing,
  ): StoreWrite<CacheKey, unknown> {
    if (!ordered || begun === undefined) return write
    return { ...write, version: BigInt(begun.sequence), epoch: begun.epoch }
  }

  /** What is to stand in the cache afterwards; `undefined`: nothing. @throws ArgumentError for bad tags */
  #newValue({ write, policy }: SourceWrite): NewValue | undefined {
    if (policy !== 'through' || write.kind === 'remove') return undefined
    // What is written through leaves its value in the shared tier or nowhere.
    if (this.#engine.shared !== undefined && !asksShared(this.#space)) return undefined
    const { key, value } = write
    const options = optionsOfValue(this.#space, this.#space.options, value, key)
    const life = entryLife({ ...this.#engine, options, absent: false })
    if (life === undefined) return undefined
    const kept = this.#space.declaredMemory?.handOut(value) ?? value
    return { options, life, absent: false, value: kept, loadMs: undefined }
  }

  /** The tier first, then this process, so that no older copy can come back from there. */
  async #finish(
    writing: Writing,
    fresh: NewValue | undefined,
    written = false,
  ): Promise<WriteReceipt> {
    const { intent } = writing
    if (this.#engine.shared === undefined) {
      const number = this.#engine.order.next()
      this.#own(writing, fresh, { number, copy: undefined })
      return { protected: true, version: versionToken([]) }
    }
    const value = intent.begun === undefined ? undefined : await this.#encode(writing, fresh)
    const ended = await intent.end(value, written)
    const moments = ended && [ended.own, ...ended.others]
    const removed = writing.tags.map((tag) => ({ kind: 'tag', tag, mode: 'delete' }) as const)
    for (const moment of moments ?? []) this.#engine.shared.coherence.learn(moment, removed)
    if (ended?.own.kind === 'set' && intent.begun !== undefined) {
      const { epoch, sequence: asOf } = ended.own
      const copy = { epoch, stamp: intent.begun.sequence, asOf, blind: false }
      this.#own(writing, fresh, { number: asOf, copy })
    } else {
      this.#drop(writing)
    }
    return { protected: ended?.protected === true, version: versionToken(moments) }
  }

  /** A value that cannot become bytes leaves nothing in the tier. */
  async #encode(
    { intent, key }: Writing,
    fresh: NewValue | undefined,
  ): Promise<IntentValue | undefined> {
    if (fresh === undefined || intent.begun === undefined) return undefined
    try {
      const sharedKey = this.#space.sharedKey(key)
      const { bytes } = await encodeValue(this.#engine, this.#space, sharedKey, fresh)
      const { ttlMs, graceMs } = fresh.life
      return { envelope: bytes, ttlMs, graceMs, valueTags: fresh.options.tags }
    } catch (error) {
      const { pattern } = this.#space
      this.#engine.report({
        type: 'write',
        pattern,
        kind: 'fill',
        outcome: 'failed',
        count: 1,
        durationMs: 0,
        error,
      })
      return undefined
    }
  }

  /** This process's own copy, unless something else has happened to the key (protocol rule 7). */
  #own(
    writing: Writing,
    fresh: NewValue | undefined,
    { number, copy }: { readonly number: number; readonly copy: Parameters<typeof mayCopy>[2] },
  ): void {
    const { reservation, key } = writing
    const { reservations, memory } = this.#space
    const keeps =
      fresh !== undefined &&
      !reservation.contested &&
      number >= reservation.outrunBy &&
      mayPublish(this.#engine, sinceBegun(writing), fresh.options.tags) &&
      mayCopy(this.#engine, reservation, copy, fresh.options.tags)
    reservations.outrun(key, number)
    this.#drop(writing)
    if (!keeps) return
    const entry = newMemoryEntry(this.#engine, this.#space, reservation, fresh)
    memory?.store(key, { ...entry, stamp: this.#engine.order.stamp, shared: copy })
  }

  #drop({ tags, key }: Writing): void {
    forget(this.#space, key)
    dropTags(this.#engine, this.#memory, tags)
  }

  #report(what: {
    readonly kind: 'create' | 'put' | 'remove'
    readonly key: CacheKey
    readonly startedAt: number
    readonly outcome: 'done' | 'failed'
    readonly error: unknown
  }): void {
    const { kind, key, startedAt, outcome, error } = what
    const { pattern } = this.#space
    const durationMs = this.#engine.clock.monotonic() - startedAt
    this.#engine.report({ type: 'write', pattern, kind, outcome, count: 1, durationMs, error })
    if (outcome === 'done') this.#engine.log.slow(kind, pattern, durationMs, key)
  }
}

/**
 * The intent's begin is a change of the key too, and may have been followed before its end. What came between
 * the two in the tier has kept the end from setting the value.
 */
function sinceBegun({ reservation, intent: { begun } }: Writing): Reservation {
  const { shared } = reservation
  if (shared === undefined || begun === undefined) return reservation
  const position = { shard: begun.shard, epoch: begun.epoch, cursor: begun.sequence }
  return { ...reservation, shared: { ...shared, position } }
}
