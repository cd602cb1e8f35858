/**
 * The rooms of the library that a simulation runs on: the sources as they are, or a copy of them with
 * a planted fault.
 */

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type * as Library from '../../src/index.ts'
import type * as MapRowsRoom from '../../src/memory/map-rows.ts'
import type * as MapLocksRoom from '../../src/memory/map-rows-locks.ts'
import type * as ShardRoom from '../../src/shard/index.ts'

export interface Rooms {
  readonly library: typeof Library
  readonly shard: typeof ShardRoom
  readonly MapRows: typeof MapRowsRoom.MapRows
  readonly MapLocks: typeof MapLocksRoom.MapLocks
}

/** `folder` has what `src` has. */
export async function loadRooms(folder: string): Promise<Rooms> {
  const load = async (file: string): Promise<unknown> =>
    await import(pathToFileURL(join(folder, file)).href)
  const { MapRows } = (await load('memory/map-rows.ts')) as typeof MapRowsRoom
  const { MapLocks } = (await load('memory/map-rows-locks.ts')) as typeof MapLocksRoom
  return {
    library: (await load('index.ts')) as typeof Library,
    shard: (await load('shard/index.ts')) as typeof ShardRoom,
    MapRows,
    MapLocks,
  }
}
