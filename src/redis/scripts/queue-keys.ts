/** Keys of one collection's queue in a shard, which the scripts on writes that wait declare. */

export type QueueKey = 'queue' | 'meta' | 'dead' | 'order'

export const QUEUE_KEYS: readonly QueueKey[] = ['queue', 'meta', 'dead', 'order']
