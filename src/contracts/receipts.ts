/** What calls that change something answer. */

import type { VersionToken } from './options.ts'
import type { Durability } from './pending-steps.ts'

export interface WriteReceipt {
  /** Of a write that waits for the source: `queue.state(id)` tells what has become of it. */
  readonly id?: string
  /** Of a write that waits for the source: what it survives from now on. */
  readonly durability?: Durability
  /** `false`: the source has the write, the shared tier could not be asked and is repaired later. */
  readonly protected: boolean
  /** Read with it as `minVersion`, any instance sees at least this write. */
  readonly version: VersionToken
}

export interface InvalidationReceipt {
  /** `pending`: the shared tier could not be reached; kept, and repaired when it answers again. */
  readonly state: 'done' | 'pending'
  /** Read with it as `minVersion`, any instance sees at least this removal. */
  readonly version: VersionToken
  /** Of `wait: 'connected'`: instances that had not confirmed in time. */
  readonly unconfirmed: readonly string[]
}

/** What a change from outside has made unservable. */
export interface ExternalChangeReceipt extends InvalidationReceipt {
  readonly kind: 'keys' | 'tags' | 'collection' | 'clear'
  /** Keys or tags, each once; 1 for a collection or the cache. */
  readonly count: number
}

export interface DeletionReceipt extends InvalidationReceipt {
  /** Whether there was an entry that could have been served; `undefined` if nobody can tell. */
  readonly found: boolean | undefined
}

export interface BatchReport<K> {
  /** Of all that succeeded. */
  readonly version: VersionToken
  readonly succeeded: number
  readonly failed: readonly { readonly key: K; readonly error: unknown }[]
  readonly durationMs: number
}

/** `succeeded` counts what is gone for this process; `state` says whether it is for all. */
export interface DeletionReport<K> extends BatchReport<K>, InvalidationReceipt {}
