/**
 * Several servers, of which each shard lives on one: sends each question where the shard lives, and
 * keeps out what is not the shard's answer. `ServersLink` asks it.
 *
 * An answer is used only if the shard has lived on that server from the question to the answer, and only
 * if its epoch is known to be the shard's. A new one is looked into first: a server that has lost its
 * data does not know what has left it.
 */

import { ClosedError, TierError } from '../../contracts/errors.ts'
import type {
  FollowAnswer,
  FollowRequest,
  SharedKey,
  SharedReading,
  SharedSignal,
} from '../../contracts/shared-tier.ts'
import type { RedisLink } from '../redis-link.ts'
import type { MapKeeper } from './map-keeper.ts'
import type { ServerMap } from './server-map.ts'
import type { ServerSite } from './server-site.ts'
import { ShardMovedError } from './shard-moved-error.ts'
import { type Seat, ShardSeats } from './shard-seats.ts'

/** Names the follows by which nobody follows. */
const VISITOR = 'visitor'

export interface SeatedServersOptions {
  readonly shards: number
  readonly keeper: MapKeeper
  readonly sites: ReadonlyMap<string, ServerSite>
  readonly tell: (signal: SharedSignal) => void
}

export class SeatedServers {
  readonly #options: SeatedServersOptions
  readonly #seats: ShardSeats
  /** By shard: the version of the last move that this process has said it knows of. */
  readonly #acknowledged = new Map<number, number>()
  /** The session that says how far this process has followed. */
  #beating: string | undefined
  #isSeated = false

  constructor(options: SeatedServersOptions) {
    this.#options = options
    this.#seats = new ShardSeats(options.shards)
  }

  isOn(server: string, shard: number): boolean {
    return this.#seats.of(shard)?.server === server
  }

  adopt(map: ServerMap): void {
    const changed = this.#seats.adopt(map)
    const isFirst = !this.#isSeated
    this.#isSeated = true
    if (changed.length === 0) return
    if (!isFirst) this.#options.tell({ kind: 'reconnected', shards: changed })
    for (const shard of changed) {
      if (this.#seats.of(shard) === undefined) this.#acknowledge(shard).catch(() => {})
    }
    if (!isFirst) void this.visit(changed)
  }

  /** Asks each of the shards once, so that it has numbers and a time. Never rejects. */
  async visit(shards: readonly number[]): Promise<void> {
    const first = { epoch: undefined, cursor: 0, beat: false }
    await Promise.allSettled(shards.map((shard) => this.follow(VISITOR, { ...first, shard })))
  }

  /** What a server has told of its own accord, but for the shards that do not live there. */
  hear(server: string, signal: SharedSignal): void {
    const { tell } = this.#options
    switch (signal.kind) {
      case 'changes':
        if (this.isOn(server, signal.shard)) tell(signal)
        return
      case 'doubt':
      case 'reconnected': {
        const shards = this.#seats.on(server)
        if (shards.length > 0) tell({ ...signal, shards })
        return
      }
      default:
        tell(signal)
    }
  }

  /**
   * One step of one shard. `epochOf` its answer; `undefined`: it has none.
   *
   * @throws TierError
   */
  async step<T>(
    shard: number,
    run: (link: RedisLink) => Promise<T>,
    epochOf: (answer: T) => string | undefined = () => undefined,
  ): Promise<T> {
    const seat = this.#seatOf(shard)
    const answer = await this.stepOn(seat.server, run)
    await this.#admit(shard, seat, epochOf(answer))
    return answer
  }

  /** A step of no shard, or one whose answer is not used yet. @throws TierError */
  async stepOn<T>(server: string, run: (link: RedisLink) => Promise<T>): Promise<T> {
    const site = this.siteOf(server)
    return await this.#heeding(() => site.ask(run))
  }

  async follow(session: string, request: FollowRequest): Promise<FollowAnswer> {
    const { shard, beat } = request
    if (beat) this.#beating = session
    const seat = this.#seats.of(shard)
    if (seat === undefined) {
      await this.#acknowledge(shard)
      throw homeless(shard)
    }
    const site = this.siteOf(seat.server)
    const answer = await this.#heeding(() => site.follow((link) => link.follow(session, request)))
    await this.#admit(shard, seat, answer.epoch)
    return answer
  }

  /** What a server does not answer are errors in the places of its keys. */
  async read(
    keys: readonly SharedKey[],
    shards: readonly number[],
  ): Promise<readonly (SharedReading | TierError)[]> {
    const readings: (SharedReading | TierError)[] = shards.map(homeless)
    const places = new Map<string, number[]>()
    for (const [place, shard] of shards.entries()) {
      const seat = this.#seats.of(shard)
      if (seat === undefined) continue
      const others = places.get(seat.server)
      if (others === undefined) places.set(seat.server, [place])
      else others.push(place)
    }
    const asked = [...places].map(async ([server, those]) => {
      const found = await this.#readOn(server, keys, { shards, places: those })
      for (const [at, place] of those.entries()) readings[place] = found[at] ?? homeless(place)
    })
    await Promise.all(asked)
    return readings
  }

  /** @throws TierError if this process was not given that server. */
  siteOf(server: string): ServerSite {
    const site = this.#options.sites.get(server)
    if (site !== undefined) return site
    throw new TierError(
      'redis',
      `Shards of this cache live on the Redis server \`${server}\`, which the tier was not given.`,
    )
  }

  async #readOn(
    server: string,
    keys: readonly SharedKey[],
    { shards, places }: { readonly shards: readonly number[]; readonly places: readonly number[] },
  ): Promise<readonly (SharedReading | TierError)[]> {
    const theirs = places.map((place) => shards[place] ?? 0)
    const seats = theirs.map((shard) => this.#seats.of(shard))
    try {
      const asked = places.flatMap((place) => keys[place] ?? [])
      const found = await this.siteOf(server).ask((link) => link.read(asked, theirs))
      return found.map((reading, at) => {
        if (reading instanceof TierError) return reading
        const seat = seats[at]
        const isTrue = seat !== undefined && seat === this.#seats.of(reading.shard)
        // A step finds out whether another epoch is true.
        return isTrue && seat.epoch === reading.epoch ? reading : homeless(reading.shard)
      })
    } catch (error) {
      const failure = error instanceof TierError ? error : unanswered(server, error)
      return places.map(() => failure)
    }
  }

  #seatOf(shard: number): Seat {
    const seat = this.#seats.of(shard)
    if (seat === undefined) throw homeless(shard)
    return seat
  }

