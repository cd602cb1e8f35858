/** An in-process structure under test: synchronous, bounded. One file each beside this one. */

import type { Items } from './cache-subject.ts'
import type { ReadSequence } from './read-sequence.ts'

/** As with `CacheSubject`, every subject has its own loops, so that each is compiled for itself. */
export interface L1Subject {
  readonly name: string
  /** Reads the first `count` keys of the sequence; answers how many were there. */
  readonly hits: (sequence: ReadSequence, count: number) => number
  /** Gives the first `count` keys of the sequence a new value; answers the number of entries. */
  readonly overwrite: (sequence: ReadSequence, count: number) => number
  /** Stores the first `count` of the keys, none of them known; answers the number of entries. */
  readonly insert: (keys: readonly string[], count: number) => number
  readonly close: () => void
}

/** Makes a structure that is full with the items: one more, and one leaves. */
export type OpenL1Subject = (items: Items) => L1Subject
