/**
 * The numbers of a shard: control record, sequence, and what makes an entry servable.
 *
 * One object serves one batch of steps, inside one transaction, so that the control record is read
 * once and written once.
 */

import type { Random } from '../contracts/random.ts'
import type { ShardMoment, SharedKey } from '../contracts/shared-tier.ts'
import type { ShardControl, ShardRow, ShardRows } from './shard-rows.ts'

/** Tags whose number is kept one by one. */
export const MAX_TAG_NUMBERS = 10_000

const LEAST_JUMP = 2 ** 20

export class ShardState {
  readonly rows: ShardRows
  readonly now: number
  #control: ShardControl
  #changed = false

  constructor(rows: ShardRows, now: number, random: Random) {
    this.rows = rows
    this.now = now
    const control = rows.control()
    this.#control = control ?? firstControl(now, random)
    this.#changed = control === undefined
  }

  get control(): ShardControl {
    return this.#control
  }

  get moment(): ShardMoment {
    const { epoch, sequence } = this.#control
    return { epoch, sequence, serverNow: this.now }
  }

  /** The number of the change that is being made. */
  raise(): number {
    this.#update({ sequence: this.#control.sequence + 1 })
    return this.#control.sequence
  }

  /** Everything older is gone, and no load that has begun may store. */
  raiseFloor(): void {
    const sequence = this.raise()
    this.#update({ floor: sequence, leaseFloor: sequence })
  }

  /** Every entry with one of the tags is gone: one write for each tag, whatever they hold. */
  removeTags(tags: readonly string[]): void {
    if (tags.length === 0) return
    this.rows.setNumbers(tags.map(tagMember), this.raise())
    const forgotten = this.rows.forgetTags(MAX_TAG_NUMBERS)
    if (forgotten > this.#control.taggedFloor) this.#update({ taggedFloor: forgotten })
  }

  removeCollection(collection: string): void {
    this.rows.setNumbers([collectionMember(collection)], this.raise())
  }

  /** A test for rows that may be served, by the numbers as they stand now. */
  judge(rows: Iterable<ShardRowLike>): (row: ShardRowLike) => boolean {
    const members = new Set<string>()
    for (const { collection, tags } of rows) {
      members.add(collectionMember(collection))
      for (const tag of tags) members.add(tagMember(tag))
    }
    const numbers = this.rows.numbersOf([...members])
    return (row) => this.#servable(row, numbers)
  }

  /** At which number each collection of the keys was removed last; 0: never. */
  collectionNumbers(keys: readonly SharedKey[]): (collection: string) => number {
    const members = new Set(keys.map(({ collection }) => collectionMember(collection)))
    const numbers = this.rows.numbersOf([...members])
    return (collection) => numbers.get(collectionMember(collection)) ?? 0
  }

  save(): void {
    if (this.#changed) this.rows.saveControl(this.#control)
    this.#changed = false
  }

  #servable(row: ShardRowLike, numbers: ReadonlyMap<string, number>): boolean {
    const { epoch, sequence, floor, taggedFloor } = this.#control
    const older = (member: string): boolean => row.stamp < (numbers.get(member) ?? 0)
    return (
      row.epoch === epoch &&
      this.now < row.graceUntil &&
      row.stamp >= floor &&
      // A number that was never given out: somebody else wrote it, and no removal would reach it.
      row.stamp <= sequence &&
      (row.tags.length === 0 || row.stamp >= taggedFloor) &&
      !older(collectionMember(row.collection)) &&
      !row.tags.some((tag) => older(tagMember(tag)))
    )
  }

  #update(change: Partial<ShardControl>): void {
    this.#control = { ...this.#control, ...change }
    this.#changed = true
  }
}

type ShardRowLike = Pick<ShardRow, 'epoch' | 'stamp' | 'collection' | 'tags' | 'graceUntil'>

const tagMember = (tag: string): string => `t:${tag}`
const collectionMember = (collection: string): string => `c:${collection}`

/**
 * The first epoch of a shard, also of one whose record was lost. Its numbers begin above any that a
 * record before it can have given out: time in microseconds, and a jump that no clock is off by.
 * What that record has left behind lies under the floors.
 */
function firstControl(now: number, random: Random): ShardControl {
  const sequence = Math.floor(now) * 1000 + LEAST_JUMP + Math.floor(random.next() * LEAST_JUMP)
  return {
    epoch: random.id(),
    sequence,
    floor: sequence,
    leaseFloor: sequence,
    taggedFloor: sequence,
  }
}
