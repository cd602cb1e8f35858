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
import type { Report } from './events.ts'
import type { Random } from './random.ts'

/** What a user passes to `createCache`; made by `sqliteTier`, `memoryTier` and their like. */
export interface SharedTier {
  readonly kind: string
  /**
   * Opens the entries of one cache in this tier. Returns at once; steps wait until it is open, and
   * `ready` rejects if it cannot be.
   */
  open(context: SharedTierContext): SharedSession
}

export interface SharedTierContext {
  /** The cache's name: entries of two names never meet. */
  readonly name: string
  readonly clock: Clock
  readonly random: Random
  readonly report: Report
}

/** A key with what the tier must know of it. */
export interface SharedKey {
  /** The key as the tier stores it: unique over all collections of the cache. */
  readonly id: string
  /** The collection; removing all of it is one step. Empty for plain keys. */
  readonly collection: string
}

/** Where a shard stands as a step has left it, in the server's own words. */
export interface ShardMoment {
  /** Drawn anew whenever numbers could have been issued twice. */
  readonly epoch: string
  readonly sequence: number
  /** The server's wall clock, epoch milliseconds: freshness in the shared tier is judged by it. */
  readonly serverNow: number
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
  /** `refresh`: grant the lease although the entry is fresh. @default 'miss' */
  readonly reason?: 'miss' | 'refresh'
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
    /** Somebody else is loading, for at most this long. */
    | {
        readonly kind: 'wait'
        readonly remainingMs: number
        readonly entry: SharedEntry | undefined
      }
    /** The key is being written: read the source, and keep nothing. */
    | { readonly kind: 'writing' }
  )

export interface FillRequest extends SharedValue {
  readonly token: string
  /** From the claim that preceded the load. */
  readonly grant: number
  readonly epoch: string
}

/** `refused`: the lease was lost, so the value may be older than a change; nothing was stored. */
export type FillAnswer = ShardMoment & { readonly kind: 'stored' | 'refused' }

export interface ReleaseRequest extends SharedKey {
  readonly token: string
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

/** What to make unservable. `delete` and tags leave no grace, `expire` leaves it. */
export type Invalidation =
  | {
      readonly kind: 'keys'
      readonly keys: readonly SharedKey[]
      readonly mode: 'delete' | 'expire'
    }
  | { readonly kind: 'tags'; readonly tags: readonly string[] }
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
}

export interface ScanPage {
  readonly keys: readonly string[]
  /** Pass it back for the next page; `undefined` at the end. */
  readonly cursor: string | undefined
}

/**
 * The atomic steps. Each takes what one tick has gathered and answers in the same order; on several
 * shards or servers a step is atomic for each shard.
 *
 * @throws TierError from every step if the tier cannot be asked. A step that rejects may still have
 * been carried out.
 */
export interface SharedSession {
  /** Rejects if the tier cannot be opened, with what a person can do about it. */
  readonly ready: Promise<void>
  /** Time between two looks of one who waits for a lease, where the tier sends no message. */
  readonly waitPollMs: number

  /** Entries fresh or in grace, without changing anything. The hit path of the tier. */
  read(keys: readonly SharedKey[]): Promise<readonly SharedReading[]>
  /** After a miss: the entry after all, the lease, or the word to wait. Leases end by themselves. */
  claim(
    requests: readonly ClaimRequest[],
    options: { readonly leaseMs: number },
  ): Promise<readonly ClaimAnswer[]>
  /** Stores what was loaded, if the lease of that load still stands; ends the lease. */
  fill(values: readonly FillRequest[]): Promise<readonly FillAnswer[]>
  /** Gives leases back after loads that brought nothing to store. Others' leases are left alone. */
  release(requests: readonly ReleaseRequest[]): Promise<void>
  /** Stores values unconditionally; revokes leases, so that no running load overwrites them. */
  set(values: readonly SharedValue[]): Promise<readonly SetAnswer[]>
  /** Gives entries a new life from now, if they are still the ones that were seen. */
  touch(requests: readonly TouchRequest[]): Promise<readonly TouchAnswer[]>
  /** Makes entries unservable and revokes their leases, in a bounded number of writes. */
  invalidate(what: Invalidation): Promise<InvalidationAnswer>
  beginIntent(requests: readonly IntentRequest[]): Promise<readonly ShardMoment[]>
  /** Ends writes round the cache: the entries and the tags named are gone, the leases revoked. */
  endIntent(requests: readonly EndIntentRequest[]): Promise<readonly ShardMoment[]>
  /** Keys of a collection with an entry, page by page; may miss what changes meanwhile. */
  scan(collection: string, cursor: string | undefined, limit: number): Promise<ScanPage>
  /** Entries and bytes of this cache in the tier. */
  usage(): Promise<SharedUsage>
  close(): Promise<void>
}

export interface SharedUsage {
  readonly entries: number
  readonly bytes: number
  readonly maxBytes: number
}
