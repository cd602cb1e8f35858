/**
 * Carries out the writes of one collection in one shard: takes what is due, brings it to the store, one
 * batch after the other, and settles what became of each while the store has the next.
 *
 * Every instance has one; the shard lets one of them take at a time. It is a loop of timers: while nothing
 * is due, a look once in a while, which the tier answers without writing anything.
 */

import type { Clock } from '../contracts/clock.ts'
import { TierError } from '../contracts/errors.ts'
import type { Report } from '../contracts/events.ts'
import type { PendingRecord, PendingSteps } from '../contracts/pending-steps.ts'
import type { Random } from '../contracts/random.ts'
import type { CacheKey, StoreOutcome, StoreWrite } from '../contracts/source.ts'
import type { DrainTarget, QueueTold } from '../contracts/write-behind.ts'
import { applyBatch, type WriteOutcome } from './apply-batch.ts'
import { backoffMs } from './backoff.ts'
import { DrainTelling, type Ended, MOST_DEAD, type Taken } from './drain-telling.ts'
import { loadFrom } from './load-from.ts'
import { type MergedOutcome, type MergeParts, mergeConflicts } from './merge-conflicts.ts'
import { PagePace } from './page-pace.ts'
import { readRecords } from './read-records.ts'
import { SettleLine, type SettleLineParts } from './settle-line.ts'
import { settledBy } from './settle-outcomes.ts'
import { type StoreCallParts, storeCall } from './store-call.ts'
import { StorePace } from './store-pace.ts'
import { RightLostError, TakingRight } from './taking-right.ts'

/** How often to look for writes of other instances, which may be due before those that are known here. */
const LOOK_MS = 500
/** Where nothing has waited for so many looks. Those who write tell their own instance alone, which may die. */
const IDLE_LOOK_MS = 1_000
const MANY_LOOKS = 20
/** Rounds in a row without the store, some seconds, before another instance is let to try. */
const FEW_FAILURES = 4
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

/** Merged before, where the answer was lost, it stands there under its own version, and on another base. */
function hasCome({ version, epoch }: PendingRecord, came: MergedOutcome): boolean {
  if (came.kind === 'superseded') return came.by === BigInt(version) && came.byEpoch === epoch
  return came.kind === 'applied' || came.kind === 'merged'
}

export class QueueDrain {
  readonly counts: DrainCounts = { settled: 0, dead: 0 }
  /** Records that wait, as far as is known here: when the shard has answered last. */
  #waiting = 0
  #bytes = 0
  /** Letters of the queue, as far as is known here. */
  #dead = 0
  /** Of the numbers of that answer; where they begin anew, so may the queue. */
  #epoch: string | undefined
  /** Another instance takes them. */
  #isHeld = false
  /** On the monotonic clock: since when the oldest has waited, as far as is known here. */
  #oldestAt = 0
  readonly #parts: QueueDrainParts
  readonly #pace = new StorePace()
  readonly #pages: PagePace
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
  /** Ends calls that nobody waits for any longer. */
  readonly #ending = new AbortController()

  constructor(parts: QueueDrainParts) {
    this.#parts = parts
    const { shard, target, steps, owner, clock } = parts
    const place = { shard, collection: target.collection }
    this.#pages = new PagePace(target.plan.batch)
    this.#telling = new DrainTelling({ clock, report: parts.report, pattern: target.pattern })
    this.#right = new TakingRight({ steps, place, owner, clock, storeMs: target.plan.storeMs })
    this.wake(LOOK_MS * parts.random.next())
  }

  get pattern(): string {
    return this.#parts.target.pattern
  }

  get waiting(): number {
    return this.#waiting
  }

  /** Of the values of writes that wait, as the shard has answered last. */
  get bytes(): number {
    return this.#waiting === 0 ? 0 : this.#bytes
  }

