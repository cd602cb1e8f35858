import { TierError } from '../../contracts/errors.ts'

/** A server has answered that a shard does not live on it any more. */
export class ShardMovedError extends TierError {
  /** Below 0: the locks. */
  readonly shard: number
  /** Of the map, in which the move began. */
  readonly version: number
  /** Drawn when the shard left: who names it knows of the move. */
  readonly epoch: string

  constructor(moved: { readonly shard: number; readonly version: number; readonly epoch: string }) {
    const what =
      moved.shard < 0 ? 'The locks of this cache have' : `Shard ${moved.shard} of this cache has`
    super('redis', `${what} moved to another server: give the tier all servers of the cache.`)
    this.shard = moved.shard
    this.version = moved.version
    this.epoch = moved.epoch
  }
}
