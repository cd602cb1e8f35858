/**
 * Writing behind the cache (P5): a write is acknowledged once the shared tier keeps it in the entry's
 * place, and `write-behind/` brings it to the source later.
 */

import { QueueFullError, StoreTimeoutError, TierError } from '../contracts/errors.ts'
import type {
  Backlog,
  Durability,
  EnqueueAnswer,
  EnqueueRequest,
  QueueBound,
} from '../contracts/pending-steps.ts'
import type { WriteReceipt } from '../contracts/receipts.ts'
import type { SharedKey } from '../contracts/shared-tier.ts'
import { checkValue } from './check-value.ts'
import {
  encodeValue,
  mayCopy,
  mayPublish,
  type NewValue,
  newMemoryEntry,
  optionsOfValue,
} from './commit.ts'
import { checkOpen, type Engine, type SharedParts } from './engine.ts'
import { entryLife } from './entry-life.ts'
import { checkTags, refuseArgument } from './field-check.ts'
import { QueueRoom } from './queue-room.ts'
import { forget } from './removals.ts'
import type { Reservation } from './reservations.ts'
import { reserve } from './reserve.ts'
import type { BehindPlan } from './resolve-writes.ts'
import { SHARED_BATCH } from './shared-access.ts'
import type { SourceWrite } from './source-writes.ts'
import type { Space } from './space.ts'
import { untilAborted } from './until-aborted.ts'
import { versionToken } from './version-token.ts'
import { writeId } from './write-id.ts'

/** Between two tries where the key is being written through the cache, or the queue is full. */
const AGAIN_MS = 25

export interface BehindParts {
  readonly engine: Engine
  readonly space: Space
  readonly shared: SharedParts
  readonly plan: BehindPlan
}

export type BehindWrite = Pick<SourceWrite, 'write' | 'options' | 'hardMs'>

/** With what there is room for at each try. */
type Waiting = EnqueueRequest & { most: EnqueueRequest['most'] }

type Queued = Extract<EnqueueAnswer, { readonly kind: 'queued' }>

export class BehindWrites {
  readonly #parts: BehindParts
  readonly #room: QueueRoom

  constructor(parts: BehindParts) {
    this.#parts = parts
    this.#room = new QueueRoom({ ...parts.plan, shards: parts.shared.access.shards })
  }

  /**
   * `undefined`: there is no room, and the write is to go through the cache.
   *
   * @throws QueueFullError; ArgumentError; CodecError; TierError, after which it may still be carried
   * out; StoreTimeoutError where a write through the cache keeps the key for too long.
   */
  async run(what: BehindWrite): Promise<WriteReceipt | undefined> {
    const { engine, space, shared } = this.#parts
    checkOpen(engine)
    const { write, options } = what
    const startedAt = engine.clock.monotonic()
    if (write.kind !== 'remove') checkValue(write.value)
    const removes = checkTags(options?.invalidateTags ?? [], {
      field: 'invalidateTags',
      refuse: refuseArgument,
      most: SHARED_BATCH,
    })
    options?.signal?.throwIfAborted()
    const fresh = this.#newValue(write)
    const key = space.sharedKey(write.key)
    // A wait for what is there already would be a turn of the microtask queue for each of many writes.
    const encoding = encodeValue(engine, space, key, fresh)
    const { bytes } = encoding instanceof Promise ? await encoding : encoding
    const { beginning } = shared.coherence
    if (beginning !== undefined) await beginning
    const request = this.#requestOf(what, fresh, { key, bytes, removes })
    const reservation = reserve(engine, space, write.key, 'set', key)
    try {
      const durability = await this.#durability()
      const queued = await this.#enqueue(what, request, startedAt)
      if (queued === undefined) return undefined
      this.#publish(reservation, fresh, queued)
      this.#tell(what, startedAt, { outcome: 'done', error: undefined })
      const { epoch, sequence, shard } = queued
      const { backlog } = queued
      engine.behind?.wake(space.name, shard, request.delayMs, { epoch, ...backlog })
      const id = writeId({ id: key.id, epoch, version: sequence })
      return { id, protected: true, durability, version: versionToken([queued]) }
    } catch (error) {
      // It may have been taken all the same: what is known here may be older.
      space.reservations.outrun(write.key, 0)
      forget(space, write.key)
      this.#tell(what, startedAt, { outcome: 'failed', error })
      throw error
    } finally {
      space.reservations.release(reservation)
    }
  }

