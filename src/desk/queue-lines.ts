/** What waits for the source, and what was given up, of collections that are named. */

import type { QueuePlace, WriteKind } from '../contracts/pending-steps.ts'
import type { SharedSession } from '../contracts/shared-tier.ts'
import type { CacheKey } from '../contracts/source.ts'
import { decodeKey, encodeKey } from '../keys/key-encoding.ts'

/** Dead letters in one call. */
const PAGE = 100

export interface QueueLine {
  readonly collection: string
  readonly waiting: number
  readonly bytes: number
  /** 0: none waits. */
  readonly oldestMs: number
  readonly deadLetters: number
}

export interface DeadLetterLine {
  readonly key: CacheKey
  readonly kind: WriteKind
  readonly error: string
  /** Tries on its own account, the last one included. */
  readonly attempts: number
  /** Epoch milliseconds, by the server's clock. */
  readonly diedAt: number
}

/** @throws TierError from every call */
export class QueueDesk {
  readonly #session: SharedSession

  constructor(session: SharedSession) {
    this.#session = session
  }

  async status(collection: string): Promise<QueueLine> {
    const { pending } = this.#session
    const states = await Promise.all(
      this.#places(collection).map((place) => pending.backlog(place)),
    )
    return {
      collection,
      waiting: states.reduce((sum, { records }) => sum + records, 0),
      bytes: states.reduce((sum, { bytes }) => sum + bytes, 0),
      oldestMs: Math.max(...states.map(({ oldestMs }) => oldestMs)),
      deadLetters: states.reduce((sum, { dead }) => sum + dead, 0),
    }
  }

  /** In no order, each key once. */
  async *deadLetters(collection: string): AsyncGenerator<DeadLetterLine> {
    for (const place of this.#places(collection)) {
      const told = new Set<string>()
      let cursor: string | undefined
      do {
        const page = await this.#session.pending.dead(place, { cursor, limit: PAGE })
        for (const { id, kind, error, attempts, diedAt } of page.letters) {
          const key = decodeKey(collection, id)
          // A page may name one again; and what can be no key is nobody's.
          if (key === undefined || told.has(id)) continue
          told.add(id)
          yield { key, kind, error, attempts: attempts + 1, diedAt }
        }
        cursor = page.cursor
      } while (cursor !== undefined)
    }
  }

  /** Queues dead letters again, due at once; answers how many. */
  retry(collection: string, keys: readonly CacheKey[]): Promise<number> {
    return this.#each(collection, keys, (place, ids) => this.#session.pending.revive(place, ids))
  }

  /** Forgets dead letters; answers how many there were. */
  drop(collection: string, keys: readonly CacheKey[]): Promise<number> {
    return this.#each(collection, keys, (place, ids) => this.#session.pending.drop(place, ids))
  }

  /** In every shard: where `shardBy` puts a key, only its collection knows. */
  async #each(
    collection: string,
    keys: readonly CacheKey[],
    step: (place: QueuePlace, ids: readonly string[]) => Promise<number>,
  ): Promise<number> {
    const ids = keys.map((key) => encodeKey(collection, key).id)
    let done = 0
    for (const place of this.#places(collection)) {
      for (let from = 0; from < ids.length; from += PAGE) {
        done += await step(place, ids.slice(from, from + PAGE))
      }
    }
    return done
  }

  #places(collection: string): readonly QueuePlace[] {
    return Array.from({ length: this.#session.shards }, (_, shard) => ({ shard, collection }))
  }
}
