/**
 * Which server has which shard: the value that every server keeps a copy of, and every process goes by.
 * Written by `ShardMover`, read by `MapKeeper`.
 */

/** Of the form below. A release that meets a newer one leaves the cache alone. */
const FORMAT = 1

export type ShardPlace =
  | { readonly on: string; readonly since: number }
  /** At home nowhere. Without `from`: nothing is to be left behind. */
  | { readonly to: string; readonly from?: string | undefined; readonly since: number }

export interface ServerMap {
  /** Only grows: of two maps, the higher is right. `since` of a place is the version that put it there. */
  readonly version: number
  /** Drawn with each change: of two maps of one version, all go by the same. */
  readonly id: string
  /** The server on which the map is changed, and the locks live. */
  readonly home: string
  readonly servers: readonly string[]
  /** Names of servers that were emptied for good. They do not join again. */
  readonly retired: readonly string[]
  readonly places: readonly ShardPlace[]
}

export const serverMap: {
  write(map: ServerMap): string
  /** `newer`: of a later release. `undefined`: it is none. */
  read(text: string): ServerMap | 'newer' | undefined
  /** Whether the first is to be gone by, and not the second. */
  supersedes(map: ServerMap, other: ServerMap | undefined): boolean
} = {
  write: (map) => JSON.stringify({ format: FORMAT, ...map }),
  read(text) {
    try {
      const { format, ...map } = JSON.parse(text) as ServerMap & { readonly format: unknown }
      if (typeof format !== 'number') return undefined
      if (format > FORMAT) return 'newer'
      return Array.isArray(map.places) && Array.isArray(map.servers) ? map : undefined
    } catch {
      return undefined
    }
  },
  supersedes(map, other) {
    if (other === undefined || map.version > other.version) return true
    return map.version === other.version && map.id > other.id
  },
}
