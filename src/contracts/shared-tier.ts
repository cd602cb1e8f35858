/**
 * The tier that processes share, as atomic steps.
 *
 * What must be atomic cannot be put together from a separate byte store, lock and bus. So the
 * contract is one: each method of `SharedSession` is one atomic step on each shard it touches,
 * whatever other processes do at the same moment. Only `core/` calls them. Defined by
 * `sharedTierSuite` in `tiercel/testing`; the rules behind the words are in
 * `docs/concepts/coherence.md`.
 *
 * One number, the *sequence* of a shard, is the version of a value, the stamp of a load, the number
 * of a tag and the token of a lease. Every change raises it. Numbers of two shards, or of two epochs,
 * are never compared.
 */

import type { Clock } from './clock.ts'
import type { TierError } from './errors.ts'
import type { Report } from './events.ts'
import type { IdleSteps } from './idle-steps.ts'
import type { LockSteps } from './lock-steps.ts'
import type { PendingSteps } from './pending-steps.ts'
import type { Random } from './random.ts'
import type { KeyPlace, ShardMoment, SharedKey } from './shared-key.ts'
import type { TierLimit } from './tier-limit.ts'

export type { KeyPlace, ShardMoment, SharedKey } from './shared-key.ts'

/** What a user passes to `createCache`; made by `sqliteTier`, `memoryTier` and their like. */
export interface SharedTier {
  readonly kind: string
  /** What it cannot give; absent: nothing is missing. Told in the log at start, but for what is `accepted`. */
  readonly limits?: readonly TierLimit[]
  readonly accepted?: readonly TierLimit[]
  /**
   * Opens the entries of one cache in this tier. Returns at once; steps wait until it is open, and
   * `ready` rejects if it cannot be.
   */
  open(context: SharedTierContext): SharedSession
}

export interface SharedTierContext {
  /** The cache's name: entries of two names never meet. */
  readonly name: string
  /** This process, as people know it; told to the others with each beat. */
  readonly instance: string
  readonly clock: Clock
  readonly random: Random
  readonly report: Report
  /**
   * How this process learns of changes. `poll`: by `follow` alone, so the tier can do without whatever
   * its signals take, and without the right to it.
   * @default 'push'
   */
  readonly follow?: 'push' | 'poll'
}

/** An entry as the tier holds it. Times are the server's, epoch milliseconds. */
export interface SharedEntry {
  readonly epoch: string
  /** The sequence at which the load of this value began, or at which it was set. */
  readonly stamp: number
  readonly storedAt: number
  /** `Infinity`: no end. */
  readonly freshUntil: number
  readonly graceUntil: number
  /** See `EnvelopeFormat`; the tier never looks inside. */
  readonly envelope: Uint8Array
  /** A write that waits for the source: no removal concerns it, and it has no end. */
  readonly pending?: true | undefined
  /** When a read was noted last, or when it was stored. Absent: the tier's own `read` notes it. */
  readonly readAt?: number | undefined
}

/** A value on its way into the tier. The tier adds its own time and number. */
export interface SharedValue extends SharedKey {
  readonly envelope: Uint8Array
  /** `Infinity`: no end. */
  readonly ttlMs: number
  readonly graceMs: number
  /** Besides the collection, which is a tag of all its entries. */
  readonly tags: readonly string[]
}

/** What one read found. `serverNow` comes with the entry, so that its age can be told. */
export type SharedReading = { readonly entry: SharedEntry | undefined } & ShardMoment

export interface ClaimRequest extends SharedKey {
  /** Who asks: new for each load. Asked again with the same token, the answer is the same. */
  readonly token: string
  /**
   * Grant the lease although the entry is fresh, if no more than this is left of its life: `Infinity` for
   * whatever stands there, less for what nobody else has renewed. Milliseconds. @default 0
   */
  readonly leftMs?: number
}

/**
 * What a claim was answered. `entry` is what may be served meanwhile: fresh, or in grace; a value
 * that was invalidated is never among the answers.
 */
