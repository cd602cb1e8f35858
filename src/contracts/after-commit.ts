/** Changes of the cache that count only if a transaction of the source commits. */

import type { Batchable } from './batch.ts'
import type { Duration, VersionToken } from './options.ts'
import type { CacheKey } from './source.ts'

/** One connection: a client of `pg`, or whatever carries out `BEGIN`, `COMMIT` and `ROLLBACK` as text. */
export interface TransactionClient {
  query(text: string): Promise<unknown>
}

/** A pool of `pg`: one of its clients is taken for the transaction, and given back. */
export interface TransactionPool<C extends TransactionClient> {
  readonly totalCount: number
  // With the second form of `pg`'s own: a type is inferred from the last, and pairwise where there are as many.
  connect: {
    (): Promise<C & { release(error?: Error): void }>
    (callback: (...given: never[]) => unknown): unknown
  }
}

/**
 * Carries out `work` in a transaction of its own and commits, as `sql.begin` of postgres.js or the
 * `transaction` of an ORM does. May call `work` again where the database asks for it.
 */
export type TransactionRunner<C> = (work: (client: C) => Promise<void>) => Promise<unknown>

/**
 * What the cache is to do if the transaction commits. Of one key the last word counts. 1,000 keys and 1,000
 * tags at most.
 *
 * @throws ArgumentError from each call, for what cannot be, and when the work is over.
 */
export interface CommitChanges {
  /** The value that the transaction has written: it stands in the cache unless something came between. */
  put(key: string, value: unknown): void
  put<K extends CacheKey, V>(collection: Batchable<K, V>, key: K, value: V): void
  /** The entry goes. */
  delete(key: string): void
  delete<K extends CacheKey>(collection: Batchable<K, unknown>, key: K): void
  invalidateTags(tags: readonly string[]): void
}

export interface AfterCommitOptions {
  /** How a client is told to begin; `BEGIN` if not given. */
  readonly begin?: string | undefined
  /** What the commit may take before the keys are let go, and no value is kept; the hard timeout if not given. */
  readonly timeout?: Duration | undefined
}

export interface CommitReceipt<T> {
  /** Of the work. */
  readonly result: T
  /** `false`: the shared tier could not be asked about all of it, and is repaired later. */
  readonly protected: boolean
  /** Read with it as `minVersion`, any instance sees at least this transaction. */
  readonly version: VersionToken
}
