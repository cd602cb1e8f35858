/**
 * Carries out the writes of one collection in one shard: takes what is due, brings it to the store,
 * settles what became of it, one batch after the other.
 *
 * Every instance has one; the shard lets one of them take at a time. It is a loop of timers: while nothing
 * is due, a look once in a while, which the tier answers without writing anything.
 */

import type { Clock } from '../contracts/clock.ts'
import { TierError } from '../contracts/errors.ts'
import type { Report } from '../contracts/events.ts'
import type {
  PendingRecord,
  PendingSteps,
  SettleOutcome,
  SettleRequest,
} from '../contracts/pending-steps.ts'
import type { Random } from '../contracts/random.ts'
import type { CacheKey, StoreOutcome, StoreWrite } from '../contracts/source.ts'
import type { DrainTarget } from '../contracts/write-behind.ts'
import { applyBatch, type WriteOutcome } from './apply-batch.ts'
import { backoffMs } from './backoff.ts'
import { DrainTelling, type Ended, type Taken } from './drain-telling.ts'
import { leftToOthers } from './left-to-others.ts'
import { loadFrom } from './load-from.ts'
import { type MergedOutcome, type MergeParts, mergeConflicts } from './merge-conflicts.ts'
import { settledBy, wordsOf } from './settle-outcomes.ts'
import { storeCall } from './store-call.ts'
import { StorePace } from './store-pace.ts'
import { TakingRight } from './taking-right.ts'

/** How often to look for writes of other instances, which may be due before those that are known here. */
const LOOK_MS = 500
/** Where nothing has waited for so many looks. Those who write tell their own instance alone, which may die. */
const IDLE_LOOK_MS = 1_000
const MANY_LOOKS = 20
/** Where nothing was there to take, whatever the tier says of the next. */
const LEAST_LOOK_MS = 20
/** Between two tries while the store, or the tier, is away. */
const AWAY = { leastMs: 250, mostMs: 10_000 } as const

export interface QueueDrainParts {
  readonly target: DrainTarget
  readonly shard: number
  readonly steps: PendingSteps
  /** This instance, among those that may take. */
  readonly owner: string
  readonly clock: Clock
  readonly random: Random
  readonly report: Report
}

/** What this instance has done, in records. */
export interface DrainCounts {
  settled: number
  dead: number
}

type Write = StoreWrite<CacheKey, unknown>

export class QueueDrain {
  readonly counts: DrainCounts = { settled: 0, dead: 0 }
  /** Records that wait, as far as is known here: when the shard has answered last. */
  waiting = 0
  readonly #parts: QueueDrainParts
  readonly #pace = new StorePace()
  readonly #right: TakingRight
  #cancel: (() => void) | undefined
  #dueAt = Number.POSITIVE_INFINITY
  #running: Promise<void> | undefined
  /** Rounds in a row in which the store, or the tier, was not there. */
  #failures = 0
  /** On the monotonic clock: until then others are let to take. */
  #restsUntil = Number.NEGATIVE_INFINITY
  /** The store was not there when this instance asked it last. */
  #isDoubtful = false
  /** In a row that found nothing waiting at all. */
  #emptyLooks = 0
  readonly #telling: DrainTelling
  #closed = false

  constructor(parts: QueueDrainParts) {
    this.#parts = parts
    const { shard, target, steps, owner, clock } = parts
    const place = { shard, collection: target.collection }
    this.#telling = new DrainTelling({ clock, report: parts.report, pattern: target.pattern })
    this.#right = new TakingRight({ steps, place, owner, clock, storeMs: target.plan.storeMs })
    this.wake(LOOK_MS * parts.random.next())
  }

