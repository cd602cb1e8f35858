/** How the entries of a cache lie over its shards and collections, as far as a walk over the keys tells. */

import { collectionOf } from './collection-of.ts'
import type { RedisConnection, RedisReply } from './connection/redis-connection.ts'
import { RedisError } from './connection/redis-error.ts'
import { errorOfReply } from './error-of-reply.ts'
import { KeyNames } from './key-names.ts'
import { PROTOCOL_VERSION } from './protocol-version.ts'
import { scanSlice } from './scan-slice.ts'
import { readReply } from './scripts/read-reply.ts'

export interface CacheSpread {
  readonly shards: number
  /** Of the scripts' common language, as the shards have it; `undefined`: no shard was used yet. */
  readonly protocol: number | undefined
  /** What this release speaks. */
  readonly protocolHere: number
  /** Entries that were seen, by shard. */
  readonly entries: readonly number[]
  /** Entries that were seen, by collection; empty: plain keys. */
  readonly collections: Readonly<Record<string, number>>
  /** Collections whose writes wait for the source, or were given up, or did once. */
  readonly queues: readonly string[]
  /** `false`: there are more than were looked at. */
  readonly complete: boolean
  /** The shards are spread over servers of which this is one. */
  readonly several: boolean
}

/** Of 1,000 keys each, on each master. */
const MAX_HANDFULS = 200
/** Collections are declared, not made from data; what stands in a foreign key may be anything. */
const MAX_COLLECTIONS = 1_000
/** Empty: plain keys. */
const COLLECTION = /^[A-Za-z0-9._-]{0,64}$/

/** `undefined`: there is no cache of that name. @throws TierError */
export async function measureSpread(
  connection: RedisConnection,
  name: string,
): Promise<CacheSpread | undefined> {
  const map = `{${name}/map}:m`
  // With no more rights than the tier itself has.
  const several = readReply.list(await ask(connection, map, ['HGETALL', map])).length > 0
  const locks = `{${name}/locks}:c`
  const known = await ask(connection, locks, ['HGET', locks, 'S'])
  const shards = known === null ? 0 : Number(readReply.text(known))
  if (!Number.isSafeInteger(shards) || shards < 1 || shards > 256) return undefined
  const cluster = connection.kind === 'cluster'
  const names = new KeyNames({ name, shards, stream: undefined, cluster })
  return {
    shards,
    protocol: await protocolOf(connection, names, shards),
    protocolHere: PROTOCOL_VERSION,
    several,
    ...(await walk(connection, names, name)),
  }
}

async function ask(
  connection: RedisConnection,
  key: string,
  command: readonly string[],
): Promise<RedisReply> {
  const [reply = null] = await connection.send(key, [command])
  if (reply instanceof RedisError) throw errorOfReply(reply)
  return reply
}

async function protocolOf(
  connection: RedisConnection,
  names: KeyNames,
  shards: number,
): Promise<number | undefined> {
  let newest: number | undefined
  for (let shard = 0; shard < shards; shard += 1) {
    const { control } = names.of(shard)
    const reply = await ask(connection, control, ['HGET', control, 'v'])
    if (reply !== null) newest = Math.max(newest ?? 0, Number(readReply.text(reply)))
  }
  return newest
}

async function walk(
  connection: RedisConnection,
  names: KeyNames,
  name: string,
): Promise<Pick<CacheSpread, 'entries' | 'collections' | 'queues' | 'complete'>> {
  const tally = new Tally(names)
  let complete = true
  for (const { node } of await connection.eachNode([['PING']])) {
    const seen = new Set<string>()
    let cursor = '0'
    for (let left = MAX_HANDFULS; left > 0; left -= 1) {
      const scan = ['SCAN', cursor, 'MATCH', `{${name}/*}:[exQ]:*`, 'COUNT', '1000']
      const slice = scanSlice((await connection.sendTo(node, [scan]))[0])
      for (const key of slice.keys) {
        // A walk may come by a key twice.
        if (!seen.has(key)) tally.add(key)
        seen.add(key)
      }
      cursor = slice.cursor
      if (cursor === '0') break
    }
    complete &&= cursor === '0'
  }
  return { ...tally.result(), complete }
}

/** What the names of keys say. */
class Tally {
  readonly #names: KeyNames
  readonly #entries = new Map<number, number>()
  readonly #collections = new Map<string, number>()
  readonly #queues = new Set<string>()

  constructor(names: KeyNames) {
    this.#names = names
  }

  add(key: string): void {
    const place = this.#names.placeOf(key)
    if (place !== undefined) {
      this.#entry(place.shard, collectionOf(place.id))
      return
    }
    const queue = /^\{[^}]*\}:[xQ]:(.+)$/.exec(key)?.[1]
    if (queue !== undefined && this.#queues.size < MAX_COLLECTIONS) this.#queues.add(queue)
  }

  result(): Pick<CacheSpread, 'entries' | 'collections' | 'queues'> {
    const sorted = [...this.#collections].sort(([one], [other]) => (one < other ? -1 : 1))
    return {
      entries: Array.from(
        { length: this.#names.shards },
        (_, shard) => this.#entries.get(shard) ?? 0,
      ),
      collections: Object.fromEntries(sorted),
      queues: [...this.#queues].sort(),
    }
  }

  #entry(shard: number, collection: string): void {
    // What the library keeps for itself stands under names that no user can give.
    if (!COLLECTION.test(collection)) return
    this.#entries.set(shard, (this.#entries.get(shard) ?? 0) + 1)
    if (this.#collections.size >= MAX_COLLECTIONS && !this.#collections.has(collection)) return
    this.#collections.set(collection, (this.#collections.get(collection) ?? 0) + 1)
  }
}