export type ClaimAnswer = ShardMoment &
  (
    | { readonly kind: 'fresh'; readonly entry: SharedEntry }
    /** Load now, and `fill` with this number. */
    | { readonly kind: 'granted'; readonly grant: number; readonly entry: SharedEntry | undefined }
    /** Somebody else is loading, for at most this long; `grant` tells one lease from the next. */
    | {
        readonly kind: 'wait'
        readonly remainingMs: number
        readonly grant: number
        readonly entry: SharedEntry | undefined
      }
    /** The key is being written: read the source, and keep nothing. */
    | { readonly kind: 'writing' }
  )

export interface FillRequest extends Omit<SharedValue, 'envelope'> {
  /** `undefined`: the bytes that stand there are given this life; without them nothing is stored. */
  readonly envelope: Uint8Array | undefined
  readonly token: string
  /** From the claim that preceded the load. */
  readonly grant: number
  readonly epoch: string
}

/** `refused`: the lease was lost, so the value may be older than a change; nothing was stored. */
export type FillAnswer = ShardMoment & { readonly kind: 'stored' | 'refused' }

export interface ReleaseRequest extends SharedKey {
  readonly token: string
  /** Of the claim, where it was answered: a later lease of the same token is left alone. */
  readonly grant?: number | undefined
}

/** `writing`: an intent stands on the key; nothing was stored, and the entry is gone. */
export type SetAnswer = ShardMoment & { readonly kind: 'stored' | 'writing' }

export interface TouchRequest extends SharedKey {
  /** The entry that was seen: another one is left alone. */
  readonly epoch: string
  readonly stamp: number
  readonly ttlMs: number
  readonly graceMs: number
}

export type TouchAnswer = ShardMoment & { readonly kind: 'touched' | 'gone' }

/** `delete` leaves no grace, `expire` ends freshness and leaves it. */
export type RemovalMode = 'delete' | 'expire'

/** What to make unservable. */
export type Invalidation =
  | { readonly kind: 'keys'; readonly keys: readonly SharedKey[]; readonly mode: RemovalMode }
  | {
      readonly kind: 'tags'
      readonly tags: readonly string[]
      /** `all`: only entries that carry every one of them. */
      readonly match: 'any' | 'all'
      /** `expire` with `any` only. */
      readonly mode: RemovalMode
    }
  /** Keys of one collection whose text matches the glob. */
  | { readonly kind: 'pattern'; readonly collection: string; readonly pattern: string }
  | { readonly kind: 'collection'; readonly collection: string }
  | { readonly kind: 'clear' }

export interface InvalidationAnswer {
  /** Of `keys`: which had an entry that could have been served. */
  readonly found: readonly boolean[]
  readonly moments: readonly ShardMoment[]
}

/**
 * A write to the source that has begun. While it stands, nobody serves or fills the key from the
 * shared tier. It ends by `endIntent`, or by its deadline if its writer dies.
 */
export interface IntentRequest extends SharedKey {
  readonly token: string
  readonly deadlineMs: number
  /** What to invalidate when the write ends, also if its writer has died. */
  readonly tags: readonly string[]
}

export interface EndIntentRequest extends SharedKey {
  readonly token: string
  readonly tags: readonly string[]
  /** From the begin, if it was answered: another epoch means that its protection may be lost. */
  readonly begun: { readonly epoch: string; readonly number: number } | undefined
  /** The value to leave in the entry's place, if nothing came between. Absent: the entry is gone. */
  readonly value?: IntentValue | undefined
  /** The source has the write: an older one of the key that is a dead letter is not wanted any more. */
  readonly written?: boolean
}

/** A value that was written through. It is as old as the write's begin, not as its end. */
export type IntentValue = Pick<SharedValue, 'envelope' | 'ttlMs' | 'graceMs'> & {
  readonly valueTags: readonly string[]
}

/** `set`: the value stands in the entry's place. `removed`: nothing does. */
export type EndIntentAnswer = ShardMoment & { readonly kind: 'set' | 'removed' }

/** `pending`: a write of the key waits for the source, and was made due; nothing has begun. */
export type IntentAnswer = ShardMoment & { readonly kind: 'begun' | 'pending' }

