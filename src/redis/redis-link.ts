/**
 * The way to shards that live in Redis: each step is one script on one shard. Made by `redisTier`;
 * `ShardClient` calls it.
 */

import type { LockSteps } from '../contracts/lock-steps.ts'
import type { EnqueueAnswer } from '../contracts/pending-steps.ts'
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
  SharedKey,
  SharedReading,
  SharedSignal,
  SharedTierContext,
  SharedUsage,
  SharedValue,
  TouchAnswer,
  TouchRequest,
} from '../contracts/shared-tier.ts'
import type {
  IdleLink,
  Invalidated,
  Late,
  Numbered,
  PendingLink,
  Sender,
  ShardLink,
} from '../shard/index.ts'
import { AtomicSteps } from './atomic-steps.ts'
import type { RedisConnection } from './connection/redis-connection.ts'
import { EntryReader } from './entry-reader.ts'
import { FollowSteps } from './follow-steps.ts'
import { GarbageSweep } from './garbage-sweep.ts'
import { RedisIdle } from './idle-steps.ts'
import { InvalidationSteps } from './invalidation-steps.ts'
import { KeyNames } from './key-names.ts'
import { KeyScan } from './key-scan.ts'
import { LeaseSteps } from './lease-steps.ts'
import { measureUsage } from './measure-usage.ts'
import { parseHint } from './parse-hint.ts'
import { PatternSweeps } from './pattern-sweeps.ts'
import { QueueSteps } from './queue-steps.ts'
import { RedisLocks } from './redis-locks.ts'
import { type ReplicaWait, replicaWait } from './replica-wait.ts'
import type { ResolvedTierOptions } from './resolve-tier-options.ts'
import { ScriptRunner } from './script-runner.ts'
import { presentScript } from './scripts/present-script.ts'
import { ServerWatch } from './server-watch.ts'
import { ShardHomes } from './servers/shard-homes.ts'
import { SessionOpening } from './session-opening.ts'
import { ShardMoments } from './shard-moments.ts'
import { StepRunner } from './step-runner.ts'
import { ValueSteps } from './value-steps.ts'

/** Time between two looks of one who waits, if the message that should wake him is lost. */
const WAIT_POLL_MS = 250

export interface RedisLinkOptions {
  readonly connection: RedisConnection
  readonly context: SharedTierContext
  readonly options: ResolvedTierOptions
  /** One more, for `WAIT`, where writes are to be replicated; closed with the link. */
  readonly waiting?: RedisConnection | undefined
  /** Where other servers have shards too: whether this one is here now. Absent: all are. */
  readonly isHere?: (shard: number) => boolean
}

export class RedisLink implements ShardLink {
  readonly ready: Promise<void>
  readonly shards: number
  readonly hints: 'exact' | 'none'
  readonly waitPollMs: number = WAIT_POLL_MS
  readonly locks: LockSteps
  readonly pending: PendingLink
  readonly idle: IdleLink
  /** How shards come and go, where there are several servers. */
  readonly homes: ShardHomes
  readonly #given: RedisLinkOptions
  readonly #runner: StepRunner
  readonly #reader: EntryReader
  readonly #leases: LeaseSteps
  readonly #values: ValueSteps
  readonly #batches: AtomicSteps
  readonly #invalidations: InvalidationSteps
  readonly #followers: FollowSteps
  readonly #patterns: PatternSweeps
  readonly #scans: KeyScan
  readonly #garbage: GarbageSweep
  readonly #watch: ServerWatch
  readonly #replicas: ReplicaWait | undefined
  readonly #opening: SessionOpening
  #listener: (signal: SharedSignal) => void = () => {}

