/**
 * What the map should become, seeing the servers that this process was given: one step at a time, a
 * server that joins or one that leaves. Pure; `ShardMover` carries it out.
 */

import type { ServerMap, ShardPlace } from './server-map.ts'
import type { WeighedServer } from './server-score.ts'
import { shardsToMove } from './shards-to-move.ts'
import { spreadShards } from './spread-shards.ts'

export interface Wish {
  readonly cache: string
  readonly servers: readonly WeighedServer[]
  /** Names of servers that are to be left. */
  readonly retire: readonly string[]
}

/** A map but for what its writer adds. */
export type MapDraft = Omit<ServerMap, 'version' | 'id'>

export const nextMap: {
  /** For a cache that no server has a map of. `holder`: the only server that has entries of it. */
  first(wish: Wish, shards: number, holder: string | undefined): (since: number) => MapDraft
  /**
   * `undefined`: it is as it should be, or shards are on the move, and must come home before a server
   * joins. `since`: its version.
   */
  after(wish: Wish, map: ServerMap): ((since: number) => MapDraft) | undefined
  /** The map with these shards at home. */
  settled(map: ServerMap, shards: ReadonlySet<number>): (since: number) => MapDraft
} = {
  first(wish, shards, holder) {
    const usable = wish.servers.filter(({ name }) => !wish.retire.includes(name))
    const names = usable.map(({ name }) => name).sort()
    const all = Array.from({ length: shards }, (_, shard) => shard)
    if (holder !== undefined) {
      const rest = { home: holder, servers: [holder], retired: [] }
      return (since) => ({ ...rest, places: all.map(() => ({ on: holder, since })) })
    }
    const [home = ''] = names
    const spread = spreadShards({ cache: wish.cache, servers: usable, shards: all })
    const to = (shard: number): string => spread.get(shard) ?? home
    return (since) => ({
      home,
      servers: names,
      retired: [],
      places: all.map((shard) => ({ to: to(shard), since })),
    })
  },

  after(wish, map) {
    const leaving = wish.retire.find((name) => map.servers.includes(name))
    if (leaving !== undefined) return without(wish, map, leaving)
    if (map.places.some((place) => !('on' in place))) return undefined
    const given = new Set(wish.servers.map(({ name }) => name))
    // Whoever does not know all of the others must not say what is even.
    if (map.servers.some((name) => !given.has(name))) return undefined
    const isNew = ({ name }: WeighedServer): boolean =>
      !map.servers.includes(name) && !map.retired.includes(name) && !wish.retire.includes(name)
    const [joining] = wish.servers.filter(isNew).sort((a, b) => (a.name < b.name ? -1 : 1))
    return joining && withServer(wish, map, joining)
  },

  settled(map, shards) {
    const places = (since: number): readonly ShardPlace[] =>
      map.places.map((place, shard) =>
        'on' in place || !shards.has(shard) ? place : { on: place.to, since },
      )
    const { home, servers, retired } = map
    return (since) => ({ home, servers, retired, places: places(since) })
  },
}

function withServer(
  { cache, servers }: Wish,
  map: ServerMap,
  joining: WeighedServer,
): (since: number) => MapDraft {
  const homes = map.places.map((place) => ('on' in place ? place.on : place.to))
  const held = servers.filter(({ name }) => map.servers.includes(name))
  const moved = new Set(shardsToMove({ cache, servers: held, joining, homes }))
  return (since) => ({
    home: map.home,
    servers: [...map.servers, joining.name].sort(),
    retired: map.retired,
    places: map.places.map((place, shard) =>
      moved.has(shard) ? { from: homes[shard], to: joining.name, since } : place,
    ),
  })
}

/** `undefined`: there would be no server left that this process knows. */
function without(
  { cache, servers, retire }: Wish,
  map: ServerMap,
  leaving: string,
): ((since: number) => MapDraft) | undefined {
  const staying = map.servers.filter((name) => name !== leaving)
  const given = servers.filter(({ name }) => staying.includes(name) && !retire.includes(name))
  const [heir] = given.map(({ name }) => name).sort()
  if (heir === undefined) return undefined
  const held = new Map<string, number>()
  const shards: number[] = []
  for (const [shard, place] of map.places.entries()) {
    const name = 'on' in place ? place.on : place.to
    if (name === leaving) shards.push(shard)
    else held.set(name, (held.get(name) ?? 0) + 1)
  }
  const spread = spreadShards({ cache, servers: given, shards, held })
  return (since) => ({
    home: map.home === leaving ? heir : map.home,
    servers: staying,
    retired: [...map.retired, leaving],
    places: map.places.map((place, shard) => {
      const to = spread.get(shard)
      if (to === undefined) return place
      return { from: 'on' in place ? place.on : place.from, to, since }
    }),
  })
}
