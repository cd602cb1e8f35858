/**
 * Where a key lives: its shard, and in it its bucket.
 *
 * Both follow from the text alone, so that every process places a key alike. The numbers are part of
 * the wire format: another hash would look for entries where they are not, and miss changes.
 */

import type { SharedKey } from '../contracts/shared-tier.ts'

/**
 * Changes of keys are remembered by bucket. A process that heard of a change too late drops all keys
 * of its bucket: one in 4,096, for 4,096 numbers a shard.
 */
export const BUCKETS = 4096

/** @returns a number from 0 to `shards - 1`. */
export function shardOf(
  { id, pin, shard }: Pick<SharedKey, 'id' | 'pin' | 'shard'>,
  shards: number,
): number {
  if (shards === 1) return 0
  if (shard !== undefined) return shard
  return hashText(pin ?? id) % shards
}

/** @returns a number from 0 to `BUCKETS - 1`. */
export function bucketOf(id: string): number {
  // Other bits than those that choose the shard, so that each shard uses all of its buckets.
  return (hashText(id) >>> 16) % BUCKETS
}

/** FNV-1a over the UTF-16 units, with the finishing steps of MurmurHash3. */
function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
