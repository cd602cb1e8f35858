/**
 * The atomic steps of a shard, for tiers that run in this machine's memory or on its disk.
 *
 * Each method is one step of `ShardLink`. The caller sees to it that nothing else happens to the
 * rows meanwhile: by being alone in its thread, and by a transaction where there is a file. The Redis
 * tier does the same in scripts; `sharedTierSuite` holds all of them to one behaviour.
 */

import type {
  DeadPage,
  EnqueueAnswer,
  EnqueueRequest,
  QueuePage,
  QueueState,
  SettleAnswer,
  SettleRequest,
  TakeAnswer,
  TakeRequest,
  WaitingPage,
} from '../contracts/pending-steps.ts'
import type { Random } from '../contracts/random.ts'
import type {
  AtomicAnswer,
  AtomicOperation,
  ClaimAnswer,
  ClaimRequest,
  EndIntentAnswer,
  EndIntentRequest,
  FillAnswer,
  FillRequest,
  FollowAnswer,
  FollowRequest,
  InstanceStanding,
  IntentAnswer,
  IntentRequest,
  Invalidation,
  ReleaseRequest,
  ScanPage,
  SetAnswer,
  ShardMoment,
  SharedKey,
  SharedReading,
  SharedSignal,
  SharedValue,
  TouchAnswer,
  TouchRequest,
} from '../contracts/shared-tier.ts'
import { atomicBatch } from './atomic-batch.ts'
import { beginIntents } from './begin-intents.ts'
import { claimLeases } from './claim-leases.ts'
import { endIntents } from './end-intents.ts'
import { endLeases } from './end-leases.ts'
import { enqueueWrites } from './enqueue-writes.ts'
import { fillValues } from './fill-values.ts'
import { followChanges } from './follow-changes.ts'
import { invalidateShard } from './invalidate-shard.ts'
import { lateStep } from './late-step.ts'
import { endOverdue } from './overdue-intents.ts'
import { deadPage, hastenWrites, queueState, reviveDead, waitingPage } from './queue-upkeep.ts'
import { renewLeases } from './renew-leases.ts'
import { scanKeys } from './scan-keys.ts'
import { servableEntries } from './servable-entries.ts'
import { sessionMark } from './session-mark.ts'
import { setValues } from './set-values.ts'
import { settleWrites } from './settle-writes.ts'
import type { Carried, Invalidated, Late, Sender } from './shard-link.ts'
import type { ShardRows } from './shard-rows.ts'
import { ShardState } from './shard-state.ts'
import { fenceCleanUp, type SweepIdleSlice, type SweptSlice, sweepIdle } from './sweep-idle.ts'
import { sweepPattern } from './sweep-pattern.ts'
import { STANDING_MS, sweepRows } from './sweep-rows.ts'
import { takeWrites } from './take-writes.ts'
import { touchEntries } from './touch-entries.ts'

export interface ShardEngineOptions {
  readonly rows: ShardRows
  /** @default 0 */
  readonly shard?: number
  /** The server's wall clock, epoch milliseconds. */
  readonly now: () => number
  /**
   * The host's clock for deadlines of leases and intents: milliseconds that never go back, the same
   * for all who use the rows. @default now
   */
  readonly monotonic?: () => number
  readonly random: Random
  /** Hears what followers and waiters are to be told, when a step has been carried out. */
  readonly announce?: (signal: SharedSignal) => void
}

/** Who follows. */
export interface Follower {
  readonly session: string
  /** The process, as people know it. */
  readonly instance: string
}

/** Stands for a session that has ended, for as long as a standing is kept. */
const LEFT_CURSOR = -1

/** Patterns whose slices are remembered at once; as many as a shard keeps. */
const MAX_SWEEPS = 100

export class ShardEngine {
  readonly #rows: ShardRows
  readonly #options: ShardEngineOptions
  /** Where the removal of a pattern has come to. Who has forgotten it begins anew. */
  readonly #sweeps = new Map<number, string>()

