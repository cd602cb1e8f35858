/**
 * Values that come from a query and not from the load of a key: kept only where nothing has changed
 * since before the query was asked, or what it read long ago would replace something newer (CO-2, I6).
 */

import type { Position } from '../contracts/coherence.ts'
import type { CacheKey } from '../contracts/source.ts'
import type { WarmMark } from '../contracts/warm-target.ts'
import { withValueTags } from './commit.ts'
import type { Engine } from './engine.ts'
import type { Load } from './loads.ts'
import type { Space } from './space.ts'
import { TickBatch } from './tick-batch.ts'

interface Mark {
  /** Of each shard; none without a shared tier. */
  readonly positions: readonly Position[]
  /** In this process. */
  readonly stamp: number
  readonly changes: number
}

export class WarmValues {
  readonly #engine: Engine
  readonly #space: Space
  /** Shards to be followed, once for all keys of a tick. */
  readonly #following: TickBatch<number, boolean>

  constructor(engine: Engine, space: Space) {
    this.#engine = engine
    this.#space = space
    this.#following = new TickBatch({
      clock: engine.clock,
      limit: Number.MAX_SAFE_INTEGER,
      run: async (shards) => {
        const asked = new Map<number, Promise<boolean>>()
        for (const shard of shards) {
          if (!asked.has(shard)) asked.set(shard, this.#follow(shard))
        }
        await Promise.all(asked.values())
        return await Promise.all(shards.map((shard) => asked.get(shard) as Promise<boolean>))
      },
    })
  }

  mark(): WarmMark {
    const mark: Mark = {
      positions: this.#engine.shared?.coherence.positions() ?? [],
      stamp: this.#engine.order.stamp,
      changes: this.#space.reservations.changes.mark,
    }
    return mark as unknown as WarmMark
  }

  /**
   * A load that answers with the value, or as `otherwise` does where the key has changed since `mark`.
   * It runs under the lease of the key, as any load: what changes from then on takes the lease away.
   */
  load(item: readonly [CacheKey, unknown], opaque: WarmMark, otherwise: Load | undefined): Load {
    const [key, value] = item
    const mark = opaque as unknown as Mark
    // Until the load is opened, which looks like a change itself; from then on its reservation tells.
    const touched = this.#space.reservations.changes.touched(key, mark.changes)
    return async (request) => {
      request.begins?.()
      const given = { value, options: request.base, durationMs: 0 }
      const stands = !touched && (await this.#stands(key, value, mark))
      // Asked last: what is heard of exactly stands nowhere else.
      if (stands && request.survives?.() !== false) {
        return { ...given, keep: true }
      }
      return otherwise === undefined ? { ...given, keep: false } : await otherwise(request)
    }
  }

  async #stands(key: CacheKey, value: unknown, mark: Mark): Promise<boolean> {
    const engine = this.#engine
    const space = this.#space
    const { tags } = withValueTags(space, space.options, value, key)
    if (!engine.order.stands(mark.stamp, tags)) return false
    if (engine.shared === undefined) return true
    const { access, coherence } = engine.shared
    const sharedKey = space.sharedKey(key)
    const position = mark.positions[access.shardOf(sharedKey)]
    if (position === undefined || position.epoch === '') return false
    // The lease is held: a change that came before it is known once the shard is followed.
    if (!(await this.#following.add(position.shard))) return false
    const { epoch, cursor } = position
    const copy = { epoch, stamp: cursor, asOf: cursor, blind: false }
    return coherence.judgeCopy(sharedKey, copy, tags) === 'stands'
  }

  async #follow(shard: number): Promise<boolean> {
    return (await this.#engine.shared?.coherence.catchUp(shard)) ?? false
  }
}
