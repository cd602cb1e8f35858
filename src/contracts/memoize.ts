/** A function whose answers are kept. */

import type { CollectionOptions } from './collection.ts'
import type { CodecOptions, DeleteOptions, EntryOptions } from './options.ts'
import type { DeletionReceipt, InvalidationReceipt } from './receipts.ts'

/** What a memoized function has of a collection. */
type Inherited = 'timeouts' | 'version' | 'migrate' | 'schema' | 'idle' | 'workload' | 'oldVersions'

/** `A`: the function's arguments; `R`: what it answers with. */
export interface MemoizeOptions<A extends readonly unknown[], R>
  extends EntryOptions,
    CodecOptions,
    Pick<CollectionOptions<string, R>, Inherited> {
  /** Of the collection in which the answers are: one that this cache does not have yet. */
  readonly name: string
  /**
   * What of the arguments counts, as text; other arguments must give another text. Absent: all of them,
   * which are then plain data.
   */
  readonly key?: (...args: A) => string
  /** Tags of an answer, beside the declared ones. Must be quick and must not throw. */
  readonly tagsOf?: (value: R, ...args: A) => readonly string[]
}

/** Answers as the function does, from the cache where it has the answer. */
export interface Memoized<A extends readonly unknown[], R> {
  /**
   * @throws ArgumentError for arguments that cannot be told from others; whatever the function throws,
   * which is not kept; LoaderTimeoutError; ClosedError.
   */
  (...args: A): Promise<R>
  /** Makes the answer for these arguments unservable, in every tier. */
  forget(...args: A): Promise<DeletionReceipt>
  /** The same for all arguments. */
  forgetAll(options?: Pick<DeleteOptions, 'signal'>): Promise<InvalidationReceipt>
}
