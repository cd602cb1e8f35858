/**
 * The change numbers of buckets of one cache. Part of `SqliteRows`.
 *
 * Every write changes the number of a bucket, and a tick's writes those of a hundred all over them. As rows
 * of their own, with an index by number, they were a quarter of all pages that a commit has to bring to the
 * disk. So a step notes what it changes in one row, and after many steps all of it is brought into the parts,
 * where the numbers of all buckets stand side by side.
 */

import type { DatabaseSync } from 'node:sqlite'
import { BUCKETS } from '../keys/key-place.ts'
import type { MemberNumber } from '../shard/index.ts'
import { BucketParts } from './bucket-parts.ts'
import { BucketSteps } from './bucket-steps.ts'

/** Steps of this process between two turns at bringing all into the parts. */
const STEPS = 128
/** Buckets that a step may note in its row: half a page. One that changes more goes into the parts at once. */
const MOST_NOTED = 128

export class BucketRows {
  readonly #parts: BucketParts
  readonly #steps: BucketSteps
  /** Steps to be brought into the parts: those of this process, and those that it has found. */
  #noted: number | undefined
  /** Buckets whose numbers somebody else has made senseless, as they were looked at last. */
  #doubtful: readonly number[] = []

  constructor(db: DatabaseSync, cache: number) {
    this.#parts = new BucketParts(db, cache)
    this.#steps = new BucketSteps(db, cache)
  }

  /** In no order. A number that nobody can tell any more is `Infinity`. */
  above(number: number): readonly MemberNumber[] {
    const steps = this.#steps.above(number)
    const found =
      steps === 'any' ? everyBucketAt(Number.POSITIVE_INFINITY) : this.#parts.above(number)
    if (steps !== 'any') raise(found, steps)
    this.#doubtful = [...found].flatMap(([bucket, one]) => (Number.isFinite(one) ? [] : bucket))
    return Array.from(found, ([bucket, one]) => ({ member: `${KIND}${bucket}`, number: one }))
  }

  /** By member. */
  set(numbers: ReadonlyMap<string, number>): void {
    const changed = new Map<number, number>()
    for (const [member, number] of numbers) changed.set(Number(member.slice(KIND.length)), number)
    if (changed.size > MOST_NOTED || !this.#steps.add(changed)) this.#parts.raise(changed)
    // Those of processes that have come and gone are found by who comes next.
    this.#noted = this.#noted === undefined ? this.#steps.count : this.#noted + 1
    if (this.#noted >= STEPS || this.#doubtful.length > 0) this.#fold(changed)
  }

  clear(): void {
    this.#parts.clear()
    this.#steps.clear()
  }

  get highest(): number {
    return Math.max(this.#parts.highest, this.#steps.highest)
  }

  /** `last` has just been set: what nobody can tell has no higher number. */
  #fold(last: ReadonlyMap<number, number>): void {
    const highest = Math.max(...last.values())
    const steps = this.#steps.all()
    const all = steps === 'any' ? everyBucketAt(highest) : new Map(steps)
    for (const bucket of this.#doubtful) all.set(bucket, highest)
    this.#parts.raise(all)
    this.#steps.clear()
    this.#noted = 0
    this.#doubtful = []
  }
}

const KIND = 'b:'

export function isBucket(member: string): boolean {
  return member.startsWith(KIND)
}

function everyBucketAt(number: number): Map<number, number> {
  return new Map(Array.from({ length: BUCKETS }, (_, bucket) => [bucket, number]))
}

function raise(numbers: Map<number, number>, to: ReadonlyMap<number, number>): void {
  for (const [bucket, number] of to) {
    if (number > (numbers.get(bucket) ?? 0)) numbers.set(bucket, number)
  }
}
