/**
 * How well a server suits a shard: weighted rendezvous hashing. The scores of two servers have nothing
 * to do with a third, so that a server more or less changes nothing between the others.
 *
 * Every process must find the same, so the hash is part of the wire format (`docs/wire-format.md`).
 */

export interface WeighedServer {
  readonly name: string
  /** How much it is to hold beside the others. */
  readonly weight: number
}

/** Greater is better. A server of twice the weight is the best one for twice as many shards. */
export function serverScore(cache: string, shard: number, { name, weight }: WeighedServer): number {
  const share = (hashText(`${cache} ${shard} ${name}`) + 0.5) / 2 ** 32
  return -weight / Math.log(share)
}

/** FNV-1a with the finishing steps of MurmurHash3: names that differ in one letter are far apart. */
function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
