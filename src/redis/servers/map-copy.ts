/** The map of shards as one server keeps it. `MapKeeper` and `ShardMover` ask it. */

import { ConfigError, TierError } from '../../contracts/errors.ts'
import type { RedisConnection, RedisReply } from '../connection/redis-connection.ts'
import { RedisError } from '../connection/redis-error.ts'
import { errorOfReply } from '../error-of-reply.ts'
import { ScriptRunner } from '../script-runner.ts'
import { readReply } from '../scripts/read-reply.ts'
import { type ClaimReply, mapScripts } from './map-scripts.ts'
import { type ServerMap, serverMap } from './server-map.ts'

export interface MapCopyOptions {
  /** Of the cache. */
  readonly cache: string
  /** Of the server. */
  readonly server: string
  readonly connection: RedisConnection
}

export interface MapRead {
  /** `undefined`: there is none. */
  readonly map: ServerMap | undefined
  /** What the server was called when it was written to last. */
  readonly name: string | undefined
}

/** @throws TierError from every method if the server cannot be asked. */
export class MapCopy {
  readonly #options: MapCopyOptions
  readonly #runner: ScriptRunner
  readonly #keys: { readonly map: string; readonly absent: string }

  constructor(options: MapCopyOptions) {
    this.#options = options
    this.#runner = new ScriptRunner(options.connection)
    const tag = `{${options.cache}/map}`
    this.#keys = { map: `${tag}:m`, absent: `${tag}:-` }
  }

  /** @throws ConfigError if what stands there is of a later release, or no map. */
  async read(): Promise<MapRead> {
    const { connection, server } = this.#options
    const { map: key } = this.#keys
    const [reply] = await connection.send(key, [['HMGET', key, 'm', 'n']])
    const [text, name] = readReply.list(plain(reply))
    const map = isThere(text) ? serverMap.read(readReply.text(text)) : undefined
    if (map === 'newer' || (map === undefined && isThere(text))) {
      throw new ConfigError({
        field: 'servers',
        expected: 'servers whose map of shards this release can read',
        actual: `another form on \`${server}\``,
        cure: 'A newer release works on this cache: use that one, or another name for the cache.',
      })
    }
    return { map, name: isThere(name) ? readReply.text(name) : undefined }
  }

  /** Whether the server has entries of this cache, or had some: it has been opened there. */
  async isUsed(): Promise<boolean> {
    const { cache, connection } = this.#options
    const key = `{${cache}/locks}:c`
    const [reply] = await connection.send(key, [['HEXISTS', key, 'S']])
    return readReply.number(plain(reply)) === 1
  }

  claim(mover: string, forMs: number): Promise<ClaimReply> {
    return this.#runner.run(mapScripts.claim, this.#keys.map, {
      keys: this.#keys,
      args: { mover, forMs: String(forMs) },
      items: [],
    })
  }

  async release(mover: string): Promise<void> {
    const call = { keys: this.#keys, args: { mover }, items: [] }
    await this.#runner.run(mapScripts.release, this.#keys.map, call)
  }

  /** `false`: somebody else has changed it, or has the right to. */
  change(mover: string, seen: ServerMap | undefined, next: ServerMap): Promise<boolean> {
    const seenVersion = seen === undefined ? '' : String(seen.version)
    return this.#runner.run(mapScripts.change, this.#keys.map, {
      keys: this.#keys,
      args: { mover, seenVersion, seenId: seen?.id ?? '', ...this.#written(next) },
      items: [],
    })
  }

  /** Whether it is this map that stands there afterwards. */
  async copy(map: ServerMap): Promise<boolean> {
    const standing = await this.#runner.run(mapScripts.copy, this.#keys.map, {
      keys: this.#keys,
      args: this.#written(map),
      items: [],
    })
    return standing?.version === map.version && standing.id === map.id
  }

  #written(map: ServerMap): Record<'version' | 'id' | 'text' | 'name', string> {
    const { server } = this.#options
    return { version: String(map.version), id: map.id, text: serverMap.write(map), name: server }
  }
}

function plain(reply: RedisReply | undefined): RedisReply | undefined {
  if (reply === undefined) throw new TierError('redis', 'Redis answered without a reply.')
  if (reply instanceof RedisError) throw errorOfReply(reply)
  return reply
}

function isThere(reply: RedisReply | undefined): reply is RedisReply {
  return reply !== undefined && reply !== null
}
