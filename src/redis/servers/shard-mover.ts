/**
 * Makes the first map of a cache, and moves shards where servers join or leave. Every process has one;
 * of all of them, one at a time has the right to change the map.
 *
 * A shard that moves leaves first: its old home takes a mark, and does no step of it any more. Reads run
 * no steps there, so a process that has not heard would read the old home for ever. So the new home
 * comes to life only when all that follow the shard have said that they know, or have been silent for so
 * long that they serve nothing by themselves. Each step may be carried out twice, so whoever takes over
 * from a mover that died begins the move again.
 */

import type { Clock } from '../../contracts/clock.ts'
import { CacheError, TierError } from '../../contracts/errors.ts'
import type { Report } from '../../contracts/events.ts'
import type { Random } from '../../contracts/random.ts'
import type { ShardLink } from '../../shard/index.ts'
import type { MapCopy } from './map-copy.ts'
import type { MapKeeper } from './map-keeper.ts'
import { type MapDraft, nextMap, type Wish } from './next-map.ts'
import type { ServerMap, ShardPlace } from './server-map.ts'
import type { ShardHomes } from './shard-homes.ts'

export interface MovePace {
  /** Between two looks at the map. */
  readonly lookMs: number
  /** While there is none, or shards are on the move. */
  readonly busyLookMs: number
  /** Who has not said within it that he knows of a move is taken for silent. */
  readonly silenceMs: number
  /** After it, a mover is taken for dead. */
  readonly takeoverMs: number
}

export const MOVE_PACE: MovePace = {
  lookMs: 2_000,
  busyLookMs: 100,
  silenceMs: 10_000,
  takeoverMs: 30_000,
}

const ACKNOWLEDGED_EVERY_MS = 50

type Moving = Exclude<ShardPlace, { readonly on: string }> & { readonly shard: number }
type Homes = Pick<ShardLink, 'standings'> & { readonly homes: ShardHomes }

export type MoveStep = 'change' | 'spread' | 'retire' | 'wait' | 'activate' | 'settle'

export interface ShardMoverOptions {
  readonly wish: Wish
  readonly shards: number
  readonly keeper: MapKeeper
  readonly copies: ReadonlyMap<string, MapCopy>
  /** @throws TierError if the server is none of those that were given, or cannot be used yet. */
  readonly serverOf: (name: string) => Homes
  readonly clock: Clock
  readonly random: Random
  readonly report: Report
  readonly pace: MovePace
  /** Told before each step; a step of which it throws is not done. */
  readonly onStep?: ((step: MoveStep) => void) | undefined
}

export class ShardMover {
  readonly #options: ShardMoverOptions
  readonly #id: string
  #isClosed = false
  #cancel: () => void = () => {}
  #endWait: () => void = () => {}
  #told = ''

  constructor(options: ShardMoverOptions) {
    this.#options = options
    this.#id = options.random.id()
  }

  /** Looks at the map, again and again, and does what there is to do. */
  start(): void {
    void this.#round()
  }

  close(): void {
    this.#isClosed = true
    this.#cancel()
    this.#endWait()
  }

  /** Never rejects. */
  async #round(): Promise<void> {
    const { keeper, clock, pace } = this.#options
    try {
      const isComplete = await keeper.refresh()
      await this.#work(isComplete)
      this.#told = ''
    } catch (error) {
      this.#tell(error)
    }
    if (this.#isClosed) return
    const isBusy = keeper.map === undefined || movingIn(keeper.map).length > 0
    const delayMs = isBusy ? pace.busyLookMs : pace.lookMs
    this.#cancel = clock.schedule(delayMs, () => void this.#round(), 'upkeep')
  }

  async #work(isComplete: boolean): Promise<void> {
    let isDone = !this.#isWanted(isComplete)
    while (!isDone && !this.#isClosed) isDone = !(await this.#step())
  }

