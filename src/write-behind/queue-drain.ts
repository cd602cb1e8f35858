/**
 * Carries out the writes of one collection in one shard: takes what is due, brings it to the store,
 * settles what became of it, one batch after the other.
 *
 * Every instance has one; the shard lets one of them take at a time. It is a loop of timers: nothing
 * runs while nothing is due.
 */

import type { Clock } from '../contracts/clock.ts'
import type { QueueEvent, Report } from '../contracts/events.ts'
import type {
  PendingRecord,
  PendingSteps,
  SettleOutcome,
  SettleRequest,
  TakeAnswer,
} from '../contracts/pending-steps.ts'
import type { Random } from '../contracts/random.ts'
import type { CacheKey, StoreOutcome, StoreWrite } from '../contracts/source.ts'
import type { DrainTarget } from '../contracts/write-behind.ts'
import { applyBatch, type WriteOutcome } from './apply-batch.ts'
import { backoffMs } from './backoff.ts'
import { loadFrom } from './load-from.ts'
import { type MergedOutcome, type MergeParts, mergeConflicts } from './merge-conflicts.ts'
import { settledBy, wordsOf } from './settle-outcomes.ts'
import { storeCall } from './store-call.ts'

/** The right to take ends by itself after this long; another instance goes on then. */
const LEASE_MS = 10_000
/** How often to look for writes of other instances. */
const LOOK_MS = 500
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

type Taken = Extract<TakeAnswer, { readonly kind: 'taken' }>
type Write = StoreWrite<CacheKey, unknown>

/** A write that is to be settled. */
interface Ended {
  readonly record: PendingRecord
  readonly outcome: SettleOutcome
  /** The store has it, as it is or merged. */
  readonly applied: boolean
}

export class QueueDrain {
  readonly counts: DrainCounts = { settled: 0, dead: 0 }
  /** Records that wait, as far as is known here: when the shard has answered last. */
  waiting = 0
  readonly #parts: QueueDrainParts
  #cancel: (() => void) | undefined
  #dueAt = Number.POSITIVE_INFINITY
  #running: Promise<void> | undefined
  /** Rounds in a row in which the store, or the tier, was not there. */
  #failures = 0
  #closed = false

  constructor(parts: QueueDrainParts) {
    this.#parts = parts
    this.wake(LOOK_MS * parts.random.next())
  }

  /** Looks after `delayMs`, or sooner if that was planned already. */
  wake(delayMs: number): void {
    const { clock } = this.#parts
    const at = clock.monotonic() + delayMs
    // While the store is away, nothing but time brings it back.
    if (this.#closed || at >= this.#dueAt || this.#failures > 0) return
    if (this.#running === undefined) this.#plan(delayMs)
    else this.#dueAt = at
  }

  /** From now on nothing is taken; resolves when what is under way has ended. */
  async close(): Promise<void> {
    this.#closed = true
    this.#cancel?.()
    this.#cancel = undefined
    await this.#running
    const { steps, target, shard, owner } = this.#parts
    const request = { shard, collection: target.collection, owner, leaseMs: 1, maxBytes: 0 }
    // The right is given back, so that nobody waits for its end.
    await steps.take({ ...request, limit: 0 }).catch(() => {})
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
      const plannedMs = this.#dueAt - this.#parts.clock.monotonic()
      this.#plan(Math.min(nextMs, Math.max(0, plannedMs)))
    })
  }

