/**
 * The way from a session to the shards that do its steps: in this memory, in a worker with a file, on
 * a Redis server, or in a simulation that loses and doubles what travels.
 *
 * `ShardClient` is the session's half: it places keys, numbers the mutations and puts answers together.
 * A link carries one step of one shard and knows nothing of the others. Answers are those of
 * `ShardEngine`, which is the same steps without the way.
 */

import type {
  CleanUpNote,
  IdleSteps,
  SweepIdleAnswer,
  SweepIdleRequest,
} from '../contracts/idle-steps.ts'
import type { LockSteps } from '../contracts/lock-steps.ts'
import type {
  Durability,
  EnqueueAnswer,
  EnqueueRequest,
  PendingSteps,
  SettleAnswer,
  SettleRequest,
  TakeAnswer,
  TakeRequest,
} from '../contracts/pending-steps.ts'
import type {
  Answers,
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
  SharedUsage,
  SharedValue,
  TouchAnswer,
  TouchRequest,
} from '../contracts/shared-tier.ts'

/**
 * Who sends a mutation, and as which: a step that was given up may still arrive after its successors,
 * and must not undo them (protocol rule 10).
 */
export interface Sender {
  /** New with each session. */
  readonly session: string
  /** Grows with each mutation that the session sends to the shard. */
  readonly operation: number
  /** Of the shard, as the sender knows it; empty if it does not. `set`, `atomic` and `beginIntent` are held to it. */
  readonly epoch: string
  /** The server's time, in milliseconds, up to which these three are worth carrying out; absent: for ever. */
  readonly until?: number | undefined
}

/**
 * The step was not carried out. `overtaken`: a later one of the same session was. `epoch`: numbers have
 * begun anew since the sender last heard, so nobody can tell. `overdue`: its caller was told long ago
 * that it had not been answered.
 */
export interface Late {
  readonly late: 'overtaken' | 'epoch' | 'overdue'
  readonly moment: ShardMoment
}

export interface Carried<T> {
  readonly late: undefined
  readonly answers: readonly T[]
}

export type Numbered<T> = Promise<Carried<T> | Late>

/** Everything rejects with a `TierError` where the shard could not be asked. */
export interface ShardLink {
  readonly ready: Promise<void>
  readonly shards: number
  readonly hints: 'exact' | 'none'
  readonly waitPollMs: number
  readonly locks: LockSteps
  listen(listener: (signal: SharedSignal) => void): void

  /** Keys of any shards; `shards` in the same order. */
  read(keys: readonly SharedKey[], shards: readonly number[]): Answers<SharedReading>
  claim(
    shard: number,
    requests: readonly ClaimRequest[],
    leaseMs: number,
  ): Promise<readonly ClaimAnswer[]>
  fill(shard: number, values: readonly FillRequest[]): Promise<readonly FillAnswer[]>
  renewLeases(shard: number, requests: readonly ReleaseRequest[], leaseMs: number): Promise<void>
  release(shard: number, requests: readonly ReleaseRequest[]): Promise<void>
  set(shard: number, sender: Sender, values: readonly SharedValue[]): Numbered<SetAnswer>
  touch(shard: number, sender: Sender, requests: readonly TouchRequest[]): Numbered<TouchAnswer>
  /** `found` and one moment; of `keys`, only those of the shard are named. */
  invalidate(shard: number, sender: Sender, what: Invalidation): Promise<Invalidated | Late>
  /** All keys are of the shard; one answer. */
  atomic(
    shard: number,
    sender: Sender,
    operations: readonly AtomicOperation[],
  ): Numbered<AtomicAnswer>
  sweepPattern(shard: number, number: number): Promise<boolean>
  beginIntent(
    shard: number,
    sender: Sender,
    requests: readonly IntentRequest[],
  ): Numbered<IntentAnswer>
  endIntent(
    shard: number,
    sender: Sender,
    requests: readonly EndIntentRequest[],
  ): Numbered<EndIntentAnswer>
  readonly pending: PendingLink
  readonly idle: IdleLink
  follow(session: string, request: FollowRequest): Promise<FollowAnswer>
  /** Takes the standing of a session back; none of its beats that come later notes another. */
  leave(shard: number, session: string): Promise<void>
  standings(shard: number): Promise<readonly InstanceStanding[]>
  scan(collection: string, cursor: string | undefined, limit: number): Promise<ScanPage>
  usage(): Promise<SharedUsage>
  close(): Promise<void>
}

/** The steps of `PendingSteps`, of one shard each. */
export interface PendingLink {
  readonly durability: Promise<Durability>
  enqueue(
    shard: number,
    sender: Sender,
    requests: readonly EnqueueRequest[],
  ): Numbered<EnqueueAnswer>
  take(request: TakeRequest): Promise<TakeAnswer>
  settle(shard: number, requests: readonly SettleRequest[]): Promise<readonly SettleAnswer[]>
  hasten: PendingSteps['hasten']
  waits: PendingSteps['waits']
  backlog: PendingSteps['backlog']
  list: PendingSteps['list']
  dead: PendingSteps['dead']
  revive: PendingSteps['revive']
  drop: PendingSteps['drop']
}

/** The steps of `IdleSteps`; where they are of one shard, it is named. */
export interface IdleLink {
  note(shard: number, keys: readonly SharedKey[], everyMs: number): Promise<void>
  /** From now on slices of smaller tokens remove nothing in the shard. */
  fence(shard: number, token: number): Promise<void>
  /** Its cursor leads through all shards. */
  sweep(request: SweepIdleRequest): Promise<SweepIdleAnswer>
  saved(): Promise<CleanUpNote | undefined>
  save: IdleSteps['save']
}

export interface Invalidated {
  readonly late: undefined
  readonly found: readonly boolean[]
  readonly moment: ShardMoment
}
