/** Writes of a collection that wait for its store, as the people who answer for them look at them. */

import type { CallOptions } from './options.ts'
import type { WriteKind } from './pending-steps.ts'
import type { CacheKey } from './source.ts'

/**
 * `queued`: it waits. `inflight`: an instance has taken it, to bring it to the store. `applied`: the store
 * has it. `superseded`: a later write of its key has taken its place, here or in the store. `dead`: it
 * was given up. `unknown`: it waits no more, and nothing says what became of it, as the store keeps no
 * versions, or the shared tier has lost it.
 */
export type WriteState = 'queued' | 'inflight' | 'applied' | 'superseded' | 'dead' | 'unknown'

export interface QueueStatus {
  /** Writes that wait, those in flight among them. */
  readonly waiting: number
  /** Of their values, as they are stored. */
  readonly bytes: number
  /** How long the oldest has waited; 0: none does. */
  readonly oldestMs: number
  readonly deadLetters: number
}

/** A write that was given up. */
export interface DeadLetter<K extends CacheKey, V> {
  readonly key: K
  readonly kind: WriteKind
  /** `undefined` of a removal, and of what nobody can read any more. */
  readonly value: V | undefined
  /** Why, in the words of the store. */
  readonly error: string
  /** Tries on its own account, the last one included. */
  readonly attempts: number
  /** Epoch milliseconds, by the server's clock. */
  readonly diedAt: number
  /** As its receipt has it. */
  readonly id: string
}

type Call = Pick<CallOptions, 'signal'>

/** Every call rejects with a TierError where the shared tier cannot be asked. */
export interface WriteQueue<K extends CacheKey, V> {
  /** Over all instances. One call of each shard. */
  status(options?: Call): Promise<QueueStatus>
  /**
   * What has become of a write, by the `id` of its receipt. At most two calls of its shard, and one of
   * the store if it does not wait any more.
   *
   * @throws ArgumentError for what is no id of this collection; StoreTimeoutError; what the store throws.
   */
  state(id: string, options?: Call): Promise<WriteState>
  /** In no order. Of more than 10,000 in a shard, some are forgotten. */
  deadLetters(options?: Call): AsyncIterable<DeadLetter<K, V>>
  /**
   * Queues dead letters again, as the latest writes of their keys, with ids of their own; those of keys
   * with a later write that waits are forgotten. Answers how many are queued. All, without `keys`.
   */
  retry(keys?: Iterable<K>, options?: Call): Promise<number>
  /** Forgets dead letters; answers how many there were. */
  drop(keys: Iterable<K>, options?: Call): Promise<number>
}
