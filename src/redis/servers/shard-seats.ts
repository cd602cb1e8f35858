/**
 * Where this process takes each shard to live, and which of the numbers there it knows to be true.
 *
 * Kept by `ServersLink` from the map and from what servers answer. A seat is one stay of a shard on one
 * server: what was asked during another stay is not used.
 */

import type { ServerMap } from './server-map.ts'
import type { ShardMovedError } from './shard-moved-error.ts'

export interface Seat {
  readonly server: string
  /** Version of the map that brought the shard there. */
  readonly since: number
  /** Answers of this epoch are those of the shard, wherever it lives; empty: none is known yet. */
  epoch: string
}

export interface Leaving {
  readonly from: string | undefined
  readonly since: number
}

export class ShardSeats {
  readonly #seats: (Seat | undefined)[]
  readonly #leaving: (Leaving | undefined)[]
  /** By shard: what a server has told of a move that the map does not tell yet. */
  readonly #movedAt: number[]

  constructor(shards: number) {
    this.#seats = new Array<Seat | undefined>(shards).fill(undefined)
    this.#leaving = new Array<Leaving | undefined>(shards).fill(undefined)
    this.#movedAt = new Array<number>(shards).fill(0)
  }

  /** `undefined`: it has no home, as far as is known. */
  of(shard: number): Seat | undefined {
    return this.#seats[shard]
  }

  /** `undefined`: it is not on the move. */
  leaving(shard: number): Leaving | undefined {
    return this.#leaving[shard]
  }

  /** Shards that live on this server. */
  on(server: string): readonly number[] {
    return [...this.#seats.keys()].filter((shard) => this.#seats[shard]?.server === server)
  }

  /** @returns the shards whose seat is another one than before, or none. */
  adopt({ places }: ServerMap): readonly number[] {
    const changed: number[] = []
    for (const [shard, place] of places.entries()) {
      const before = this.#seats[shard]
      const isHome = 'on' in place && place.since >= (this.#movedAt[shard] ?? 0)
      this.#leaving[shard] = 'on' in place ? undefined : { from: place.from, since: place.since }
      if (isHome && before?.server === place.on && before.since === place.since) continue
      this.#seats[shard] = isHome ? { server: place.on, since: place.since, epoch: '' } : undefined
      if (isHome || before !== undefined) changed.push(shard)
    }
    return changed
  }

  /** A server has told that the shard left it. @returns whether that is news. */
  moved({ shard, version }: ShardMovedError): boolean {
    const seat = this.#seats[shard]
    if (seat === undefined || seat.since >= version) return false
    this.#seats[shard] = undefined
    this.#movedAt[shard] = version
    return true
  }
}