/** One operation of an atomic batch. Reads see what stood before it. */
export type AtomicOperation =
  | { readonly op: 'read'; readonly key: SharedKey }
  | { readonly op: 'set'; readonly value: SharedValue }
  | { readonly op: 'delete'; readonly key: SharedKey }
  /** A new life from now for whatever entry there is, if it could be served. */
  | {
      readonly op: 'touch'
      readonly key: SharedKey
      readonly ttlMs: number
      readonly graceMs: number
    }

/** In the order of the operations. `writing`: an intent stands on a key that is set; nothing was done. */
export type AtomicAnswer = ShardMoment &
  (
    | { readonly kind: 'writing' }
    | {
        readonly kind: 'done'
        readonly answers: readonly (
          | { readonly op: 'read'; readonly entry: SharedEntry | undefined }
          | { readonly op: 'set' }
          | { readonly op: 'delete'; readonly found: boolean }
          | { readonly op: 'touch'; readonly touched: boolean }
        )[]
      }
  )

/** What changed, as followers are told. Closed set. */
export type Change =
  | { readonly kind: 'tag'; readonly tag: string; readonly mode: RemovalMode }
  /** Entries that carry all of them. */
  | { readonly kind: 'all-tags'; readonly tags: readonly string[] }
  | { readonly kind: 'collection'; readonly collection: string }
  | {
      readonly kind: 'pattern'
      readonly collection: string
      readonly pattern: string
      /** The removal of what it matches has not come to its end. */
      readonly active: boolean
    }

/**
 * One step's changes, told as they happen. Any hint may be missing, late, doubled or out of order:
 * `follow` repairs what hints leave out.
 */
export interface Hint {
  readonly kind: 'changes'
  readonly shard: number
  readonly epoch: string
  /** The numbers that the step took: with `first` one above the cursor, nothing was missed. */
  readonly first: number
  readonly last: number
  /** `mark` of the session whose step it was; empty: of none, as when the writes of the dead are ended. */
  readonly sender: string
  /** When the step was carried out, on the clock that answers `serverNow`. Absent: the tier does not tell. */
  readonly at?: number
  readonly changes: readonly (
    | Change
    | { readonly kind: 'keys'; readonly ids: readonly string[]; readonly mode: RemovalMode }
    /** Everything with an older stamp. */
    | { readonly kind: 'floor' }
  )[]
}

/** What a session tells of its own accord. */
export type SharedSignal =
  | Hint
  /** Something may have changed: follow. */
  | { readonly kind: 'doubt'; readonly shards: readonly number[] }
  /** Another connection, perhaps to another server: nothing is read before a follow. */
  | { readonly kind: 'reconnected'; readonly shards: readonly number[] }
  /** Locks were given back. */
  | { readonly kind: 'unlocked'; readonly names: readonly string[] }
  /** Leases of these keys ended: who waits for one may ask again. */
  | { readonly kind: 'released'; readonly ids: readonly string[] }

export interface FollowRequest {
  readonly shard: number
  /** As followed so far; `undefined` at first. Changes of another epoch are read from 0. */
  readonly epoch: string | undefined
  readonly cursor: number
  /** Whether this process's standing is noted for `standings`, which is a write. */
  readonly beat: boolean
}

/** What changed in a shard since the cursor: read from state, not from a log. */
export interface FollowAnswer extends ShardMoment {
  /** Entries with an older stamp are gone. */
  readonly floor: number
  /** Entries with tags and an older stamp are gone: numbers of their tags were forgotten. */
  readonly taggedFloor: number
  readonly changes: readonly ((Change | { readonly kind: 'bucket'; readonly bucket: number }) & {
    readonly number: number
  })[]
  /** All changes up to this number are in the answer; below `sequence`: there is another page. */
  readonly upTo: number
}

/** How far an instance has followed a shard, as of its last beat. */
export interface InstanceStanding {
  readonly instance: string
  readonly epoch: string
  readonly cursor: number
  /** By the server's clock. */
  readonly ageMs: number
}

export interface ScanPage {
  readonly keys: readonly string[]
  /** Pass it back for the next page; `undefined` at the end. */
  readonly cursor: string | undefined
}

/** In the order of the requests; where one shard could not be asked, the error in its places. */
export type Answers<T> = Promise<readonly (T | TierError)[]>

