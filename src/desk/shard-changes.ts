/**
 * What has changed in a shard, read once from its beginning, to judge entries by: plain reads of some
 * tiers answer what stands there, also where a removal has made it unservable.
 *
 * Reads state and writes nothing: no standing of the reader is noted.
 */

import type { FollowAnswer, SharedSession } from '../contracts/shared-tier.ts'
import { compileGlob } from '../keys/glob.ts'
import { decodeKey } from '../keys/key-encoding.ts'

/** More than a shard remembers; a tier that never comes to an end is left alone. */
const MAX_PAGES = 1_000

export interface JudgedEntry {
  readonly id: string
  readonly collection: string
  readonly epoch: string
  readonly stamp: number
  readonly tags: readonly string[]
  /** `Infinity`: no end. */
  readonly freshUntil: number
  readonly graceUntil: number
}

export type EntryVerdict = 'stands' | 'expired' | 'gone'

type Change = FollowAnswer['changes'][number]

export class ShardChanges {
  readonly #epoch: string
  readonly #floor: number
  readonly #taggedFloor: number
  readonly #changes: readonly Change[]

  private constructor(last: FollowAnswer, changes: readonly Change[]) {
    this.#epoch = last.epoch
    this.#floor = last.floor
    this.#taggedFloor = last.taggedFloor
    this.#changes = changes
  }

  /** @throws TierError */
  static async of(session: Pick<SharedSession, 'follow'>, shard: number): Promise<ShardChanges> {
    let changes: Change[] = []
    let page = await session.follow({ shard, epoch: undefined, cursor: 0, beat: false })
    for (let pages = 1; ; pages += 1) {
      changes.push(...page.changes.filter(({ kind }) => kind !== 'bucket'))
      if (page.upTo >= page.sequence || pages >= MAX_PAGES) return new ShardChanges(page, changes)
      const { epoch, upTo: cursor } = page
      page = await session.follow({ shard, epoch, cursor, beat: false })
      // Numbers began anew meanwhile: what was read before says nothing of them.
      if (page.epoch !== epoch) changes = []
    }
  }

  /** By removals alone; whether its time is over is the caller's to see. */
  judge(entry: JudgedEntry): EntryVerdict {
    const { epoch, stamp, tags } = entry
    if (epoch !== this.#epoch || stamp < this.#floor) return 'gone'
    if (tags.length > 0 && stamp < this.#taggedFloor) return 'gone'
    let verdict: EntryVerdict = 'stands'
    for (const change of this.#changes) {
      if (stamp >= change.number) continue
      const effect = effectOn(change, entry)
      if (effect === 'gone') return 'gone'
      if (effect === 'expired') verdict = 'expired'
    }
    if (verdict === 'stands') return verdict
    // Without an end there is no distance between the two; readers know the grace that was granted.
    const { freshUntil, graceUntil } = entry
    return graceUntil > freshUntil || freshUntil === Number.POSITIVE_INFINITY ? verdict : 'gone'
  }
}

function effectOn(change: Change, { id, collection, tags }: JudgedEntry): EntryVerdict {
  switch (change.kind) {
    case 'tag':
      if (!tags.includes(change.tag)) return 'stands'
      return change.mode === 'delete' ? 'gone' : 'expired'
    case 'all-tags':
      return change.tags.every((tag) => tags.includes(tag)) ? 'gone' : 'stands'
    case 'collection':
      return change.collection === collection ? 'gone' : 'stands'
    case 'pattern': {
      if (change.collection !== collection) return 'stands'
      const key = decodeKey(collection, id)
      return key !== undefined && compileGlob(change.pattern)(String(key)) ? 'gone' : 'stands'
    }
    case 'bucket':
      return 'stands'
    default:
      return change satisfies never
  }
}
