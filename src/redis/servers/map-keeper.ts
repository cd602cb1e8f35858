/**
 * The map of shards as this process knows it: the highest of all that its servers have told. Asked by
 * `ServersLink` and `ShardMover`; a map that is missing on a server, or older there, is copied to it.
 */

import type { Clock } from '../../contracts/clock.ts'
import { ConfigError, TierError } from '../../contracts/errors.ts'
import type { MapCopy, MapRead } from './map-copy.ts'
import { type ServerMap, serverMap } from './server-map.ts'

export interface MapKeeperOptions {
  readonly cache: string
  readonly shards: number
  readonly clock: Clock
  /** By the name of the server: of those that this process was given. */
  readonly copies: ReadonlyMap<string, MapCopy>
  /** Another map than before is gone by from now on. */
  readonly onMap: (map: ServerMap) => void
  /** What was read shows that this process is set up wrongly. */
  readonly onRefusal: (error: ConfigError) => void
}

type Reads = ReadonlyMap<string, Promise<ServerMap | undefined>>

export class MapKeeper {
  readonly #options: MapKeeperOptions
  #map: ServerMap | undefined
  #next: Promise<{ readonly reads: Reads }> | undefined

  constructor(options: MapKeeperOptions) {
    this.#options = options
  }

  /** `undefined`: none has been read yet. */
  get map(): ServerMap | undefined {
    return this.#map
  }

  /** Reads from all servers, and waits for each. @returns whether all of them have answered. */
  async refresh(): Promise<boolean> {
    const { reads } = await this.#read()
    const settled = await Promise.allSettled(reads.values())
    const isComplete = settled.every(({ status }) => status === 'fulfilled')
    await this.#repair(reads, isComplete)
    return isComplete
  }

  /**
   * Reads from the others, since a server that has lost its data does not know what has left it.
   *
   * Each move is told to every server before it begins, so any one of the others is enough. If none of
   * them can be asked, the server's own copy must stand there: it has not lost its data.
   *
   * @returns whether the map that is gone by now is beyond doubt.
   */
  async confirm(server: string): Promise<boolean> {
    const others = this.#map?.servers.filter((name) => name !== server) ?? []
    if (others.length === 0) return true
    const { reads } = await this.#read()
    const there = async (name: string): Promise<ServerMap> => {
      const map = await reads.get(name)
      if (map === undefined) throw new TierError('redis', `There is no map on ${name}.`)
      return map
    }
    const isKnown = await Promise.any(others.map(there)).catch(() => undefined)
    if (isKnown !== undefined) return true
    const own = await there(server).catch(() => undefined)
    return own !== undefined && own.version >= (this.#map?.version ?? 0)
  }

  /** Goes by this map from now on, unless a higher one is known. */
  take(map: ServerMap): void {
    if (!serverMap.supersedes(map, this.#map)) return
    this.#map = map
    this.#options.onMap(map)
  }

  /**
   * Tells a map to all servers that it names, but for those that are not given here.
   *
   * @throws TierError if one of them could not be told, or has a higher map.
   */
  async spread(map: ServerMap): Promise<void> {
    const { copies } = this.#options
    const told = [...namesIn(map)].map(async (name) => {
      if ((await copies.get(name)?.copy(map)) !== false) return
      throw new TierError('redis', `Redis server \`${name}\` has another map of shards meanwhile.`)
    })
    await Promise.allSettled(told)
    await Promise.all(told)
  }

  /** All that ask in one turn share what is read after it. */
  #read(): Promise<{ readonly reads: Reads }> {
    const { clock, copies } = this.#options
    this.#next ??= new Promise((resolve) => {
      clock.schedule(0, () => {
        this.#next = undefined
        const reads = new Map([...copies].map(([name, copy]) => [name, this.#readOne(name, copy)]))
        // Each is waited for by some, and by none that must know of all.
        for (const read of reads.values()) read.catch(() => {})
        resolve({ reads })
      })
    })
    return this.#next
  }

  async #readOne(server: string, copy: MapCopy): Promise<ServerMap | undefined> {
    try {
      const read = await copy.read()
      this.#check(server, read)
      if (read.map !== undefined) this.take(read.map)
      return read.map
    } catch (error) {
      if (error instanceof ConfigError) this.#options.onRefusal(error)
      throw error
    }
  }

  /** @throws ConfigError */
  #check(server: string, { map, name }: MapRead): void {
    const { shards, cache } = this.#options
    const servers = (map ?? this.#map)?.servers ?? []
    if (name !== undefined && name !== server && servers.includes(name)) {
      throw new ConfigError({
        field: 'servers',
        expected: `the name \`${name}\`, by which this cache knows that server`,
        actual: server,
        cure: 'Give each server one name, and every process the same.',
      })
    }
    if (map === undefined || map.places.length === shards) return
    throw new ConfigError({
      field: 'shards',
      expected: `${map.places.length}, as the cache \`${cache}\` has on these servers already`,
      actual: shards,
      cure: 'Say the same in all processes, or choose another name for the cache.',
    })
  }

  /**
   * Where all have lost it, this process restores it: otherwise the next one to start would deal the
   * shards out anew. While some do not answer, they may have a higher one.
   */
  async #repair(reads: Reads, isComplete: boolean): Promise<void> {
    const map = this.#map
    if (map === undefined) return
    const found = await Promise.all(
      [...reads].map(async ([name, read]) => [name, await read.catch(() => 'unanswered')] as const),
    )
    const isFound = found.some(([, one]) => typeof one === 'object' && one.version === map.version)
    if (!isFound && !(isComplete && found.every(([, one]) => one === undefined))) return
    // Who was given only what was left meanwhile learns there that it was.
    const names = new Set([...namesIn(map), ...map.retired])
    const lacking = found.filter(
      ([name, one]) =>
        one !== 'unanswered' && names.has(name) && serverMap.supersedes(map, one as ServerMap),
    )
    const { copies } = this.#options
    // The next round tries again.
    await Promise.allSettled(lacking.map(([name]) => copies.get(name)?.copy(map)))
  }
}

/** All servers that have shards, or had them until now. */
function namesIn({ servers, places }: ServerMap): ReadonlySet<string> {
  const names = new Set(servers)
  for (const place of places) {
    if ('on' in place) names.add(place.on)
    else for (const name of [place.to, place.from]) if (name !== undefined) names.add(name)
  }
  return names
}
