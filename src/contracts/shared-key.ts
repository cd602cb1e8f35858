/** How a shared tier names keys, and where its shards stand. */

/** A key with what the tier must know of it. */
export interface SharedKey {
  /** The key as the tier stores it: unique over all collections of the cache. */
  readonly id: string
  /** The collection; removing all of it is one step. Empty for plain keys. */
  readonly collection: string
  /** Decides the shard in place of the id: keys with one pin live in one shard. */
  readonly pin?: string | undefined
  /** Places it in this shard, whatever its text: what a write leaves in the shards that it does not write. */
  readonly shard?: number | undefined
}

/** Where a key lives in the tier. */
export interface KeyPlace {
  readonly shard: number
  /** Changes of keys are remembered by bucket: some thousands a shard, whatever the number of keys. */
  readonly bucket: number
}

/** Where a shard stands as a step has left it, in the server's own words. */
export interface ShardMoment {
  readonly shard: number
  /** Drawn anew whenever numbers could have been issued twice. */
  readonly epoch: string
  readonly sequence: number
  /** The server's wall clock, epoch milliseconds: freshness in the shared tier is judged by it. */
  readonly serverNow: number
}