  /** Does what follows from a server's word that a shard has left it. */
  async #heeding<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      if (error instanceof ShardMovedError) await this.#moved(error)
      throw error
    }
  }

  async #moved(error: ShardMovedError): Promise<void> {
    const { keeper, tell } = this.#options
    // The map tells where it goes. Who asks in vain asks again with the next round.
    keeper.refresh().catch(() => {})
    const server = this.#seats.of(error.shard)?.server
    if (server === undefined || !this.#seats.moved(error)) return
    tell({ kind: 'reconnected', shards: [error.shard] })
    await this.#acknowledgeOn(this.siteOf(server), error)
  }

  /**
   * Says, where a shard lived, that this process does not read it there any more: its new home waits
   * for that. Nothing is said by who has never said that he follows.
   */
  async #acknowledge(shard: number): Promise<void> {
    const leaving = this.#seats.leaving(shard)
    const known = this.#acknowledged.get(shard) ?? 0
    if (leaving?.from === undefined || known >= leaving.since) return
    const site = this.#options.sites.get(leaving.from)
    const look = { shard, epoch: undefined, cursor: 0, beat: false }
    try {
      await site?.follow((link) => link.follow(VISITOR, look))
    } catch (error) {
      if (site !== undefined && error instanceof ShardMovedError) {
        await this.#acknowledgeOn(site, error)
      }
    }
  }

  async #acknowledgeOn(
    site: ServerSite,
    { shard, epoch, version }: ShardMovedError,
  ): Promise<void> {
    const session = this.#beating
    if (session === undefined) return
    this.#acknowledged.set(shard, version)
    const beat = { shard, epoch, cursor: 0, beat: true }
    // The answer is once more that it has moved.
    await site.follow((link) => link.follow(session, beat)).catch(() => {})
  }

  /** @throws TierError if the answer is not the shard's, or nobody can tell. */
  async #admit(shard: number, seat: Seat, epoch: string | undefined): Promise<void> {
    if (epoch !== undefined && epoch !== seat.epoch) {
      const isTrue = await this.#options.keeper.confirm(seat.server)
      if (!isTrue) {
        throw new TierError(
          'redis',
          `Redis server \`${seat.server}\` has begun anew, and no other one can tell what lives there.`,
        )
      }
      seat.epoch = epoch
    }
    if (this.#seats.of(shard) !== seat) throw homeless(shard)
  }
}

function homeless(shard: number): TierError {
  return new TierError('redis', `Shard ${shard} of this cache is on its way to another server.`)
}

function unanswered(server: string, cause: unknown): TierError {
  if (cause instanceof ClosedError) return new TierError('redis', cause.message, { cause })
  return new TierError('redis', `Redis server \`${server}\` cannot be asked.`, { cause })
}
