/** Which shards a new server takes over from the others: its share, and not one more. */

import { serverScore, type WeighedServer } from './server-score.ts'

export interface Joining {
  readonly cache: string
  /** Those that hold shards now. */
  readonly servers: readonly WeighedServer[]
  readonly joining: WeighedServer
  /** By shard: the name of the server that has it. */
  readonly homes: readonly string[]
}

/**
 * Of n servers of one weight, a new one takes `floor(shards / (n + 1))`: each from the server that is
 * the fullest then, and of its shards the one that the new server suits better by the most.
 */
export function shardsToMove({ cache, servers, joining, homes }: Joining): readonly number[] {
  const weights = new Map(servers.map(({ name, weight }) => [name, weight]))
  const total = servers.reduce((sum, { weight }) => sum + weight, joining.weight)
  const share = Math.floor((homes.length * joining.weight) / total)
  const held = new Map<string, Candidate[]>(servers.map(({ name }) => [name, []]))
  for (const [shard, name] of homes.entries()) {
    const home = { name, weight: weights.get(name) ?? 1 }
    const margin = serverScore(cache, shard, joining) / serverScore(cache, shard, home)
    held.get(name)?.push({ shard, margin })
  }
  for (const candidates of held.values()) candidates.sort((a, b) => a.margin - b.margin)
  const moved: number[] = []
  while (moved.length < share) {
    const best = fullest(held, weights).pop()
    if (best === undefined) break
    moved.push(best.shard)
  }
  return moved.sort((a, b) => a - b)
}

interface Candidate {
  readonly shard: number
  /** How much better the new server suits it than its own. */
  readonly margin: number
}

/** What the server holds that has the most for its weight; of several, the first by name. */
function fullest(
  held: ReadonlyMap<string, Candidate[]>,
  weights: ReadonlyMap<string, number>,
): Candidate[] {
  const load = ([name, candidates]: readonly [string, Candidate[]]): number =>
    candidates.length / (weights.get(name) ?? 1)
  const all = [...held].sort((a, b) => load(b) - load(a) || (a[0] < b[0] ? -1 : 1))
  return all[0]?.[1] ?? []
}
