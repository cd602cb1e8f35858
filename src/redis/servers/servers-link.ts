/**
 * The way to shards on several independent servers: what `RedisLink` is for one. Made by `redisTier`;
 * `ShardClient` calls it.
 */

import { TierError } from '../../contracts/errors.ts'
import type { LockSteps } from '../../contracts/lock-steps.ts'
import type {
  Answers,
  AtomicAnswer,
  AtomicOperation,
  ClaimAnswer,
  ClaimRequest,
  EndIntentAnswer,
  EndIntentRequest,
  FillAnswer,
  FillRequest,
  FollowAnswer,
  FollowRequest,
  InstanceStanding,
  IntentAnswer,
  IntentRequest,
  Invalidation,
  ReleaseRequest,
  ScanPage,
  SetAnswer,
  ShardMoment,
  SharedKey,
  SharedReading,
  SharedSignal,
  SharedTierContext,
  SharedUsage,
  SharedValue,
  TouchAnswer,
  TouchRequest,
} from '../../contracts/shared-tier.ts'
import type {
  Carried,
  IdleLink,
  Invalidated,
  Late,
  Numbered,
  PendingLink,
  Sender,
  ShardLink,
} from '../../shard/index.ts'
import type { RedisConnection } from '../connection/redis-connection.ts'
import { RedisLink } from '../redis-link.ts'
import type { ResolvedTierOptions } from '../resolve-tier-options.ts'
import { MapCopy } from './map-copy.ts'
import { MapKeeper } from './map-keeper.ts'
import { refusedPending } from './refused-pending.ts'
import { SeatedServers } from './seated-servers.ts'
import type { ServerMap } from './server-map.ts'
import { ServerSite } from './server-site.ts'
import { serversIdle } from './servers-idle.ts'
import { ServersOpening } from './servers-opening.ts'
import { serversScan } from './servers-scan.ts'
import { MOVE_PACE, type MovePace, type MoveStep, ShardMover } from './shard-mover.ts'

const MISSING =
  'has shards of this cache, which cannot be asked: the tier was not given it. Give it all servers, or let the shards move with `retire`.'
const LEFT =
  'was left by this cache and holds nothing of it. To use it again, give it another name.'

/** Time between two looks of one who waits, if the message that should wake him is lost. */
const WAIT_POLL_MS = 250

export interface LinkedServer {
  readonly name: string
  readonly weight: number
  readonly connection: RedisConnection
}

export interface ServersLinkOptions {
  readonly servers: readonly LinkedServer[]
  readonly context: SharedTierContext
  readonly options: ResolvedTierOptions
  /** Names of servers that are to be left. */
  readonly retire: readonly string[]
  /** How long a step waits for one of the servers. */
  readonly serverTimeoutMs: number
  /** @default MOVE_PACE */
  readonly pace?: MovePace
  /** Told before each step of a move; a step of which it throws is not done. */
  readonly onStep?: (step: MoveStep) => void
}

export class ServersLink implements ShardLink {
  readonly ready: Promise<void>
  readonly shards: number
  readonly hints: 'exact' | 'none'
  readonly waitPollMs: number = WAIT_POLL_MS
  readonly locks: LockSteps
  readonly pending: PendingLink = refusedPending
  readonly idle: IdleLink
  readonly #given: ServersLinkOptions
  readonly #sites = new Map<string, ServerSite>()
  readonly #keeper: MapKeeper
  readonly #seated: SeatedServers
  readonly #opening: ServersOpening
  readonly #mover: ShardMover
  /** Servers of which somebody was told already that they do not fit the map. */
  readonly #warned = new Set<string>()
  #listener: (signal: SharedSignal) => void = () => {}
  #isClosed = false