  constructor(given: RedisLinkOptions) {
    const { connection, context, options } = given
    const { clock, random, report, name, instance } = context
    const { shards, events } = options
    this.#given = given
    this.shards = shards
    this.hints = context.follow === 'poll' ? 'none' : 'exact'
    // What says how many shards there are may be gone with the numbers, and others would be let in without it.
    const moments = new ShardMoments(clock, () => void this.#opening.checkAgain())
    const names = new KeyNames({
      name,
      shards,
      stream: events?.stream,
      cluster: connection.kind === 'cluster',
      isHere: given.isHere,
    })
    const common = { names, moments, clock, random, eventsMax: events?.maxLength }
    const runner = new StepRunner({ ...common, runner: new ScriptRunner(connection) })
    this.#runner = runner
    this.homes = new ShardHomes(runner)
    this.#reader = new EntryReader({ connection, names, moments, report })
    this.#leases = new LeaseSteps(runner)
    this.#values = new ValueSteps(runner)
    this.#batches = new AtomicSteps(runner)
    this.#invalidations = new InvalidationSteps(runner)
    this.#followers = new FollowSteps({ runner, connection, instance })
    this.#patterns = new PatternSweeps({ runner, connection })
    this.#scans = new KeyScan({ runner, connection })
    this.#garbage = new GarbageSweep({ runner, connection, clock })
    this.#watch = new ServerWatch({ connection, clock, report, durability: options.durability })
    const opening = { connection, runner, clock, random, report, name, shards }
    this.#opening = new SessionOpening({
      ...opening,
      hear: this.hints === 'exact' ? (message) => this.#hear(message) : undefined,
      check: () => this.#watch.check(),
      visit: () => this.#visit(),
    })
    this.ready = this.#opening.ready
    this.ready.then(
      () => this.#watch.start(),
      () => {},
    )
    this.#replicas = replicaWait(
      { connection: given.waiting, durability: options.durability },
      (waiting) => {
        return new StepRunner({ ...common, runner: new ScriptRunner(waiting) })
      },
    )
    this.pending = this.#pendingLink(new QueueSteps(runner))
    this.idle = this.#idleWhenOpen(new RedisIdle({ runner, connection }))
    this.locks = this.#locksWhenOpen(new RedisLocks({ runner, connection }))
    connection.onState(({ kind }) => {
      if (kind === 'reconnected') this.#reconnected()
    })
  }

  listen(listener: (signal: SharedSignal) => void): void {
    this.#listener = listener
  }

  read(keys: readonly SharedKey[], shards: readonly number[]): Answers<SharedReading> {
    return this.#when(() => this.#reader.read(keys, shards))
  }

  claim(
    shard: number,
    requests: readonly ClaimRequest[],
    leaseMs: number,
  ): Promise<readonly ClaimAnswer[]> {
    return this.#when(() => this.#leases.claim(shard, requests, leaseMs))
  }

  fill(shard: number, values: readonly FillRequest[]): Promise<readonly FillAnswer[]> {
    return this.#when(() => this.#leases.fill(shard, values))
  }

  renewLeases(shard: number, requests: readonly ReleaseRequest[], leaseMs: number): Promise<void> {
    return this.#when(() => this.#leases.renew(shard, requests, leaseMs))
  }

  release(shard: number, requests: readonly ReleaseRequest[]): Promise<void> {
    return this.#when(() => this.#leases.release(shard, requests))
  }

  set(shard: number, sender: Sender, values: readonly SharedValue[]): Numbered<SetAnswer> {
    return this.#when(() => this.#values.set(shard, sender, values))
  }

  touch(shard: number, sender: Sender, requests: readonly TouchRequest[]): Numbered<TouchAnswer> {
    return this.#when(() => this.#values.touch(shard, sender, requests))
  }

  invalidate(shard: number, sender: Sender, what: Invalidation): Promise<Invalidated | Late> {
    return this.#when(async () => {
      const answer = await this.#invalidations.invalidate(shard, sender, what)
      if (what.kind === 'clear' || what.kind === 'collection') this.#garbage.request()
      return answer
    })
  }

  atomic(
    shard: number,
    sender: Sender,
    operations: readonly AtomicOperation[],
  ): Numbered<AtomicAnswer> {
    return this.#when(() => this.#batches.atomic(shard, sender, operations))
  }

  sweepPattern(shard: number, number: number): Promise<boolean> {
    return this.#when(() => this.#patterns.sweep(shard, number))
  }

  beginIntent(
    shard: number,
    sender: Sender,
    requests: readonly IntentRequest[],
  ): Numbered<IntentAnswer> {
    return this.#when(() => this.#values.beginIntent(shard, sender, requests))
  }

  endIntent(
    shard: number,
    sender: Sender,
    requests: readonly EndIntentRequest[],
  ): Numbered<EndIntentAnswer> {
    return this.#when(() => this.#values.endIntent(shard, sender, requests))
  }

  follow(session: string, request: FollowRequest): Promise<FollowAnswer> {
    return this.#when(() => this.#followers.follow(session, request))
  }

  leave(shard: number, session: string): Promise<void> {
    return this.#when(() => this.#followers.leave(shard, session))
  }

  standings(shard: number): Promise<readonly InstanceStanding[]> {
    return this.#when(() => this.#followers.standings(shard))
  }

  scan(collection: string, cursor: string | undefined, limit: number): Promise<ScanPage> {
    return this.#when(() => this.#scans.page(collection, cursor, limit))
  }

  usage(): Promise<SharedUsage> {
    const { connection, options } = this.#given
    const { names } = this.#runner
    return this.#when(() => measureUsage({ connection, names, maxBytes: options.maxBytes }))
  }

  async close(): Promise<void> {
    this.#opening.close()
    this.#garbage.close()
    this.#watch.close()
    await Promise.all([this.#given.connection.close(), this.#replicas?.close()])
  }

  /** Without a turn in between where it is open, so that steps leave in the order of their calls. */
  #when<T>(run: () => Promise<T>): Promise<T> {
    return this.#opening.isOpen ? run() : this.#opening.opened().then(run)
  }

  #pendingLink(steps: QueueSteps): PendingLink {
    const [opening, watch] = [this.#opening, this.#watch]
    return {
      get durability() {
        return opening.isOpen ? watch.durability : opening.opened().then(() => watch.durability)
      },
      enqueue: async (shard, sender, requests) => {
        const queued = await this.#when(() => steps.enqueue(shard, sender, requests))
        const written = queued.late === undefined ? queued.answers.find(isQueued) : undefined
        if (written !== undefined) await this.#replicas?.confirm(written)
        return queued
      },
      take: (request) => this.#when(() => steps.take(request)),
      settle: (shard, requests) => this.#when(() => steps.settle(shard, requests)),
      hasten: (...given) => this.#when(() => steps.hasten(...given)),
      waits: (place, upTo, id) => this.#when(() => steps.waits(place, upTo, id)),
      backlog: (place) => this.#when(() => steps.backlog(place)),
      list: (place, page) => this.#when(() => steps.list(place, page)),
      dead: (place, page) => this.#when(() => steps.dead(place, page)),
      revive: (place, ids) => this.#when(() => steps.revive(place, ids)),
      drop: (place, ids) => this.#when(() => steps.drop(place, ids)),
    }
  }

  #idleWhenOpen(idle: IdleLink): IdleLink {
    return {
      note: (shard, keys, everyMs) => this.#when(() => idle.note(shard, keys, everyMs)),
      fence: (shard, token) => this.#when(() => idle.fence(shard, token)),
      sweep: (request) => this.#when(() => idle.sweep(request)),
      saved: () => this.#when(() => idle.saved()),
      save: (note) => this.#when(() => idle.save(note)),
    }
  }

  #locksWhenOpen(locks: LockSteps): LockSteps {
    return {
      acquire: (request) => this.#when(() => locks.acquire(request)),
      renew: (request) => this.#when(() => locks.renew(request)),
      release: (request) => this.#when(() => locks.release(request)),
      remaining: (name) => this.#when(() => locks.remaining(name)),
    }
  }

  async #visit(): Promise<void> {
    // Of several servers, nobody knows before the first answers which shards are here.
    if (this.#given.isHere !== undefined) return
    const shards = Array.from({ length: this.shards }, (_, shard) => shard)
    const nothing = { keys: {}, args: {}, items: [] }
    await Promise.all(shards.map((shard) => this.#runner.run(presentScript, shard, nothing)))
  }

  #hear(message: string): void {
    const heard = parseHint(message)
    if (heard === undefined) {
      this.#given.context.report({
        type: 'undecodable',
        pattern: '*',
        reason: 'corrupt',
        error: undefined,
      })
      return
    }
    if (heard.probe !== undefined) this.#opening.heardProbe(heard.probe)
    for (const signal of heard.signals) {
      if (signal.kind !== 'changes' || signal.shard < this.shards) this.#listener(signal)
    }
  }

  #reconnected(): void {
    const shards = Array.from({ length: this.shards }, (_, shard) => shard)
    this.#listener({ kind: 'reconnected', shards })
    // It never rejects: a refusal is what the steps answer until it is found no more.
    void this.#opening.checkAgain()
    this.#watch.reconnected()
  }
}

function isQueued({ kind }: EnqueueAnswer): boolean {
  return kind === 'queued'
}
