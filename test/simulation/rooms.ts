/**
 * The rooms of the library that a simulation runs on, from a folder of sources.
 */

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type * as CodecsRoom from '../../src/codecs/index.ts'
import type { EnvelopeFormat } from '../../src/contracts/codec.ts'
import type * as Library from '../../src/index.ts'
import type * as MapRowsRoom from '../../src/memory/map-rows.ts'
import type * as MapLocksRoom from '../../src/memory/map-rows-locks.ts'
import type * as ShardRoom from '../../src/shard/index.ts'
import type * as TierEventsRoom from '../../src/sqlite/tier-events.ts'
import type * as TierFileRoom from '../../src/sqlite/tier-file.ts'
import { BASE_MS } from './instance-clock.ts'

/** What the rows of a shard are kept in. */
export type RowsKind = 'maps' | 'sqlite'

export interface Rooms {
  readonly library: typeof Library
  readonly shard: typeof ShardRoom
  /** Reads what caches without options of their own write. */
  readonly envelope: EnvelopeFormat
  /** Of one shard, on a new server; `now`: its wall clock. */
  readonly newRows: (now?: () => number) => ShardRoom.ShardRows
  /** Of all shards together. */
  readonly newLocks: () => ShardRoom.LockRows
}

const MAX_BYTES = 2 ** 30

/** `folder` has what `src` has. */
export async function loadRooms(folder: string, kind: RowsKind = 'maps'): Promise<Rooms> {
  const load = async (file: string): Promise<unknown> =>
    await import(pathToFileURL(join(folder, file)).href)
  const { MapLocks } = (await load('memory/map-rows-locks.ts')) as typeof MapLocksRoom
  return {
    library: (await load('index.ts')) as typeof Library,
    shard: (await load('shard/index.ts')) as typeof ShardRoom,
    envelope: plainEnvelope((await load('codecs/index.ts')) as typeof CodecsRoom),
    newLocks: () => new MapLocks(),
    newRows: kind === 'maps' ? await mapRows(load) : await sqliteRows(load),
  }
}

function plainEnvelope({ createEnvelopeFormat, jsonCodec }: typeof CodecsRoom): EnvelopeFormat {
  const json = jsonCodec()
  const clock = { now: () => BASE_MS, monotonic: () => 0, schedule: () => () => {} }
  const bounds = { compression: undefined, compressors: [], maxInflatedBytes: MAX_BYTES, clock }
  return createEnvelopeFormat({ codecs: [json], write: json, ...bounds })
}

type Load = (file: string) => Promise<unknown>

async function mapRows(load: Load): Promise<Rooms['newRows']> {
  const { MapRows } = (await load('memory/map-rows.ts')) as typeof MapRowsRoom
  return () => new MapRows(MAX_BYTES, () => {})
}

/** In memory, so that nothing is left behind. */
async function sqliteRows(load: Load): Promise<Rooms['newRows']> {
  const { TierFile } = (await load('sqlite/tier-file.ts')) as typeof TierFileRoom
  const { TierEvents } = (await load('sqlite/tier-events.ts')) as typeof TierEventsRoom
  const random = { next: () => 0.5, id: () => 'unused' }
  const file = {
    path: ':memory:',
    name: 'simulated',
    maxBytes: MAX_BYTES,
    busyTimeoutMs: 0,
    random,
  }
  return (now = () => BASE_MS) =>
    new TierFile({ ...file, now, monotonic: now }, new TierEvents(() => {}), 0).rows
}