  constructor(given: ServersLinkOptions) {
    const { servers, context, options } = given
    const { clock, random, report, name: cache } = context
    const { shards } = options
    this.#given = given
    this.shards = shards
    this.hints = context.follow === 'poll' ? 'none' : 'exact'
    const copies = new Map(
      servers.map(({ name, connection }) => {
        return [name, new MapCopy({ cache, server: name, connection })]
      }),
    )
    this.#keeper = new MapKeeper({
      cache,
      shards,
      clock,
      copies,
      onMap: (map) => this.#adopt(map),
      onRefusal: (error) => this.#opening.refuse(error),
    })
    const [keeper, sites] = [this.#keeper, this.#sites]
    this.#seated = new SeatedServers({
      shards,
      keeper,
      sites,
      tell: (signal) => this.#listener(signal),
    })
    const visit = (): Promise<void> =>
      this.#seated.visit(Array.from({ length: shards }, (_, at) => at))
    this.#opening = new ServersOpening({ cache, clock, sites, visit })
    this.ready = this.#opening.ready
    this.locks = this.#locks()
    this.idle = serversIdle({
      step: (shard, run) => this.#step(shard, run),
      stepOn: (server, run) =>
        this.#when(() => this.#seated.stepOn(server ?? this.#keeper.map?.home ?? '', run)),
      servers: () => this.#keeper.map?.servers ?? [],
    })
    this.#mover = new ShardMover({
      wish: { cache, servers, retire: given.retire },
      shards,
      keeper,
      copies,
      serverOf: (name) => this.#seated.siteOf(name).link,
      clock,
      random,
      report,
      pace: given.pace ?? MOVE_PACE,
      onStep: given.onStep,
    })
    void this.#start()
  }

  listen(listener: (signal: SharedSignal) => void): void {
    this.#listener = listener
  }

  /** @throws TierError only if the link is closed. */
  read(keys: readonly SharedKey[], shards: readonly number[]): Answers<SharedReading> {
    return this.#when(() => this.#seated.read(keys, shards))
  }

  claim(
    shard: number,
    requests: readonly ClaimRequest[],
    leaseMs: number,
  ): Promise<readonly ClaimAnswer[]> {
    return this.#step(shard, (link) => link.claim(shard, requests, leaseMs), epochOfFirst)
  }

  fill(shard: number, values: readonly FillRequest[]): Promise<readonly FillAnswer[]> {
    return this.#step(shard, (link) => link.fill(shard, values), epochOfFirst)
  }

  renewLeases(shard: number, requests: readonly ReleaseRequest[], leaseMs: number): Promise<void> {
    return this.#step(shard, (link) => link.renewLeases(shard, requests, leaseMs))
  }

  release(shard: number, requests: readonly ReleaseRequest[]): Promise<void> {
    return this.#step(shard, (link) => link.release(shard, requests))
  }

  set(shard: number, sender: Sender, values: readonly SharedValue[]): Numbered<SetAnswer> {
    return this.#step(shard, (link) => link.set(shard, sender, values), epochOfNumbered)
  }

  touch(shard: number, sender: Sender, requests: readonly TouchRequest[]): Numbered<TouchAnswer> {
    return this.#step(shard, (link) => link.touch(shard, sender, requests), epochOfNumbered)
  }

  invalidate(shard: number, sender: Sender, what: Invalidation): Promise<Invalidated | Late> {
    const run = (link: RedisLink): Promise<Invalidated | Late> =>
      link.invalidate(shard, sender, what)
    return this.#step(shard, run, ({ moment }) => moment.epoch)
  }

  atomic(
    shard: number,
    sender: Sender,
    operations: readonly AtomicOperation[],
  ): Numbered<AtomicAnswer> {
    return this.#step(shard, (link) => link.atomic(shard, sender, operations), epochOfNumbered)
  }

  sweepPattern(shard: number, number: number): Promise<boolean> {
    return this.#step(shard, (link) => link.sweepPattern(shard, number))
  }

  beginIntent(
    shard: number,
    sender: Sender,
    requests: readonly IntentRequest[],
  ): Numbered<IntentAnswer> {
    return this.#step(shard, (link) => link.beginIntent(shard, sender, requests), epochOfNumbered)
  }

  endIntent(
    shard: number,
    sender: Sender,
    requests: readonly EndIntentRequest[],
  ): Numbered<EndIntentAnswer> {
    return this.#step(shard, (link) => link.endIntent(shard, sender, requests), epochOfNumbered)
  }

  follow(session: string, request: FollowRequest): Promise<FollowAnswer> {
    return this.#when(() => this.#seated.follow(session, request))
  }

  leave(shard: number, session: string): Promise<void> {
    return this.#step(shard, (link) => link.leave(shard, session))
  }

  standings(shard: number): Promise<readonly InstanceStanding[]> {
    return this.#step(shard, (link) => link.standings(shard))
  }

  scan(collection: string, cursor: string | undefined, limit: number): Promise<ScanPage> {
    return this.#when(() =>
      serversScan({
        cursor,
        servers: this.#keeper.map?.servers ?? [],
        page: (name, at) => this.#seated.siteOf(name).link.scan(collection, at, limit),
      }),
    )
  }

  /** @throws TierError if one of the servers could not be asked. */
  usage(): Promise<SharedUsage> {
    return this.#when(async () => {
      const names = this.#keeper.map?.servers ?? []
      const used = names.map((name) => this.#seated.siteOf(name).link.usage())
      await Promise.allSettled(used)
      const all = await Promise.all(used)
      const sum = (of: keyof SharedUsage): number => all.reduce((total, one) => total + one[of], 0)
      const bound = sum('maxBytes')
      const maxBytes = Number.isFinite(bound) ? bound : (this.#given.options.maxBytes ?? bound)
      return { entries: sum('entries'), bytes: sum('bytes'), maxBytes }
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#mover.close()
    this.#opening.close()
    const { servers } = this.#given
    await Promise.all([...this.#sites.values()].map(({ link }) => link.close()))
    await Promise.all(servers.map(({ connection }) => connection.close()))
  }

  /** Servers are looked at when each has answered, or has had its time for it. */
  async #start(): Promise<void> {
    const { servers } = this.#given
    await Promise.any(servers.map(({ connection }) => connection.ready)).catch(() => {})
    if (!this.#isClosed) this.#mover.start()
  }

  /** Without a turn in between where it is open, so that steps leave in the order of their calls. */
  #when<T>(run: () => Promise<T>): Promise<T> {
    if (this.#isClosed) {
      return Promise.reject(new TierError('redis', 'The connection to Redis has been closed.'))
    }
    return this.#opening.isOpen ? run() : this.#opening.opened().then(run)
  }

  #step<T>(
    shard: number,
    run: (link: RedisLink) => Promise<T>,
    epochOf?: (answer: T) => string | undefined,
  ): Promise<T> {
    return this.#when(() => this.#seated.step(shard, run, epochOf))
  }

  #locks(): LockSteps {
    const ask = <T>(run: (locks: LockSteps) => Promise<T>): Promise<T> =>
      this.#when(() => {
        const home = this.#keeper.map?.home ?? ''
        return this.#seated.stepOn(home, ({ locks }) => run(locks))
      })
    return {
      acquire: (request) => ask((locks) => locks.acquire(request)),
      renew: (request) => ask((locks) => locks.renew(request)),
      release: (request) => ask((locks) => locks.release(request)),
      remaining: (name) => ask((locks) => locks.remaining(name)),
    }
  }

  #adopt(map: ServerMap): void {
    if (this.#isClosed) return
    if (this.#sites.size === 0) this.#makeSites()
    this.#seated.adopt(map)
    this.#opening.mapped(map.places.every((place) => 'on' in place))
    for (const name of map.servers) {
      if (!this.#sites.has(name)) this.#warn(name, MISSING)
    }
    for (const name of map.retired) {
      if (this.#sites.has(name) && !this.#given.retire.includes(name)) this.#warn(name, LEFT)
    }
  }

  /** Only once there is a map: what a link leaves on its server says that the cache lives there. */
  #makeSites(): void {
    const { servers, context } = this.#given
    const { clock } = context
    // What the user calls full is said once for all of them.
    const options = { ...this.#given.options, maxBytes: undefined }
    for (const { name, connection } of servers) {
      const isHere = (shard: number): boolean => this.#seated.isOn(name, shard)
      const link = new RedisLink({ connection, context, options, isHere })
      link.listen((signal) => this.#seated.hear(name, signal))
      const budgetMs = this.#given.serverTimeoutMs
      this.#sites.set(name, new ServerSite({ name, link, clock, budgetMs }))
    }
  }

  /** Once for each server. */
  #warn(name: string, what: string): void {
    if (this.#warned.has(name)) return
    this.#warned.add(name)
    const error = new TierError('redis', `The Redis server \`${name}\` ${what}`)
    const { report } = this.#given.context
    report({ type: 'tier-failure', tier: 'shared', operation: 'servers', error })
  }
}

function epochOfFirst(answers: readonly ShardMoment[]): string | undefined {
  return answers[0]?.epoch
}

function epochOfNumbered(answer: Carried<ShardMoment> | Late): string | undefined {
  return answer.late === undefined ? answer.answers[0]?.epoch : answer.moment.epoch
}
