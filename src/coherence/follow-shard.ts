/**
 * One follow of one shard: page after page, up to one that reaches the sequence.
 *
 * Called by `ShardFollower`, one at a time. What the pages tell is kept even if a later one fails, but
 * the cursor waits for the last. A page is read from state: a key that changed at 5 is missing from
 * the page up to 10 if a bucket-mate changed at 12 before that page was read. With the cursor at 10, a
 * hint that tells the mate's change alone would carry it past 12, and the key's own change would be
 * heard of by nobody. The page that reaches the sequence has all that has moved on, so from it on
 * everything is known.
 */

import type { Clock } from '../contracts/clock.ts'
import { TierError } from '../contracts/errors.ts'
import type { FollowAnswer, SharedSession } from '../contracts/shared-tier.ts'
import type { Found, FoundChange } from './found-changes.ts'
import type { ShardTrust } from './shard-trust.ts'
import type { Doubt, ShardView } from './shard-view.ts'

/** A shard keeps some 16,000 numbers, 1,000 a page: more pages than this are a mistake of the tier. */
const MAX_PAGES = 100

export interface FollowParts {
  readonly session: Pick<SharedSession, 'follow'>
  readonly clock: Clock
  readonly shard: number
  readonly view: ShardView
  readonly trust: ShardTrust
  /** After each answer, before anything of it is used. Asked for at `askedAt`, on the monotonic clock. */
  onAnswer(answer: FollowAnswer, askedAt: number): void
  onDoubt(doubt: Doubt): void
  /** All that was known is to be learned anew; `another`: since the epoch is another one. */
  onRenewal(another: boolean): void
  /** Told here first, as far as hints have not told it. */
  onFound(found: Found): void
}

/** `beat`: whether it is a write, which only the shard's true server accepts. */
export interface FollowKind {
  readonly beat: boolean
  /** Whether the answer is enough for trust. */
  readonly proves: boolean
}

/**
 * @returns whether everything is known; `false` if trust was broken meanwhile.
 * @throws TierError if the shard could not be asked, or answers what cannot be.
 */
export async function followShard(parts: FollowParts, kind: FollowKind): Promise<boolean> {
  const { clock, trust, view } = parts
  const turn = trust.turn
  let sentAt = 0
  let renewed = false
  const changes: FoundChange[] = []
  /** Where the next page begins; `undefined`: it is a first one, from what is known. */
  let from: number | undefined
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const first = from === undefined
    const askedAt = clock.monotonic()
    if (first) sentAt = askedAt
    const { disputed } = view
    const cursor = from ?? (disputed === undefined ? view.cursor : 0)
    // Only a first page's cursor says what is known here, as others read it from the beat.
    const page = await ask(parts, { cursor, beat: kind.beat && first })
    parts.onAnswer(page, askedAt)
    if (trust.turn !== turn) return false
    const another = page.epoch !== view.epoch
    if (!another && page.sequence < (disputed ?? cursor)) {
      dispute(parts)
      from = undefined
      continue
    }
    if (another || disputed !== undefined) {
      begin(parts, page, another)
      renewed = true
      from = undefined
      // A later page is no beat, and none that the trust could be counted from.
      if (!first) continue
    }
    if (!renewed) changes.push(...changesOf(page, view.cursor))
    parts.onDoubt(view.learn(page, clock.monotonic()))
    if (page.upTo >= page.sequence) {
      const above = view.cursor
      if (!renewed && above < page.upTo) {
        const news = changes.filter(({ number }) => number > above)
        const withinMs = trust.blindMs(clock.monotonic())
        parts.onFound({ above, upTo: page.upTo, withinMs, changes: news })
      }
      view.reach(page.upTo)
      if (kind.proves) trust.confirm(sentAt)
      return true
    }
    if (page.upTo <= (another ? 0 : cursor)) break
    from = page.upTo
  }
  throw new TierError('shared', `Shard ${parts.shard} does not come to an end with its changes.`)
}

/** Above what is known. A floor is a removal of everything, and stands in no list. */
function changesOf(page: FollowAnswer, cursor: number): readonly FoundChange[] {
  const { floor, changes } = page
  return floor > cursor ? [...changes, { kind: 'floor', number: floor }] : changes
}

function ask(
  { session, shard, view }: FollowParts,
  request: { readonly cursor: number; readonly beat: boolean },
): Promise<FollowAnswer> {
  // Of a shard that is not known, or has gone back, everything is asked for.
  const known = view.disputed === undefined && view.epoch !== ''
  return session.follow({ ...request, shard, epoch: known ? view.epoch : undefined })
}

/**
 * The shard has issued higher numbers than it knows of, in the same epoch. It may have been an answer
 * from elsewhere, so it is asked once more; until it is ahead again, or in another epoch, nothing that
 * it says is trusted.
 */
function dispute({ shard, view, trust }: FollowParts): void {
  trust.renew()
  if (view.disputed !== undefined) {
    throw new TierError('shared', `Shard ${shard} has gone back behind its own numbers.`)
  }
  view.dispute()
}

/** The answer was read from 0: what was known before is not part of it. */
function begin(
  { view, trust, onRenewal }: FollowParts,
  page: FollowAnswer,
  another: boolean,
): void {
  trust.renew()
  // After a dispute in one epoch, numbers may have been issued twice: no copy is worth keeping.
  view.renew(page.epoch, another ? 0 : page.sequence)
  onRenewal(another)
}