  /** Of the oldest write that waits; `undefined`: another instance takes them. */
  get oldestMs(): number | undefined {
    if (this.#waiting === 0) return 0
    return this.#isHeld ? undefined : this.#parts.clock.monotonic() - this.#oldestAt
  }

  /** What the shard has said: of those who wait, and under which epoch. */
  heard({ epoch, records, bytes }: QueueTold): void {
    const lost = this.#waiting - records
    const isAnew = this.#epoch !== undefined && this.#epoch !== epoch
    this.#epoch = epoch
    if (this.#waiting === 0) this.#oldestAt = this.#parts.clock.monotonic()
    this.#waiting = records
    this.#bytes = bytes
    if (isAnew && lost > 0) this.#telling.lost(lost, records)
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

  /**
   * From now on nothing is taken; resolves when what is under way has ended, or was given up since `late` has
   * aborted. Then nobody knows what the store is still doing, and the right ends by itself.
   */
  async close(late: AbortSignal): Promise<void> {
    this.#closed = true
    this.#cancel?.()
    this.#cancel = undefined
    const end = (): void => this.#ending.abort(new RightLostError())
    if (late.aborted) end()
    else late.addEventListener('abort', end, { once: true })
    const wasRunning = this.#running !== undefined
    await this.#running
    late.removeEventListener('abort', end)
    if (!wasRunning || !late.aborted) await this.#right.giveBack()
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

  /** What is taken at once. Answers when to look again; never rejects. */
  async #round(): Promise<number> {
    const { target, random } = this.#parts
    try {
      const { batch, batchBytes } = target.plan
      const answer = await this.#right.take(batch * this.#pages.batches, batchBytes)
      this.heard({ epoch: answer.epoch, ...answer.backlog })
      this.#dead = answer.dead
      this.#isHeld = answer.kind === 'held'
      if (answer.kind === 'held') {
        // Whoever has it now may reach the store; that says nothing of the way from here.
        if (!this.#isDoubtful) this.#failures = 0
        return Math.min(answer.remainingMs, this.#right.leaseMs) + LOOK_MS * random.next()
      }
      if (answer.records.length === 0) {
        this.#failures = 0
        this.#emptyLooks = answer.backlog.records === 0 ? this.#emptyLooks + 1 : 0
        const lookMs = this.#emptyLooks > MANY_LOOKS ? IDLE_LOOK_MS : LOOK_MS
        return Math.max(LEAST_LOOK_MS, Math.min(answer.nextMs ?? lookMs, lookMs))
      }
      this.#emptyLooks = 0
      this.#oldestAt = this.#parts.clock.monotonic() - answer.oldestMs
      const isThere = await this.#carryOut(answer)
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
    const { target, steps, clock } = this.#parts
    const { batch } = target.plan
    const settled: SettleLineParts['settled'] = (...what) => this.#settled(taken, ...what)
    const line = new SettleLine({ target, steps, settled })
    const beganAt = clock.monotonic()
    let batches = 0
    let left = false
    let isThere = true
    try {
      // Those that come too late for `close` are due still, for whoever takes them next.
      while (batches * batch < taken.records.length && isThere && !line.hasFailed) {
        if (this.#closed && batches > 0) break
        const from = batches * batch
        const came = await this.#carryOutBatch(taken, taken.records.slice(from, from + batch))
        batches += 1
        line.add(came.ended)
        left ||= came.left
        isThere = came.isThere
        this.#isDoubtful = !isThere
      }
    } finally {
      await line.end()
    }
    this.#pages.took(clock.monotonic() - beganAt, batches)
    // The store may be there for another instance: its way to it is its own. Not for a moment's trouble, since
    // whoever is alone waits for nobody then.
    if (left || (!isThere && this.#failures >= FEW_FAILURES)) await this.#handOver()
    return isThere
  }

  async #carryOutBatch(
    taken: Taken,
    records: readonly PendingRecord[],
  ): Promise<{
    readonly ended: readonly Ended[]
    /** Some can be read by another release alone. */
    readonly left: boolean
    readonly isThere: boolean
  }> {
    const { target, random } = this.#parts
    const { writes, written, ended: unasked, left } = await readRecords(target, records, random)
    const ended = [...unasked]
    const outcomes = await this.#merged(writes, await this.#apply(writes))
    const judging = { epochs: taken.epochs, attempts: target.plan.attempts, random }
    for (const [at, record] of written.entries()) {
      const came = outcomes[at]
      const outcome = came && settledBy(record, came, judging)
      const applied = came !== undefined && hasCome(record, came)
      if (outcome !== undefined) ended.push({ record, outcome, applied })
    }
    const away = outcomes.find(({ kind }) => kind === 'away')
    const isThere = away === undefined || outcomes.some(({ kind }) => kind !== 'away')
    if (!isThere && away?.kind === 'away') this.#telling.away(away.error, taken)
    return { ended, left, isThere }
  }

  #settled({ oldestMs }: Taken, ...[ended, answers]: Parameters<SettleLineParts['settled']>): void {
    const before = { waiting: this.#waiting, oldestMs, dead: this.#dead }
    const { done, dead } = this.#telling.ended(before, ended, answers)
    this.#dead = Math.min(MOST_DEAD, this.#dead + dead)
    this.#waiting = Math.max(0, this.#waiting - done - dead)
    this.counts.settled += done
    this.counts.dead += dead
  }

  /**
   * Some of it can be read by another release alone, or the store is out of reach from here: those who were
   * told that the queue is held come back within the time of the right. Seldom, or what this instance can
   * carry out itself would wait.
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
    const { target } = this.#parts
    const { merge } = target
    if (merge === undefined) return outcomes
    const parts: MergeParts = {
      merge: (mine, theirs, key) =>
        storeCall({ ...this.#calling, who: 'function `merge`' }, () => merge(mine, theirs, key)),
      load: (keys) =>
        loadFrom(
          {
            store: target.store,
            call: async (ask) => {
              await this.#right.keep()
              return await storeCall(this.#calling, ask)
            },
            pace: this.#pace,
          },
          keys,
        ),
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
    const { target } = this.#parts
    await this.#right.keep()
    this.#ending.signal.throwIfAborted()
    const call = this.#telling.storeCall(writes.length)
    try {
      const apply = (signal: AbortSignal) => target.store.apply(writes, { signal })
      const outcomes = await storeCall(this.#calling, apply)
      call.ended('answered', undefined)
      return outcomes
    } catch (error) {
      call.ended('failed', error)
      throw error
    }
  }

  get #calling(): StoreCallParts {
    const { clock, target } = this.#parts
    return { clock, mostMs: target.plan.storeMs, ending: this.#ending.signal }
  }
}