  /** One batch. Answers when to look again; never rejects. */
  async #round(): Promise<number> {
    const { steps, target, shard, owner, random } = this.#parts
    const { collection, plan } = target
    try {
      const { batch: limit, batchBytes: maxBytes } = plan
      const request = { shard, collection, owner, leaseMs: LEASE_MS, limit, maxBytes }
      const answer = await steps.take(request)
      this.waiting = answer.backlog.records
      if (answer.kind === 'held') {
        return Math.min(answer.remainingMs, LEASE_MS) + LOOK_MS * random.next()
      }
      if (answer.records.length === 0) {
        this.#failures = 0
        return Math.min(answer.nextMs ?? LOOK_MS, LOOK_MS)
      }
      const isThere = await this.#carryOut(answer)
      this.#failures = isThere ? 0 : this.#failures + 1
    } catch {
      // The tier did not answer, and has told so: what was taken is taken again.
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
    for (const record of taken.records) {
      try {
        writes.push(await target.writeOf(record))
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
    if (ended.length > 0) await this.#parts.steps.settle(ended.map(settleOf))
    // Who flushed here reads what the source has at once; other instances are told.
    target.forget(ended.flatMap(({ record, outcome }) => (isGone(outcome) ? record.id : [])))
    this.#tell(taken, ended)
    return outcomes.length === 0 || outcomes.some(({ kind }) => kind !== 'away')
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
      apply: (some) => applyBatch((few) => this.#ask(few), some),
    }
    return await mergeConflicts(parts, writes, outcomes)
  }

  async #apply(writes: readonly Write[]): Promise<readonly WriteOutcome[]> {
    if (writes.length === 0) return []
    const ask = (some: typeof writes): Promise<readonly StoreOutcome[]> => this.#ask(some)
    // While it is away, one write is enough to see whether it is back.
    const [first, ...others] = writes
    if (this.#failures === 0 || first === undefined || others.length === 0) {
      return await applyBatch(ask, writes)
    }
    const [probe] = await applyBatch(ask, [first])
    if (probe === undefined || probe.kind === 'away') {
      const last = others.at(-1)
      const [second] = last === undefined ? [] : await applyBatch(ask, [last])
      if (second === undefined || second.kind === 'away') {
        const error = probe?.kind === 'away' ? probe.error : undefined
        return writes.map(() => ({ kind: 'away', error }))
      }
    }
    return await applyBatch(ask, writes)
  }

  async #ask(writes: readonly Write[]): Promise<readonly StoreOutcome[]> {
    const { clock, target } = this.#parts
    return await storeCall(clock, target.plan.storeMs, (signal) =>
      target.store.apply(writes, { signal }),
    )
  }

  /** Before they are settled: whoever dies in between leaves them to be applied, and removed, again. */
  async #removeTags(ended: readonly Ended[]): Promise<void> {
    const tags = new Set(ended.flatMap(({ record, applied }) => (applied ? record.removes : [])))
    if (tags.size > 0) await this.#parts.target.removeTags([...tags])
  }

  #tell({ backlog, oldestMs }: Taken, ended: readonly Ended[]): void {
    const { report, target } = this.#parts
    const counts = new Map<QueueEvent['state'], number>()
    let error: unknown
    for (const one of ended) {
      const state = stateOf(one)
      if (state !== undefined) counts.set(state, (counts.get(state) ?? 0) + 1)
      if (one.outcome.kind === 'dead') error ??= one.outcome.error
    }
    const done = (counts.get('applied') ?? 0) + (counts.get('superseded') ?? 0)
    const dead = counts.get('dead') ?? 0
    this.waiting = Math.max(0, this.waiting - done - dead)
    this.counts.settled += done
    this.counts.dead += dead
    for (const [state, count] of counts) {
      const { records } = backlog
      report({
        type: 'queue',
        pattern: target.pattern,
        state,
        count,
        waiting: Math.max(0, records - done - dead),
        oldestMs,
        error: state === 'dead' ? error : undefined,
      })
    }
  }
}

function isGone({ kind }: SettleOutcome): boolean {
  return kind === 'discarded' || kind === 'dead'
}

const STATES = {
  applied: 'applied',
  discarded: 'superseded',
  retry: 'retried',
  dead: 'dead',
  raise: undefined,
} as const

/** What was merged is in the source, although nothing of it stays in the cache. */
function stateOf({ outcome, applied }: Ended): QueueEvent['state'] | undefined {
  return applied ? 'applied' : STATES[outcome.kind]
}

function settleOf({ record, outcome }: Ended): SettleRequest {
  const { id, collection, shard, epoch, version } = record
  return { id, collection, shard, epoch, version, outcome }
}