  #newValue(write: BehindWrite['write']): NewValue {
    const { engine, space } = this.#parts
    const absent = write.kind === 'remove'
    const value = absent ? undefined : write.value
    const options = optionsOfValue(space, space.options, value, write.key)
    // A life that is over by then leaves nothing when the source has it; until then it has no end.
    const life = entryLife({ clock: engine.clock, random: engine.random, options, absent }) ?? {
      ttlMs: 0,
      graceMs: 0,
      expiresAt: Number.POSITIVE_INFINITY,
    }
    const kept = absent ? undefined : (space.declaredMemory?.handOut(value) ?? value)
    return { options, life, absent, value: kept, loadMs: undefined }
  }

  #requestOf(
    { write }: BehindWrite,
    { life, options }: NewValue,
    {
      key: { id, collection, pin },
      bytes,
      removes,
    }: {
      readonly key: SharedKey
      readonly bytes: Uint8Array
      readonly removes: readonly string[]
    },
  ): Waiting {
    const { plan } = this.#parts
    return {
      id,
      collection,
      pin,
      kind: write.kind,
      envelope: bytes,
      ttlMs: life.ttlMs,
      graceMs: life.graceMs,
      tags: options.tags,
      removes,
      delayMs: plan.delayMs,
      keep: plan.keep,
      most: this.#room.bound,
    }
  }

  /** Until it is taken, or there is no more time. */
  async #enqueue(
    { write, options, hardMs }: BehindWrite,
    request: Waiting,
    startedAt: number,
  ): Promise<Queued | undefined> {
    const { engine, space, shared, plan } = this.#parts
    const shard = shared.access.shardOf(request)
    for (;;) {
      const most = this.#room.most(shard)
      request.most = most
      const answer = await shared.access.enqueue(request)
      this.#room.learn(shard, most, answer)
      if (answer.kind === 'queued') return answer
      if (answer.kind === 'full' && plan.whenFull === 'through') return undefined
      const isOver = engine.clock.monotonic() + AGAIN_MS >= startedAt + hardMs
      if (answer.kind === 'full' && (plan.whenFull === 'reject' || isOver)) {
        throw fullQueue(space.pattern, request.most, answer.backlog)
      }
      if (isOver) throw new StoreTimeoutError(space.pattern, write.kind, hardMs)
      await untilAborted(options?.signal, () => pause(engine, AGAIN_MS))
      checkOpen(engine)
    }
  }

  #durability(): Promise<Durability> {
    return this.#parts.shared.access.durability.catch((error: unknown) => {
      if (error instanceof TierError) throw error
      throw new TierError('shared', 'Nobody can say what a write would survive.', { cause: error })
    })
  }

  /** The writer's own copy, before its call resolves (protocol rule 7). */
  #publish(reservation: Reservation, fresh: NewValue, { epoch, sequence }: Queued): void {
    const { engine, space } = this.#parts
    const { tags } = fresh.options
    const copy = { epoch, stamp: sequence, asOf: sequence, blind: false }
    const publishes =
      sequence >= reservation.outrunBy &&
      mayPublish(engine, reservation, tags) &&
      mayCopy(engine, reservation, copy, tags)
    space.reservations.outrun(reservation.key, sequence)
    space.resting.end(reservation.key)
    if (!publishes) {
      forget(space, reservation.key)
      return
    }
    if (space.memory === undefined) return
    const entry = newMemoryEntry(engine, space, reservation, fresh)
    const now = engine.clock.monotonic()
    const never = Number.POSITIVE_INFINITY
    const endless = { freshUntil: never, aheadFrom: never, graceUntil: never }
    // It becomes an entry with a life, and the copy must not outlive that.
    const mostMs = Math.min(fresh.options.memoryTtlMs ?? space.memoryTtlMs, fresh.life.ttlMs)
    const servedUntil = now + mostMs
    space.memory.store(reservation.key, { ...entry, ...endless, servedUntil, shared: copy })
  }

  #tell(
    { write }: BehindWrite,
    startedAt: number,
    end: { readonly outcome: 'done' | 'failed'; readonly error: unknown },
  ): void {
    const { engine, space } = this.#parts
    const { pattern } = space
    const durationMs = engine.clock.monotonic() - startedAt
    engine.report({ type: 'write', pattern, kind: write.kind, count: 1, durationMs, ...end })
    if (end.outcome === 'done') engine.log.slow(write.kind, pattern, durationMs, write.key)
  }
}

function fullQueue(
  pattern: string,
  { records, overdueMs: mostMs = Number.POSITIVE_INFINITY }: QueueBound,
  { overdueMs = 0 }: Backlog,
): QueueFullError {
  const lags =
    overdueMs > mostMs
      ? `The source should have had a write of ${pattern} ${Math.round(overdueMs)} ms ago; the call was refused.`
      : undefined
  return new QueueFullError(pattern, records, lags)
}

function pause({ clock }: Engine, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.schedule(ms, resolve))
}
