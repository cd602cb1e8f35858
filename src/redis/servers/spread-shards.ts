/** Where the shards of a new cache go, and those of a server that leaves: evenly, by weight. */

import { serverScore, type WeighedServer } from './server-score.ts'

export interface Spread {
  readonly cache: string
  readonly servers: readonly WeighedServer[]
  /** Those to be placed. */
  readonly shards: readonly number[]
  /** How many each server has already. @default none */
  readonly held?: ReadonlyMap<string, number>
}

/**
 * Each shard goes to the server that suits it best, unless that one has its share already. The shares
 * are as even as whole shards can be.
 */
export function spreadShards(spread: Spread): ReadonlyMap<number, string> {
  const room = sharesOf(spread)
  const offers = spread.shards.flatMap((shard) =>
    spread.servers.map((server) => ({
      shard,
      name: server.name,
      score: serverScore(spread.cache, shard, server),
    })),
  )
  offers.sort((a, b) => b.score - a.score || a.shard - b.shard || compare(a.name, b.name))
  const placed = new Map<number, string>()
  for (const { shard, name } of offers) {
    const left = room.get(name) ?? 0
    if (left === 0 || placed.has(shard)) continue
    placed.set(shard, name)
    room.set(name, left - 1)
  }
  return placed
}

/** One after the other, each to the server that is the least full with it. */
function sharesOf({ cache, servers, shards, held }: Spread): Map<string, number> {
  const room = new Map<string, number>()
  for (const _ of shards) {
    let best: { readonly name: string; readonly load: number; readonly tie: number } | undefined
    for (const { name, weight } of servers) {
      const load = ((held?.get(name) ?? 0) + (room.get(name) ?? 0) + 1) / weight
      // Not always the first by name, over all caches.
      const tie = serverScore(cache, -1, { name, weight: 1 })
      if (best === undefined || load < best.load || (load === best.load && tie > best.tie)) {
        best = { name, load, tie }
      }
    }
    if (best !== undefined) room.set(best.name, (room.get(best.name) ?? 0) + 1)
  }
  return room
}

function compare(a: string, b: string): number {
  return a < b ? -1 : 1
}
