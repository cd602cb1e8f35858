/**
 * Writes that wait for the source, as atomic steps of the shared tier.
 *
 * A pending write *is* the entry of its key: a plain read finds it, nothing evicts it, and no
 * invalidation removes it before the source has it. Its version is the number of the step that took
 * it, so that writes of every policy have one order. Only `core/` and `write-behind/` call the steps;
 * the rules behind the words are in `docs/concepts/write-behind.md`. Defined by `sharedTierSuite`.
 */

import type { TierError } from './errors.ts'
import type { ShardMoment, SharedKey } from './shared-key.ts'

/** How far a write got before it was acknowledged, from the least to the most. */
export type Durability = 'memory' | 'appended' | 'fsynced' | `replicated(${number})`

export type WriteKind = 'create' | 'put' | 'remove'

export interface EnqueueRequest extends SharedKey {
  readonly kind: WriteKind
  /** What reads are to find; of a removal, the envelope that says that there is nothing. */
  readonly envelope: Uint8Array
  /** Of the entry that it becomes when the source has it. `Infinity`: no end. */
  readonly ttlMs: number
  readonly graceMs: number
  readonly tags: readonly string[]
  /** What to invalidate when the source has it. */
  readonly removes: readonly string[]
  /** How long it may wait for later writes of its key, which take its place. */
  readonly delayMs: number
  /** `every`: later writes of the key wait behind it, and none takes its place. */
  readonly keep: 'last' | 'every'
  /** Of its collection in its shard, with this one. */
  readonly most: QueueBound
}

/** What may wait. */
export interface QueueBound {
  readonly records: number
  readonly bytes: number
  /** And how long a write may have been due, milliseconds. Absent: as long as it takes. */
  readonly overdueMs?: number | undefined
}

/** What waits in one shard for one collection. */
export interface Backlog {
  readonly records: number
  readonly bytes: number
  /** Since when a write has been due, milliseconds; only where the bound asks for it. */
  readonly overdueMs?: number
}

export interface QueueState extends Backlog {
  readonly dead: number
  /** How long the oldest has waited; 0: none does. */
  readonly oldestMs: number
}

/** `sequence` is the version of the write. */
export type EnqueueAnswer = ShardMoment &
  (
    | { readonly kind: 'queued'; readonly backlog: Backlog }
    /** The source is being written through the cache. */
    | { readonly kind: 'writing' }
    | { readonly kind: 'full'; readonly backlog: Backlog }
  )

export interface TakeRequest {
  readonly shard: number
  readonly collection: string
  /**
   * Who asks: one at a time may take. Asked again, it goes on for `leaseMs` from now; where nothing is
   * due, for half of that at least, so that nothing has to be written each time.
   */
  readonly owner: string
  readonly leaseMs: number
  /** Records at most; 0: none, and the right to take is given back. */
  readonly limit: number
  /** Bytes of envelopes at most; one record is always answered. */
  readonly maxBytes: number
}

export interface PendingRecord extends SharedKey {
  readonly kind: WriteKind
  readonly epoch: string
  readonly version: number
  readonly envelope: Uint8Array
  readonly removes: readonly string[]
  /** Times that it was tried on its own account. */
  readonly attempts: number
  readonly queuedMs: number
}

export type TakeAnswer = ShardMoment & { readonly backlog: Backlog; readonly dead: number } & (
    | {
        readonly kind: 'taken'
        /** What is due, oldest first; of one key at most one. */
        readonly records: readonly PendingRecord[]
        /** This epoch and those before it: a version of any of them can be compared with the record's. */
        readonly epochs: readonly string[]
        /** Until the next is due; `undefined`: none waits beside those answered. */
        readonly nextMs: number | undefined
        readonly oldestMs: number
      }
    | { readonly kind: 'held'; readonly remainingMs: number }
  )

export type SettleOutcome =
  | { readonly kind: 'applied' }
  /** The source holds something newer, or refused it: what reads found must go. */
  | { readonly kind: 'discarded' }
  | { readonly kind: 'retry'; readonly delayMs: number }
  | { readonly kind: 'dead'; readonly error: string }
  /** The source holds a version that nobody here can compare: the record goes on above it. */
  | { readonly kind: 'raise'; readonly above: number }

export interface SettleRequest extends SharedKey {
  readonly epoch: string
  readonly version: number
  readonly outcome: SettleOutcome
  /** If it is lost with the machine, carrying the write out again changes nothing. @default false */
  readonly isRepeatable?: boolean
}

/**
 * `clean`: it is an ordinary entry now. `removed`: nothing stands in its place. `waits`: it is tried
 * again. `newer`: a later write of the key waits. `gone`: it was not there any more.
 */
export type SettleAnswer = ShardMoment & {
  readonly kind: 'clean' | 'removed' | 'waits' | 'newer' | 'gone'
}

/** A write that waits, with all that it takes to queue it elsewhere. */
export interface WaitingWrite extends PendingRecord {
  readonly ttlMs: number
  readonly graceMs: number
  readonly tags: readonly string[]
  /** Somebody is bringing it to the source. */
  readonly taken: boolean
}

export interface WaitingPage {
  readonly writes: readonly WaitingWrite[]
  readonly cursor: string | undefined
}

/** Of one key, or so many of all from the cursor on. */
export interface QueuePage {
  readonly id?: string | undefined
  readonly cursor?: string | undefined
  /** Keys, more or less. */
  readonly limit: number
}

export interface DeadLetter extends WaitingWrite {
  readonly error: string
  /** The server's, epoch milliseconds. */
  readonly diedAt: number
}

export interface DeadPage {
  readonly letters: readonly DeadLetter[]
  readonly cursor: string | undefined
}

/** Of a shard and a collection. */
export interface QueuePlace {
  readonly shard: number
  readonly collection: string
}

/** @throws TierError from every step if the tier cannot be asked. */
export interface PendingSteps {
  /** What an acknowledged write survives; known once the session is ready. */
  readonly durability: Promise<Durability>
  /** Takes writes: each is found by reads from then on, and carried out by whoever takes it. */
  enqueue(requests: readonly EnqueueRequest[]): Promise<readonly (EnqueueAnswer | TierError)[]>
  take(request: TakeRequest): Promise<TakeAnswer>
  /** After the source has answered; of a record that has changed meanwhile nothing is settled. */
  settle(requests: readonly SettleRequest[]): Promise<readonly (SettleAnswer | TierError)[]>
  /**
   * Makes writes due now, of one key or of all; answers the number that all of them are below. `upTo`:
   * only of keys that have one waiting which stands for a write at or before this number.
   */
  hasten(place: QueuePlace, id: string | undefined, upTo?: number): Promise<ShardMoment>
  /** Whether a write waits that was queued at or before this number, of one key or of any. */
  waits(place: QueuePlace, upTo: number, id: string | undefined): Promise<boolean>
  backlog(place: QueuePlace): Promise<QueueState>
  /** Every write that waits, in no order; of those that come or go meanwhile some may be left out. */
  list(place: QueuePlace, page: QueuePage): Promise<WaitingPage>
  dead(place: QueuePlace, page: QueuePage): Promise<DeadPage>
  /**
   * Queues dead letters again; answers how many. Where a later write of the key waits, the letter is gone;
   * where one through the cache is under way, it stays one.
   */
  revive(place: QueuePlace, ids: readonly string[]): Promise<number>
  /** Forgets dead letters; answers how many. */
  drop(place: QueuePlace, ids: readonly string[]): Promise<number>
}
