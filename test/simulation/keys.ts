/** The keys of the simulation: which tags they carry and which glob they match. */

import { encodeKey } from '../../src/keys/key-encoding.ts'
import { shardOf } from '../../src/keys/key-place.ts'

export const COLLECTION = 'things'
/** Matches the keys of the collection that begin with it. */
export const PATTERN = 'g*'
/** Two of the tags; entries that carry both are removed by one step. */
export const BOTH: readonly string[] = ['T', 'U']

export interface SimulatedKey {
  readonly key: string
  /** As the shared tier stores it. */
  readonly id: string
  /** Empty: a plain key, which is set by one writer after it has changed the row. */
  readonly collection: string
  readonly tags: readonly string[]
}

/**
 * `g0` and `p3645` share a bucket of shard 0, `p2` and `g1989` one of shard 1: changes of one are met
 * by the other.
 */
const STORED: Readonly<Record<string, readonly string[]>> = {
  g0: ['T'],
  p3645: [],
  p2: ['T', 'U'],
  g1989: ['T'],
  p3: ['T', 'U'],
  g1: [],
}
const PLAIN: Readonly<Record<string, readonly string[]>> = { q0: ['T'], q1: [] }

/** The first of them. */
export function simulatedKeys(stored: number, plain: number): readonly SimulatedKey[] {
  return [...keysOf(COLLECTION, STORED).slice(0, stored), ...keysOf('', PLAIN).slice(0, plain)]
}

function keysOf(
  collection: string,
  tags: Readonly<Record<string, readonly string[]>>,
): readonly SimulatedKey[] {
  return Object.entries(tags).map(([key, own]) => {
    return { key, collection, tags: own, id: encodeKey(collection, key).id }
  })
}

/** @returns the shard that the key lives in. */
export function shardOfKey({ id }: SimulatedKey, shards: number): number {
  return shardOf({ id, pin: undefined }, shards)
}

/** Whether the one pattern matches it. */
export function matchesPattern({ key, collection }: SimulatedKey): boolean {
  return collection === COLLECTION && key.startsWith('g')
}
