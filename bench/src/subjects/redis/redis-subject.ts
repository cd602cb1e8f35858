/** A cache over Redis under test, as its users call it. One file each beside this one. */

import type { Items } from '../cache-subject.ts'
import type { Item } from '../item.ts'

/**
 * Answers are ids of records, so that a pass can be checked: a miss is not a number. One loop for all
 * subjects is fair here: a call over a network costs a thousand times what its dispatch does.
 */
export interface RedisSubject extends LoadingSubject {
  readonly get: (key: string) => Promise<number>
  /** The sum of the ids. */
  readonly getMany: (keys: readonly string[]) => Promise<number>
  readonly setMany: (items: Items) => Promise<void>
}

/** What can be asked for a key that it does not have. */
export interface LoadingSubject {
  readonly name: string
  readonly getOrLoad: (key: string, load: () => Promise<Item>) => Promise<number>
  readonly close: () => Promise<void>
}

/** With copies in this process, which leave when another process says so. */
export interface CopyingSubject extends RedisSubject {
  /** By this process for all: what users call after they have changed the source. */
  readonly invalidate: (keys: readonly string[]) => Promise<void>
  /** Whether this process has a copy. */
  readonly holds: (key: string) => Promise<boolean> | boolean
  /** `listener` is called after copies may have left because of another process. */
  readonly onRemoval: (listener: () => void) => void
}

/** Which tiers a subject shall have: Redis alone measures Redis, both are what programs use. */
export type RedisTiers = 'redis' | 'memory and redis'

export interface RedisSubjectOptions {
  readonly port: number
  readonly tiers: RedisTiers
  /** Entries that the in-process tier has room for. */
  readonly entries: number
  /** Of its connections, by which a suite finds those that it ends. @default 'bench' */
  readonly connectionName?: string
}
