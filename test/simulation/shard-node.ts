/** One server of one shard: the real engine over rows, and what may be wrong with the machine. */

import type { SharedSignal } from '../../src/contracts/shared-tier.ts'
import type { LockEngine, LockRows, ShardEngine, ShardRows } from '../../src/shard/index.ts'
import type { SeededRandom } from '../../src/testing/seeded-random.ts'
import { BASE_MS } from './instance-clock.ts'
import { MAX_LAG_MS } from './plan.ts'
import type { Rooms } from './rooms.ts'
import type { VirtualTime } from './virtual-time.ts'

/** `read` passes everywhere, `removal` on a full server too, `write` on neither. */
export type StepKind = 'read' | 'removal' | 'write'

export interface NodeParts {
  readonly rooms: Rooms
  readonly time: VirtualTime
  readonly random: SeededRandom
  readonly shard: number
  readonly name: string
  readonly rows: ShardRows
  readonly locks: LockRows
  /** Its wall clock goes before or after that of others by so much. */
  readonly offsetMs: number
  readonly announce: (node: ShardNode, signal: SharedSignal) => void
}

export class ShardNode {
  readonly name: string
  dead = false
  fullUntil: number = Number.NEGATIVE_INFINITY
  /** Since when its replica has been silent. */
  detachedAt: number | undefined
  readonly #parts: NodeParts
  #rows: ShardRows
  #engine: ShardEngine
  #locks: LockEngine

  constructor(parts: NodeParts) {
    this.name = parts.name
    this.#parts = parts
    this.#rows = parts.rows
    this.#engine = this.#engineOver(parts.rows)
    this.#locks = this.#locksOver(parts.locks)
  }

  get engine(): ShardEngine {
    return this.#engine
  }

  get locks(): LockEngine {
    return this.#locks
  }

  get rows(): ShardRows {
    return this.#rows
  }

  get now(): number {
    return Math.floor(BASE_MS + this.#parts.time.now + this.#parts.offsetMs)
  }

  /** It goes on with other rows, as after a restart. */
  replaceRows(rows: ShardRows): void {
    this.#rows = rows
    this.#engine = this.#engineOver(rows)
  }

  replaceLocks(locks: LockRows): void {
    this.#locks = this.#locksOver(locks)
  }

  /** Why a step is not carried out, in the words of a Redis server. */
  refusal(kind: StepKind): string | undefined {
    const { now } = this.#parts.time
    if (kind === 'read') return undefined
    if (this.detachedAt !== undefined && now - this.detachedAt > MAX_LAG_MS) return 'NOREPLICAS'
    return kind === 'write' && this.fullUntil > now ? 'OOM' : undefined
  }

  #locksOver(rows: LockRows): LockEngine {
    const { rooms, random } = this.#parts
    return new rooms.shard.LockEngine({ rows, random, now: () => this.now })
  }

  #engineOver(rows: ShardRows): ShardEngine {
    const { rooms, random, shard, announce } = this.#parts
    return new rooms.shard.ShardEngine({
      rows,
      shard,
      random,
      now: () => this.now,
      announce: (signal) => announce(this, signal),
    })
  }
}