/**
 * The atomic steps. Each takes what one tick has gathered and answers in the same order; on several
 * shards or servers a step is atomic for each shard.
 *
 * @throws TierError from every step if the tier cannot be asked. A step that rejects may still have
 * been carried out.
 */
export interface SharedSession {
  /**
   * Rejects if the tier cannot be opened, with what a person can do about it. Asked for again, it may
   * resolve: what keeps a tier away may pass.
   */
  readonly ready: Promise<void>
  /** Time between two looks of one who waits for a lease or a lock, where no message wakes him. */
  readonly waitPollMs: number
  /** How many shards the cache has in this tier; at least 1. */
  readonly shards: number
  /** How this session hears of changes. `none`: only `follow` tells. */
  readonly hints: 'exact' | 'none'
  /** What hints of this session's own changes have as their `sender`. Short: two may have the same. */
  readonly mark: string
  place(key: SharedKey): KeyPlace
  /** Called once, before anything else: where signals go. */
  listen(listener: (signal: SharedSignal) => void): void

  /**
   * Entries as they stand, without changing anything: the hit path of the tier. Some tiers judge
   * them, others leave that to the reader, who knows the changes followed so far.
   */
  read(keys: readonly SharedKey[]): Answers<SharedReading>
  /** After a miss: the entry after all, the lease, or the word to wait. Leases end by themselves. */
  claim(
    requests: readonly ClaimRequest[],
    options: { readonly leaseMs: number },
  ): Answers<ClaimAnswer>
  /**
   * Stores what was loaded, if the lease of that load still stands; ends the lease. Without any life, it
   * leaves nothing in the entry's place.
   */
  fill(values: readonly FillRequest[]): Answers<FillAnswer>
  /** Leases that still stand last for so long from now on; those that have ended are left alone. */
  renewLeases(
    requests: readonly ReleaseRequest[],
    options: { readonly leaseMs: number },
  ): Promise<void>
  /** Gives leases back after loads that brought nothing to store. Others' leases are left alone. */
  release(requests: readonly ReleaseRequest[]): Promise<void>
  /** Stores values unconditionally; revokes leases, so that no running load overwrites them. */
  set(values: readonly SharedValue[]): Answers<SetAnswer>
  /** Gives entries a new life from now, if they are still the ones that were seen. */
  touch(requests: readonly TouchRequest[]): Answers<TouchAnswer>
  /** Makes entries unservable and revokes their leases, in a bounded number of writes. */
  invalidate(what: Invalidation): Promise<InvalidationAnswer>
  /** All of them as one atomic step of one shard, in which all their keys live. */
  atomic(operations: readonly AtomicOperation[]): Promise<AtomicAnswer>
  /** One slice of removing what a pattern matches; `true` when there is nothing left to do. */
  sweepPattern(shard: number, number: number): Promise<boolean>
  /** Begun again with the same token, a write goes on under its first begin. */
  beginIntent(requests: readonly IntentRequest[]): Answers<IntentAnswer>
  /** Ends writes to the source: the leases are revoked, the tags named are gone. */
  endIntent(requests: readonly EndIntentRequest[]): Answers<EndIntentAnswer>
  follow(request: FollowRequest): Promise<FollowAnswer>
  /** Instances whose last beat is at most 10 s old. */
  standings(shard: number): Promise<readonly InstanceStanding[]>
  /**
   * Takes this session's standing back in every shard, so that nobody waits for it any more; a beat of it
   * that comes later notes none. Before `close`; never rejects, and where it was not told, the standing
   * ends by its age.
   */
  leave(): Promise<void>
  /** Keys of a collection with an entry, page by page; may miss what changes meanwhile. */
  scan(collection: string, cursor: string | undefined, limit: number): Promise<ScanPage>
  /** Entries and bytes of this cache in the tier. */
  usage(): Promise<SharedUsage>
  readonly locks: LockSteps
  readonly pending: PendingSteps
  readonly idle: IdleSteps
  close(): Promise<void>
}

export interface SharedUsage {
  readonly entries: number
  readonly bytes: number
  /** `Infinity`: nothing bounds it but the machine. */
  readonly maxBytes: number
}
