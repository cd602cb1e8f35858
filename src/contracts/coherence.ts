/**
 * What this process knows of changes in the shared tier, and what may therefore be served.
 *
 * `core/` asks, `coherence/` answers. It follows each shard by its own cursor and performs no I/O but
 * the steps of `SharedSession`. The rules behind the words are in `docs/concepts/coherence.md`.
 */

import type { Change, Hint, RemovalMode, ShardMoment, SharedKey } from './shared-tier.ts'

/** How far a shard had been followed when a value was asked for. */
export interface Position {
  readonly shard: number
  /** Empty: the shard has never been followed. */
  readonly epoch: string
  /** Every change up to this number is known here. */
  readonly cursor: number
}

/** A value's place in the order of changes: of an entry in a shared tier, or of a copy of it. */
export interface Stamped {
  readonly epoch: string
  /** The sequence at which its load began, or at which it was set: tags and floors are judged by it. */
  readonly stamp: number
}

/** A copy in this process. */
export interface Copied extends Stamped {
  /** Changes of the key up to this number are in it. */
  readonly asOf: number
  /** Loaded or set while the tier did not answer: served for a short time, blind or not. */
  readonly blind: boolean
}

/**
 * Whether a value may be served. `expired`: from grace only, since a tag was expired. `gone`: not at
 * all. `unsure`: the shard has not been followed for too long to say.
 */
export type Verdict = 'stands' | 'expired' | 'gone' | 'unsure'

/** A change as it was heard of. A follow tells of keys by their bucket, and not which of it they are. */
export type HeardChange =
  | Hint['changes'][number]
  | { readonly kind: 'bucket'; readonly bucket: number }

/** Hears what changes; must not throw, must return at once. */
export interface CoherenceListener {
  /** Exactly these keys changed: copies that are older go, and loads under way are not kept. */
  changed(
    ids: readonly string[],
    change: { readonly number: number; readonly mode: RemovalMode },
  ): void
  /** Copies are to be judged again before they are served: those with tags, or all. */
  doubt(which: 'tagged' | 'all'): void
  /** On the monotonic clock: until when copies may be served without being judged again. */
  trustUntil(moment: number): void
  /** Numbers of this shard begin anew: writes under way must begin again. */
  renewed(shard: number): void
  /**
   * For whoever counts: changes that this instance did not make, each told once. `replayed`: found by a
   * follow, and no message has told it a second later. What all shards are told is told by the first.
   */
  invalidated(changes: readonly HeardChange[], origin: 'remote' | 'replayed'): void
  /** Leases of these keys ended: whoever waits for one may ask again. Passed on as it is heard. */
  released(ids: readonly string[]): void
  /** Locks were given back. Passed on as it is heard. */
  unlocked(names: readonly string[]): void
}

export interface Coherence {
  /**
   * Resolves when each shard has been followed for the first time, or could not be; never rejects.
   * `undefined` from then on. Who waits for it finds numbers to go by.
   */
  readonly beginning: Promise<void> | undefined
  /** Taken before a value is asked for. */
  position(key: SharedKey): Position
  /** Of each shard, before values of many keys are asked for. */
  positions(): readonly Position[]
  /** Whether a value asked for at `position` may be kept: nothing has touched its key since. */
  survives(key: SharedKey, position: Position): boolean
  /** What the tier answered, judged by all that is known here. Takes the tags of the value. */
  judgeEntry(key: SharedKey, entry: Stamped, tags: readonly string[]): Verdict
  /** A copy in this process. `unsure`: blind for longer than `maxBlindness`. */
  judgeCopy(key: SharedKey, copy: Copied, tags: readonly string[]): Verdict
  /** Whether the plain read of the tier may be used; otherwise its steps judge for themselves. */
  readable(key: SharedKey): boolean
  /** Followed within the last second. */
  connected(key: SharedKey): boolean
  /** Whether a tag was removed elsewhere after `position`, longer ago than a reader may be behind. */
  tagsRemovedSince(position: Position): boolean
  /** Follows the shard now. `true`: everything up to the moment of this call is known. */
  catchUp(shard: number): Promise<boolean>
  /**
   * A removal of this process was carried out: it is judged by from now on, before its hint comes. What
   * the plain read answers may still be what was removed.
   */
  learn(
    moment: Pick<ShardMoment, 'shard' | 'epoch' | 'sequence'>,
    changes: readonly (Change | { readonly kind: 'floor' })[],
  ): void
  /** This process took that number for a change: a follow that finds it tells nothing new. */
  made(moment: Pick<ShardMoment, 'shard' | 'epoch' | 'sequence'>): void
  /** An answer of the tier named this epoch: if another is known here, the shard is followed. */
  note(shard: number, epoch: string): void
  /** This process removed a pattern under `number`: what it matches is removed slice by slice. */
  sweep(shard: number, number: number): void
  readonly state: CoherenceState
  close(): void
}

export interface CoherenceState {
  readonly shards: number
  /** Followed within the last second. */
  readonly connected: number
  /** Longest time since a follow was sent that was answered; `Infinity`: never. */
  readonly blindMs: number
  readonly hints: number
  /** Numbers that no hint told, found by a follow. A late hint has a second to come. */
  readonly gaps: number
  readonly follows: number
  readonly epochs: number
  /**
   * How long changes of others took until they were known here, at most: of the last 1,000 messages, and
   * follows that found what no message has told. `undefined`: none. Not known of what changed round a new
   * epoch or while the machine stood still, nor where nobody beats (`at-most-once`).
   */
  readonly delay: { readonly p50Ms: number; readonly p99Ms: number } | undefined
}
