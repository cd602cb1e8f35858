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
  const held = new Map<string, number[]>(servers.map(({ name }) => [name, []]))
  for (const [shard, name] of homes.entries()) held.get(name)?.push(shard)
  const margin = (shard: number, name: string): number =>
    serverScore(cache, shard, joining) /
    serverScore(cache, shard, { name, weight: weights.get(name) ?? 1 })
  const moved: number[] = []
  while (moved.length < share) {
    const [name, shards] = fullest(held, weights)
    const shard = best(shards, (one) => margin(one, name))
    if (shard === undefined) break
    shards.splice(shards.indexOf(shard), 1)
    moved.push(shard)
  }
  return moved.sort((a, b) => a - b)
}

function fullest(
  held: ReadonlyMap<string, number[]>,
  weights: ReadonlyMap<string, number>,
): readonly [string, number[]] {
  const load = ([name, shards]: readonly [string, number[]]): number =>
    shards.length / (weights.get(name) ?? 1)
  const names = [...held].sort((a, b) => load(b) - load(a) || (a[0] < b[0] ? -1 : 1))
  return names[0] ?? ['', []]
}

function best(shards: readonly number[], score: (shard: number) => number): number | undefined {
  let found: number | undefined
  for (const shard of shards) {
    if (found === undefined || score(shard) > score(found)) found = shard
  }
  return found
}