  #isWanted(isComplete: boolean): boolean {
    const { keeper, wish, copies } = this.#options
    const { map } = keeper
    // Who has not heard of all servers must not make a map: the others may have one.
    if (map === undefined) return isComplete
    const knowsAll = map.servers.every((name) => copies.has(name) || wish.retire.includes(name))
    return knowsAll && (movingIn(map).length > 0 || nextMap.after(wish, map) !== undefined)
  }

  /** @returns whether there may be more to do. */
  async #step(): Promise<boolean> {
    const { keeper, pace, wish } = this.#options
    const changer = this.#changer(keeper.map)
    const claim = await changer?.claim(this.#id, pace.takeoverMs)
    if (changer === undefined || claim?.granted !== true) return false
    // What stands now nobody else changes.
    const isComplete = await keeper.refresh()
    const { map } = keeper
    if (this.#changer(map) !== changer) return true
    const now = claim.serverNow
    if (map === undefined) {
      if (isComplete) await this.#change(undefined, await this.#first(), now)
      return isComplete
    }
    const next = nextMap.after(wish, map)
    const moving = movingIn(map)
    if (next !== undefined) await this.#change(map, next, now)
    else if (moving.length > 0) await this.#move(map, moving, now)
    else await changer.release(this.#id)
    return next !== undefined || moving.length > 0
  }

  /** The server on which the map is changed. `undefined`: it is none of those that were given. */
  #changer(map: ServerMap | undefined): MapCopy | undefined {
    const { copies, wish } = this.#options
    if (map !== undefined && copies.has(map.home)) return copies.get(map.home)
    if (map !== undefined && !wish.retire.includes(map.home)) return undefined
    const names = map?.servers ?? wish.servers.map(({ name }) => name)
    const [first = ''] = names.filter((name) => !wish.retire.includes(name)).sort()
    return copies.get(first)
  }

  async #first(): Promise<(since: number) => MapDraft> {
    const { wish, copies, shards } = this.#options
    const used = await Promise.all(
      [...copies].map(async ([name, copy]) => ((await copy.isUsed()) ? [name] : [])),
    )
    // A cache that has lived on one server so far goes on there, and its shards move.
    const holders = used.flat().filter((name) => !wish.retire.includes(name))
    return nextMap.first(wish, shards, holders.length === 1 ? holders[0] : undefined)
  }

  /** @throws TierError if somebody else has changed the map. */
  async #change(
    seen: ServerMap | undefined,
    draft: (since: number) => MapDraft,
    serverNow: number,
  ): Promise<ServerMap> {
    const { keeper, random } = this.#options
    this.#before('change')
    // By the clock too: a map that is made anew after all were lost is above every one before it.
    const version = Math.max((seen?.version ?? 0) + 1, serverNow)
    const next = { ...draft(version), version, id: random.id() }
    if (seen !== undefined && seen.home !== next.home) await this.#moveLocks(seen.home, next)
    if ((await this.#changer(seen)?.change(this.#id, seen, next)) !== true) {
      throw new TierError('redis', 'The map of shards was changed by another process.')
    }
    keeper.take(next)
    return next
  }

  /**
   * Tokens go on growing: the numbers of the new home are drawn by its clock, some seconds above, and the
   * old one grants nothing from then on.
   */
  async #moveLocks(from: string, { home, version }: ServerMap): Promise<void> {
    const { serverOf, copies } = this.#options
    await serverOf(home).homes.moveLocks('activate', version)
    if (copies.has(from)) await serverOf(from).homes.moveLocks('retire', version)
  }

  async #move(map: ServerMap, moving: readonly Moving[], serverNow: number): Promise<void> {
    const { keeper } = this.#options
    this.#before('spread')
    await keeper.spread(map)
    const outcomes = await Promise.allSettled(moving.map((place) => this.#moveOne(place)))
    const moved = moving.filter((_, at) => outcomes[at]?.status === 'fulfilled')
    if (moved.length > 0) {
      this.#before('settle')
      const shards = new Set(moved.map(({ shard }) => shard))
      await keeper.spread(await this.#change(map, nextMap.settled(map, shards), serverNow))
    }
    const failed = outcomes.find(({ status }) => status === 'rejected')
    if (failed?.status === 'rejected') throw failed.reason
  }

  async #moveOne({ shard, from, to, since }: Moving): Promise<void> {
    const { serverOf, copies, wish, pace } = this.#options
    if (from !== undefined) {
      this.#before('retire')
      const isGone = !copies.has(from) && wish.retire.includes(from)
      const home = isGone ? undefined : serverOf(from)
      const epoch = await home?.homes.retire(shard, since)
      if (home !== undefined && epoch === undefined) throw overtaken(shard)
      this.#before('wait')
      await this.#untilKnown(home, { shard, epoch: epoch ?? '', withinMs: pace.silenceMs })
    }
    this.#before('activate')
    if (!(await serverOf(to).homes.activate(shard, since))) throw overtaken(shard)
  }

  /** Until all that follow the shard name the epoch that was drawn for its leaving. */
  async #untilKnown(
    home: Homes | undefined,
    { shard, epoch, withinMs }: { shard: number; epoch: string; withinMs: number },
  ): Promise<void> {
    const { clock } = this.#options
    const until = clock.monotonic() + withinMs
    while (clock.monotonic() < until) {
      const standings = await home?.standings(shard).catch(() => undefined)
      if (standings?.every((one) => one.epoch === epoch) === true) return
      await this.#pause(Math.min(ACKNOWLEDGED_EVERY_MS, withinMs))
      if (this.#isClosed) throw new TierError('redis', 'The cache was closed during a move.')
    }
  }

  #pause(ms: number): Promise<void> {
    const { clock } = this.#options
    return new Promise((resolve) => {
      const cancel = clock.schedule(ms, resolve, 'upkeep')
      this.#endWait = () => {
        cancel()
        resolve()
      }
    })
  }

  #before(step: MoveStep): void {
    if (this.#isClosed) throw new TierError('redis', 'The cache was closed during a move.')
    this.#options.onStep?.(step)
  }

  /** Once for each word of a row of failures. */
  #tell(error: unknown): void {
    const message = error instanceof CacheError ? error.message : String(error)
    if (this.#isClosed || this.#told === message) return
    this.#told = message
    this.#options.report({ type: 'tier-failure', tier: 'shared', operation: 'move', error })
  }
}

function movingIn({ places }: ServerMap): readonly Moving[] {
  return places.flatMap((place, shard) => ('on' in place ? [] : { ...place, shard }))
}

function overtaken(shard: number): TierError {
  return new TierError('redis', `Shard ${shard} was moved by another process.`)
}
