/**
 * The hit path: entries by one plain MGET, without a script.
 *
 * Nothing is judged here but time: the reader knows the changes that were followed, and the next
 * script tells whatever is missing here. An intent is simply no entry.
 */

import { TierError } from '../contracts/errors.ts'
import type { Report } from '../contracts/events.ts'
import type { Answers, ShardMoment, SharedKey, SharedReading } from '../contracts/shared-tier.ts'
import type { RedisConnection } from './connection/redis-connection.ts'
import { RedisError } from './connection/redis-error.ts'
import { errorOfReply } from './error-of-reply.ts'
import type { KeyNames } from './key-names.ts'
import { readEntry } from './read-entry.ts'
import type { ShardMoments } from './shard-moments.ts'

export interface EntryReaderOptions {
  readonly connection: RedisConnection
  readonly names: KeyNames
  readonly moments: ShardMoments
  readonly report: Report
}

export class EntryReader {
  readonly #options: EntryReaderOptions

  constructor(options: EntryReaderOptions) {
    this.#options = options
  }

  async read(keys: readonly SharedKey[], shards: readonly number[]): Answers<SharedReading> {
    const { connection, names } = this.#options
    const stored = await connection.getMany(
      keys.map(({ id }, at) => names.entry(shards[at] ?? 0, id)),
    )
    // One moment a shard for all keys of the call.
    const moments: (ShardMoment | undefined)[] = []
    return keys.map((key, at) => {
      const shard = shards[at] ?? 0
      moments[shard] ??= this.#options.moments.of(shard)
      return this.#reading(key, moments[shard], stored[at] ?? null)
    })
  }

  #reading(
    key: SharedKey,
    moment: ShardMoment | undefined,
    stored: Uint8Array | null | RedisError,
  ): SharedReading | TierError {
    if (moment === undefined) {
      return new TierError('redis', 'The shard has not been asked yet, so no entry can be judged.')
    }
    // A key of another type is nobody's entry.
    if (stored instanceof RedisError && stored.code !== 'WRONGTYPE') return errorOfReply(stored)
    if (stored === null) return { entry: undefined, ...moment }
    const read =
      stored instanceof RedisError ? { kind: 'corrupt' as const } : readEntry(stored, moment.epoch)
    if (read.kind === 'value') {
      const { shard, epoch, sequence, serverNow } = moment
      const entry = serverNow < read.entry.graceUntil ? read.entry : undefined
      return { entry, shard, epoch, sequence, serverNow }
    }
    if (read.kind !== 'intent') this.#tell(key, read.kind)
    return { entry: undefined, ...moment }
  }

  #tell({ collection }: SharedKey, kind: 'newer' | 'corrupt'): void {
    this.#options.report({
      type: 'undecodable',
      pattern: collection === '' ? '*' : `${collection}:*`,
      reason: kind === 'newer' ? 'version' : 'corrupt',
      error: undefined,
    })
  }
}
