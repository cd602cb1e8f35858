/**
 * What this process knows of the changes in one shard, and its verdicts on values by that knowledge.
 *
 * Written by hints (`ShardFollower`) and by follows (`followShard`), read by every judgement. It knows
 * nothing of time since the last follow: that is `ShardTrust`.
 *
 * Exact hints and follows move the same cursor, and the cursor means: every change up to here is known.
 * A hint that begins one above it keeps that true and names its keys, so that nothing but those keys
 * goes. A follow tells of keys by their buckets, and its answer holds all buckets above the cursor that
 * it was *asked* with, while hints may have moved the cursor since. A bucket's number is that of its
 * last change. If it is not above the *present* cursor, then each change of the bucket up to it was
 * either known when the follow was asked, or told by a hint since: only hints have moved the cursor
 * meanwhile, as there is one follow at a time, and they moved it without leaving a number out. So
 * all of its keys have gone already, and their neighbours need not go with them. If it is above the
 * present cursor, some change of the bucket was heard of by nobody here, and all of its keys go.
 */

import type { Copied, Position, Stamped } from '../contracts/coherence.ts'
import type { Change, FollowAnswer, Hint, KeyPlace, SharedKey } from '../contracts/shared-tier.ts'
import { NewestNumbers } from './newest-numbers.ts'
import { PatternNumbers } from './pattern-numbers.ts'
import { SettledNumber } from './settled-number.ts'
import { TagNumbers } from './tag-numbers.ts'

/** Collections are written down in programs: more than this are none. */
const MAX_COLLECTIONS = 10_000

/** Which copies must be judged anew after what was learned. */
export type Doubt = 'none' | 'tagged' | 'all'

export class ShardView {
  #epoch = ''
  #cursor = 0
  #disputed: number | undefined
  #floor = 0
  /** Copies that know less of their key are gone; entries of the tier are not judged by it. */
  #copyFloor = 0
  /** By bucket, at most as many as a shard has. */
  #buckets = new Map<number, number>()
  #tags = new TagNumbers()
  #collections = new NewestNumbers(MAX_COLLECTIONS)
  #patterns = new PatternNumbers()
  #settledTags = new SettledNumber()

  /** Empty: the shard has never been followed. */
  get epoch(): string {
    return this.#epoch
  }

  get cursor(): number {
    return this.#cursor
  }

  /** The cursor that the shard has gone back behind, until it is known anew. */
  get disputed(): number | undefined {
    return this.#disputed
  }

  dispute(): void {
    this.#disputed = this.#cursor
  }

  /**
   * Numbers begin anew: nothing that is known can be compared with them. `copyFloor`: what copies must
   * know of their key to be kept although the epoch is the same.
   */
  renew(epoch: string, copyFloor = 0): void {
    this.#epoch = epoch
    this.#cursor = 0
    this.#disputed = undefined
    this.#floor = 0
    this.#copyFloor = copyFloor
    this.#buckets = new Map()
    this.#tags = new TagNumbers()
    this.#collections = new NewestNumbers(MAX_COLLECTIONS)
    this.#patterns = new PatternNumbers()
    this.#settledTags = new SettledNumber()
  }

