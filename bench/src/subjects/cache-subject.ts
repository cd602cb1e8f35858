/** A cache under test, as its users call it: `await` on every read. One file each beside this one. */

import type { Item } from './item.ts'
import type { ReadSequence } from './read-sequence.ts'

/**
 * Every subject has its own loop: a loop shared by all would make each call in it one of many kinds,
 * and none of them would be compiled as it is in a program that uses one cache.
 */
export interface CacheSubject {
  readonly name: string
  /** Reads the first `count` keys of the sequence; answers the sum of the ids. */
  readonly read: (sequence: ReadSequence, count: number) => Promise<number>
  readonly close: () => Promise<void>
}

/** The records that a subject is filled with, by key. */
export type Items = ReadonlyMap<string, Item>