  constructor(options: ShardEngineOptions) {
    this.#options = options
    this.#rows = options.rows
  }

  /** Changes nothing but the times of last reading. Entries never stand beside an intent. */
  read(keys: readonly SharedKey[]): readonly SharedReading[] {
    return this.#step((state) => {
      const entries = servableEntries(
        state,
        keys.map(({ id }) => id),
      )
      if (entries.size > 0) this.#rows.noteRead([...entries.keys()], state.now)
      return keys.map(({ id }) => ({ entry: entries.get(id), ...state.moment }))
    })
  }

  claim(requests: readonly ClaimRequest[], leaseMs: number): readonly ClaimAnswer[] {
    return this.#step((state) => claimLeases(state, requests, leaseMs))
  }

  fill(values: readonly FillRequest[]): readonly FillAnswer[] {
    return this.#step((state) => fillValues(state, values))
  }

  renewLeases(requests: readonly ReleaseRequest[], leaseMs: number): void {
    this.#step((state) => renewLeases(state, requests, leaseMs))
  }

  release(requests: readonly ReleaseRequest[]): void {
    this.#step((state) => {
      const leases = this.#rows.leasesOf(requests.map(({ id }) => id))
      const mine = requests.filter(({ id, token, grant }) => {
        const lease = leases.get(id)
        return lease?.token === token && (grant === undefined || grant === lease.grant)
      })
      endLeases(
        state,
        mine.map(({ id }) => id),
      )
    })
  }

  set(sender: Sender, values: readonly SharedValue[]): Carried<SetAnswer> | Late {
    return this.#mutate(sender, 'held', (state) => setValues(state, values))
  }

  touch(sender: Sender, requests: readonly TouchRequest[]): Carried<TouchAnswer> | Late {
    return this.#mutate(sender, 'free', (state) => touchEntries(state, requests))
  }

  invalidate(sender: Sender, what: Invalidation): Invalidated | Late {
    return this.#step((state) => {
      const late = lateStep(state, sender, 'free')
      if (late !== undefined) return late
      const found = invalidateShard(state, what)
      return { late: undefined, found, moment: state.moment }
    }, sender)
  }

  atomic(sender: Sender, operations: readonly AtomicOperation[]): Carried<AtomicAnswer> | Late {
    return this.#mutate(sender, 'held', (state) => [atomicBatch(state, operations)])
  }

  /** One slice of what a pattern matches; `true` when there is nothing left to do. */
  sweepPattern(number: number, limit: number): boolean {
    return this.#step((state) => {
      const cursor = sweepPattern(state, { number, cursor: this.#sweeps.get(number), limit })
      this.#sweeps.delete(number)
      if (cursor === undefined) return true
      for (const oldest of this.#sweeps.keys()) {
        if (this.#sweeps.size < MAX_SWEEPS) break
        this.#sweeps.delete(oldest)
      }
      this.#sweeps.set(number, cursor)
      return false
    })
  }

  beginIntent(sender: Sender, requests: readonly IntentRequest[]): Carried<IntentAnswer> | Late {
    return this.#mutate(sender, 'held', (state) => beginIntents(state, requests))
  }

  endIntent(
    sender: Sender,
    requests: readonly EndIntentRequest[],
  ): Carried<EndIntentAnswer> | Late {
    return this.#mutate(sender, 'free', (state) => endIntents(state, requests))
  }

  enqueue(sender: Sender, requests: readonly EnqueueRequest[]): Carried<EnqueueAnswer> | Late {
    return this.#mutate(sender, 'held', (state) => enqueueWrites(state, requests))
  }

  take(request: TakeRequest): TakeAnswer {
    return this.#step((state) => takeWrites(state, request))
  }

  settle(requests: readonly SettleRequest[]): readonly SettleAnswer[] {
    return this.#step((state) => settleWrites(state, requests))
  }

  hasten(collection: string, id: string | undefined, upTo?: number): ShardMoment {
    return this.#step((state) => hastenWrites(state, collection, { id, upTo }))
  }

  waits(collection: string, upTo: number, id: string | undefined): boolean {
    return this.#rows.pending.hasUpTo(collection, upTo, id)
  }

  backlog(collection: string): QueueState {
    return this.#step((state) => queueState(state, collection))
  }

  list(collection: string, page: QueuePage): WaitingPage {
    return this.#step((state) => waitingPage(state, collection, page))
  }

  dead(collection: string, page: QueuePage): DeadPage {
    return this.#step((state) => deadPage(state, collection, page))
  }

  revive(ids: readonly string[]): number {
    return this.#step((state) => reviveDead(state, ids))
  }

  drop(ids: readonly string[]): number {
    return this.#rows.pending.removeDead(ids)
  }

  /** Writes nothing without a beat, unless the shard has to begin a new epoch. */
  follow({ session, instance }: Follower, request: FollowRequest): FollowAnswer {
    return this.#step((state) => {
      if (request.beat) {
        endOverdue(state)
        // The writes that it has ended are among the changes that are answered.
        state.save()
        const { epoch = '', cursor } = request
        const standing = { session, instance, epoch, cursor, at: state.tick }
        if (!this.#hasLeft(session, state.tick)) this.#rows.putStanding(standing)
      }
      return followChanges(state, request)
    })
  }

  standings(): readonly InstanceStanding[] {
    return this.#step(({ tick }) =>
      this.#rows.standings(tick - STANDING_MS).flatMap(({ instance, epoch, cursor, at }) => {
        if (cursor === LEFT_CURSOR) return []
        return [{ instance, epoch, cursor, ageMs: Math.max(0, tick - at) }]
      }),
    )
  }

  /** Noted as left, not removed: a beat may be on its way still. */
  leave(session: string): void {
    this.#step(({ tick }) => {
      const left = { session, instance: '', epoch: '', cursor: LEFT_CURSOR, at: tick }
      this.#rows.putStanding(left)
    })
  }

  scan(collection: string, cursor: string | undefined, limit: number): ScanPage {
    return this.#step((state) => scanKeys(state, { collection, cursor, limit }))
  }

  /** One slice of cleaning up. Answers where to go on, `undefined` at the end. */
  sweep(cursor: string | undefined, limit: number): string | undefined {
    return this.#step((state) => sweepRows(state, cursor, limit))
  }

  /** Only values that are there: rows of none are left alone. */
  noteRead(keys: readonly SharedKey[]): void {
    this.#step(({ now }) => {
      const found = this.#rows.entriesOf(keys.map(({ id }) => id))
      this.#rows.noteRead([...found.keys()], now)
    })
  }

  /** `false`: a clean-up with a greater token has begun. */
  fenceCleanUp(token: number): boolean {
    return this.#step((state) => fenceCleanUp(state, token))
  }

  /** `undefined`: overtaken. */
  sweepIdle(slice: SweepIdleSlice): SweptSlice | undefined {
    return this.#step((state) => sweepIdle(state, slice))
  }

  #hasLeft(session: string, tick: number): boolean {
    return this.#rows
      .standings(tick - STANDING_MS)
      .some((one) => one.session === session && one.cursor === LEFT_CURSOR)
  }

  #mutate<T>(
    sender: Sender,
    held: 'held' | 'free',
    run: (state: ShardState) => readonly T[],
  ): Carried<T> | Late {
    return this.#step((state) => {
      return lateStep(state, sender, held) ?? { late: undefined, answers: run(state) }
    }, sender)
  }

  #step<T>(run: (state: ShardState) => T, sender?: Sender): T {
    const { rows, shard = 0, now, monotonic = now, random, announce } = this.#options
    const told = announce !== undefined
    const clocks = { now: now(), tick: monotonic() }
    const mark = sender === undefined ? '' : sessionMark.of(sender.session)
    const state = new ShardState({ rows, shard, ...clocks, random, told, sender: mark })
    const answer = run(state)
    state.save()
    if (announce !== undefined) for (const signal of state.signals()) announce(signal)
    return answer
  }
}