  /** One page of a follow whose first was asked with a cursor not above the present one. */
  learn(page: FollowAnswer, now: number): Doubt {
    let doubt: Doubt = 'none'
    for (const change of page.changes) {
      doubt = worse(
        doubt,
        change.kind === 'bucket'
          ? this.#learnBucket(change.bucket, change.number)
          : this.#note(change, change.number, now),
      )
    }
    const floored = this.#tags.raiseFloor(page.taggedFloor)
    doubt = worse(doubt, this.#tagged(floored, page.taggedFloor, now))
    if (this.#raiseFloor(page.floor)) doubt = 'all'
    return doubt
  }

  /**
   * Changes of this process, of which others may lie below that are not known yet: the cursor stays.
   * `number` is the last that their step took, which makes too much gone at worst.
   */
  learnOwn(
    changes: readonly (Change | { readonly kind: 'floor' })[],
    number: number,
    now: number,
  ): Doubt {
    let doubt: Doubt = 'none'
    for (const change of changes) {
      const news =
        change.kind === 'floor'
          ? this.#raiseFloor(number) && 'all'
          : this.#note(change, number, now)
      doubt = worse(doubt, news || 'none')
    }
    return doubt
  }

  /** A follow has come to its end: every change up to here is known. */
  reach(cursor: number): void {
    this.#cursor = Math.max(this.#cursor, cursor)
  }

  /** A hint of this epoch that leaves no number out; its keys are the caller's to tell. */
  apply(hint: Hint, now: number): Doubt {
    let doubt: Doubt = 'none'
    for (const change of hint.changes) {
      if (change.kind === 'keys') continue
      // Which of the numbers is this change's own is not told: the last makes too much gone at worst.
      const more =
        change.kind === 'floor'
          ? this.#raiseFloor(hint.last) && 'all'
          : this.#note(change, hint.last, now)
      doubt = worse(doubt, more || 'none')
    }
    this.#cursor = Math.max(this.#cursor, hint.last)
    return doubt
  }

  /**
   * Whether nothing has touched the key since `position`, as far as it is not the key's own exact
   * hints that say so: those kill what is under way where they are heard.
   */
  survives(key: SharedKey, place: Pick<KeyPlace, 'bucket'>, { epoch, cursor }: Position): boolean {
    if (epoch !== this.#epoch) return false
    // Nothing is known of the shard: what is loaded meanwhile is kept blind, until something is.
    if (epoch === '') return true
    return (
      cursor >= this.#floor &&
      cursor >= this.#copyFloor &&
      cursor >= this.#collections.of(key.collection) &&
      cursor >= this.#numberOf(place) &&
      !this.#patterns.touchedSince(cursor, key)
    )
  }

  /** @returns `unsure` only where the shard has never been followed. */
  judge(
    key: SharedKey,
    { epoch, stamp }: Stamped,
    tags: readonly string[],
  ): 'stands' | 'expired' | 'gone' | 'unsure' {
    if (this.#epoch === '') return 'unsure'
    if (epoch !== this.#epoch || stamp < this.#floor) return 'gone'
    if (stamp < this.#collections.of(key.collection)) return 'gone'
    if (this.#patterns.touchedSince(stamp, key)) return 'gone'
    return this.#tags.judge(stamp, tags)
  }

  /** Whether its bucket was changed after what the copy knows of its key. */
  outdated(place: Pick<KeyPlace, 'bucket'>, { asOf }: Copied): boolean {
    return asOf < this.#copyFloor || asOf < this.#numberOf(place)
  }

  tagsRemovedSince({ epoch, cursor }: Position, now: number): boolean {
    // Of another epoch nobody can say what was removed since.
    return epoch !== this.#epoch || this.#settledTags.above(cursor, now)
  }

  /** A pattern whose remover seems to have left it: active, and heard of before `moment`. */
  patternActiveSince(moment: number): number | undefined {
    return this.#patterns.activeSince(moment)
  }

  patternEnded(number: number): void {
    this.#patterns.ended(number)
  }

  #numberOf(place: Pick<KeyPlace, 'bucket'>): number {
    return this.#buckets.size === 0 ? 0 : (this.#buckets.get(place.bucket) ?? 0)
  }

  #learnBucket(bucket: number, number: number): Doubt {
    if (number <= this.#cursor || number <= (this.#buckets.get(bucket) ?? 0)) return 'none'
    this.#buckets.set(bucket, number)
    return 'all'
  }

  #note(change: Change, number: number, now: number): Doubt {
    switch (change.kind) {
      case 'tag':
        return this.#tagged(this.#tags.raise(change.tag, number, change.mode), number, now)
      case 'all-tags':
        return this.#tagged(this.#tags.raiseSet(change.tags, number), number, now)
      case 'collection': {
        const news = this.#collections.raise(change.collection, number)
        this.#raiseFloor(this.#collections.forgotten)
        return news ? 'all' : 'none'
      }
      case 'pattern': {
        const news = this.#patterns.raise(change, number, now)
        this.#raiseFloor(this.#patterns.forgotten)
        return news ? 'all' : 'none'
      }
      default:
        return change satisfies never
    }
  }

  #tagged(news: boolean, number: number, now: number): Doubt {
    if (!news) return 'none'
    this.#settledTags.heard(number, now)
    return 'tagged'
  }

  /** @returns whether this was news. */
  #raiseFloor(floor: number): boolean {
    if (floor <= this.#floor) return false
    this.#floor = floor
    this.#tags.raiseFloor(floor)
    this.#collections.dropThrough(floor)
    this.#patterns.dropThrough(floor)
    return true
  }
}

function worse(one: Doubt, other: Doubt): Doubt {
  if (one === 'all' || other === 'all') return 'all'
  return one === 'none' ? other : one
}
