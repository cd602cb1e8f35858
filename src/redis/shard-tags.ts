/**
 * Hash tags of the shards of a cache, chosen so that each lies in its own part of a cluster's slots:
 * wherever the slots are dealt out evenly, so are the shards.
 *
 * Part of the wire format: each process finds the same tags by itself. They are the same without a
 * cluster, so that entries can be moved into one.
 */

import { keySlot, SLOTS } from './connection/key-slot.ts'

/** @returns texts like `shop/3.17`, one for each shard. */
export function shardTags(name: string, shards: number): readonly string[] {
  return Array.from({ length: shards }, (_, shard) => {
    // One in `shards` fits, so the search is short; it ends, since CRC-16 reaches every slot.
    for (let attempt = 0; ; attempt += 1) {
      const tag = `${name}/${shard}.${attempt}`
      if (Math.floor((keySlot(`{${tag}}`) * shards) / SLOTS) === shard) return tag
    }
  })
}