  /** Looks after `delayMs`, or sooner if that was planned already. */
  wake(delayMs: number): void {
    const { clock } = this.#parts
    const at = Math.max(this.#restsUntil, clock.monotonic() + delayMs)
    // While the store is away, nothing but time brings it back.
    if (this.#closed || at >= this.#dueAt || this.#failures > 0) return
    if (this.#running === undefined) this.#plan(at - clock.monotonic())
    else this.#dueAt = at
  }

  /** From now on nothing is taken; resolves when what is under way has ended. */
  async close(): Promise<void> {
    this.#closed = true
    this.#cancel?.()
    this.#cancel = undefined
    await this.#running
    await this.#right.giveBack()
  }

  #plan(delayMs: number): void {
    const { clock } = this.#parts
    this.#cancel?.()
    this.#dueAt = clock.monotonic() + delayMs
    this.#cancel = clock.schedule(delayMs, () => this.#begin(), 'upkeep')
  }

  #begin(): void {
    this.#cancel = undefined
    this.#dueAt = Number.POSITIVE_INFINITY
    if (this.#closed) return
    this.#running = this.#round().then((nextMs) => {
      this.#running = undefined
      if (this.#closed) return
      // A write that was queued meanwhile may be due earlier.
      const now = this.#parts.clock.monotonic()
      const plannedMs = Math.max(0, this.#dueAt - now)
      this.#plan(Math.max(this.#restsUntil - now, Math.min(nextMs, plannedMs)))
    })
  }

  /** One batch. Answers when to look again; never rejects. */
  async #round(): Promise<number> {
    const { target, random } = this.#parts
    try {
      const { batch, batchBytes } = target.plan
      const answer = await this.#right.take(batch, batchBytes)
      this.waiting = answer.backlog.records
      if (answer.kind === 'held') {
        this.#failures = 0
        return Math.min(answer.remainingMs, this.#right.leaseMs) + LOOK_MS * random.next()
      }
      if (answer.records.length === 0) {
        this.#failures = 0
        this.#emptyLooks = answer.backlog.records === 0 ? this.#emptyLooks + 1 : 0
        const lookMs = this.#emptyLooks > MANY_LOOKS ? IDLE_LOOK_MS : LOOK_MS
        return Math.max(LEAST_LOOK_MS, Math.min(answer.nextMs ?? lookMs, lookMs))
      }
      this.#emptyLooks = 0
      const isThere = await this.#carryOut(answer)
      this.#isDoubtful = !isThere
      this.#failures = isThere ? 0 : this.#failures + 1
    } catch (error) {
      // What was taken is taken again. A tier that does not answer is told of by itself.
      if (!(error instanceof TierError)) this.#telling.away(error, undefined)
      this.#failures += 1
    }
    return this.#failures === 0 ? 0 : backoffMs(this.#failures, AWAY, random)
  }

  /** @returns whether the store was there. @throws TierError */
  async #carryOut(taken: Taken): Promise<boolean> {
    const { target, random } = this.#parts
    const writes: Write[] = []
    const written: PendingRecord[] = []
    const ended: Ended[] = []
    let left = false
    for (const record of taken.records) {
      try {
        const write = await target.writeOf(record)
        if (write === undefined) {
          left = true
          ended.push({ record, outcome: leftToOthers(record, random), applied: false })
          continue
        }
        writes.push(write)
        written.push(record)
      } catch (error) {
        const outcome = { kind: 'dead', error: wordsOf(error) } as const
        ended.push({ record, outcome, applied: false })
      }
    }
    const outcomes = await this.#merged(writes, await this.#apply(writes))
    const judging = { epochs: taken.epochs, attempts: target.plan.attempts, random }
    for (const [at, record] of written.entries()) {
      const came = outcomes[at]
      const outcome = came && settledBy(record, came, judging)
      const applied = came?.kind === 'applied' || came?.kind === 'merged'
      if (outcome !== undefined) ended.push({ record, outcome, applied })
    }
    await this.#removeTags(ended)
    const answers = ended.length > 0 ? await this.#parts.steps.settle(ended.map(settleOf)) : []
    // Who flushed here reads what the source has at once; other instances are told.
    target.forget(ended.flatMap(({ record, outcome }) => (isGone(outcome) ? record.id : [])))
    const { done, dead } = this.#telling.ended(taken, ended, answers)
    this.waiting = Math.max(0, this.waiting - done - dead)
    this.counts.settled += done
    this.counts.dead += dead
    if (left) await this.#handOver()
    const away = outcomes.flatMap((one) => (one.kind === 'away' ? [one] : []))
    const isThere = away.length === 0 || away.length < outcomes.length
    if (!isThere) this.#telling.away(away[0]?.error, taken)
    return isThere
  }

  /**
   * Some of it can be read by another release alone: those who were told that the queue is held come back
   * within the time of the right. Seldom, or what this instance can carry out itself would wait.
   */
  async #handOver(): Promise<void> {
    const now = this.#parts.clock.monotonic()
    const { leaseMs } = this.#right
    if (now < this.#restsUntil + 3 * leaseMs) return
    await this.#right.giveBack()
    this.#restsUntil = now + leaseMs + 2 * LOOK_MS
  }

  async #merged(
    writes: readonly Write[],
    outcomes: readonly WriteOutcome[],
  ): Promise<readonly MergedOutcome[]> {
    const { clock, target } = this.#parts
    const { merge, plan } = target
    if (merge === undefined) return outcomes
    const parts: MergeParts = {
      merge: (mine, theirs, key) =>
        storeCall(clock, plan.storeMs, () => merge(mine, theirs, key), 'function `merge`'),
      load: (keys) =>
        storeCall(clock, plan.storeMs, (signal) => loadFrom(target.store, keys, signal)),
      apply: (some) => this.#apply(some),
    }
    return await mergeConflicts(parts, writes, outcomes)
  }

  async #apply(writes: readonly Write[]): Promise<readonly WriteOutcome[]> {
    if (writes.length === 0) return []
    return await applyBatch((some) => this.#ask(some), writes, {
      pace: this.#pace,
      isDoubtful: this.#isDoubtful,
      random: this.#parts.random,
    })
  }

  async #ask(writes: readonly Write[]): Promise<readonly StoreOutcome[]> {
    const { clock, target } = this.#parts
    await this.#right.keep()
    return await storeCall(clock, target.plan.storeMs, (signal) =>
      target.store.apply(writes, { signal }),
    )
  }

  /** Before they are settled: whoever dies in between leaves them to be applied, and removed, again. */
  async #removeTags(ended: readonly Ended[]): Promise<void> {
    const tags = new Set(ended.flatMap(({ record, applied }) => (applied ? record.removes : [])))
    if (tags.size > 0) await this.#parts.target.removeTags([...tags])
  }
}

function isGone({ kind }: SettleOutcome): boolean {
  return kind === 'discarded' || kind === 'dead'
}

function settleOf({ record, outcome }: Ended): SettleRequest {
  const { id, collection, shard, epoch, version } = record
  return { id, collection, shard, epoch, version, outcome }
}
