/**
 * The shared tier as the engine uses it: calls of one tick together, each within its time budget,
 * failures reported and survived.
 *
 * A read that was not answered is `undefined`, which is not the same as "nothing there": what is
 * loaded then is kept for a short time only (protocol rule 17, `commit.ts`). Changes reject, and
 * their callers put them into the outbox.
 */

import type { Clock } from '../contracts/clock.ts'
import { TierError } from '../contracts/errors.ts'
import type { Report } from '../contracts/events.ts'
import type { IdleSteps } from '../contracts/idle-steps.ts'
import type { LockSteps } from '../contracts/lock-steps.ts'
import type {
  Durability,
  EnqueueAnswer,
  EnqueueRequest,
  PendingSteps,
} from '../contracts/pending-steps.ts'
import type { Random } from '../contracts/random.ts'
import type {
  AtomicAnswer,
  AtomicOperation,
  ClaimAnswer,
  ClaimRequest,
  EndIntentAnswer,
  EndIntentRequest,
  FillAnswer,
  FillRequest,
  InstanceStanding,
  IntentAnswer,
  IntentRequest,
  Invalidation,
  InvalidationAnswer,
  ReleaseRequest,
  ScanPage,
  SetAnswer,
  ShardMoment,
  SharedKey,
  SharedReading,
  SharedSession,
  SharedUsage,
  SharedValue,
  TouchAnswer,
  TouchRequest,
} from '../contracts/shared-tier.ts'
import { Breaker } from './breaker.ts'
import { type KeyRemoval, removeKeys } from './remove-keys.ts'
import { TickBatch } from './tick-batch.ts'
import { within } from './within.ts'

/** Keys in one call at most. */
export const SHARED_BATCH = 1000

/** How long the right to load a key lasts unless it is renewed: a holder that died is replaced after it. */
export const LEASE_MS = 10_000

/** Each failure has cost its callers the whole time budget. */
const BREAKER = { failures: 5, restMs: 500, mostRestMs: 2_000 } as const
const WORDS = {
  open: 'five calls in a row failed or took too long',
  'half-open': 'one call is let through to see',
  closed: 'it answers again',
} as const

/** Each answer of these steps has the number of its own change. */
const CHANGES = 'changes'

export type PlacedKey = SharedKey & { readonly shard: number }

export interface SharedAccessOptions {
  readonly session: SharedSession
  readonly clock: Clock
  readonly timeoutMs: number
  readonly report: Report
  readonly random: Random
  /** Hears the epoch of each answer. `isOwn`: its number was taken by a change of this process. */
  readonly note: (moment: ShardMoment, isOwn: boolean) => void
}

export class SharedAccess {
  readonly #options: SharedAccessOptions
  readonly #breaker: Breaker
  /** Of those that the breaker counts. */
  #lastFailure: unknown
  readonly #reads: TickBatch<SharedKey, SharedReading>
  readonly #claims: TickBatch<ClaimRequest, ClaimAnswer>
  readonly #fills: TickBatch<FillRequest, FillAnswer>
  readonly #sets: TickBatch<SharedValue, SetAnswer>
  readonly #touches: TickBatch<TouchRequest, TouchAnswer>
  readonly #removals: TickBatch<SharedKey, KeyRemoval>
  readonly #renewals: TickBatch<ReleaseRequest, undefined>
  readonly #releases: TickBatch<ReleaseRequest, undefined>
  readonly #begins: TickBatch<IntentRequest, IntentAnswer>
  readonly #ends: TickBatch<EndIntentRequest, EndIntentAnswer>
  /** By shard: who writes all the time must not wait for the slowest of them. */
  readonly #enqueues: readonly TickBatch<EnqueueRequest, EnqueueAnswer>[]

  constructor(options: SharedAccessOptions) {
    const { session } = options
    this.#options = options
    const { clock, random, report } = options
    this.#breaker = new Breaker({
      clock,
      random,
      ...BREAKER,
      onChange: (state) =>
        report({ type: 'connection', tier: 'shared', pattern: '*', state, reason: WORDS[state] }),
    })
    // Who never asks whether the tier is ready hears of it by each call.
    session.ready.catch(() => {})
    this.#reads = this.#batch('read', (keys) => session.read(keys))
    this.#claims = this.#batch('claim', (requests) =>
      session.claim(requests, { leaseMs: LEASE_MS }),
    )
    this.#fills = this.#batch('fill', (values) => session.fill(values))
    this.#sets = this.#batch('set', (values) => session.set(values), CHANGES)
    this.#touches = this.#batch('touch', (requests) => session.touch(requests))
    this.#renewals = this.#batch('renewLeases', async (requests) => {
      await session.renewLeases(requests, { leaseMs: LEASE_MS })
      return requests.map(() => undefined)
    })
    this.#releases = this.#batch('release', async (requests) => {
      await session.release(requests)
      return requests.map(() => undefined)
    })
    this.#removals = this.#batch('invalidate', (keys) => removeKeys(session, keys), CHANGES)
    const begin = (requests: readonly IntentRequest[]) => session.beginIntent(requests)
    this.#begins = this.#batch('beginIntent', begin, CHANGES)
    const end = (requests: readonly EndIntentRequest[]) => session.endIntent(requests)
    this.#ends = this.#batch('endIntent', end, CHANGES)
    const enqueue = (requests: readonly EnqueueRequest[]) => session.pending.enqueue(requests)
    this.#enqueues = Array.from({ length: session.shards }, () =>
      this.#batch('enqueue', enqueue, CHANGES),
    )
  }

  /** Something else has had an answer of every shard. */
  recovered(): void {
    this.#breaker.succeeded()
  }

  /** What each call may take, in milliseconds. */
  get timeoutMs(): number {
    return this.#options.timeoutMs
  }

  get shards(): number {
    return this.#options.session.shards
  }

  get waitPollMs(): number {
    return this.#options.session.waitPollMs
  }

  shardOf(key: SharedKey): number {
    return this.#options.session.place(key).shard
  }

  /** The key with its shard, which is not looked for again then. */
  placed(key: SharedKey): PlacedKey {
    const { id, collection, pin } = key
    return { id, collection, pin, shard: this.shardOf(key) }
  }

  get ready(): Promise<void> {
    return this.#options.session.ready
  }

  /** At once, without waiting for the rest of the tick. `undefined`: not answered. */
  readAll(keys: readonly SharedKey[]): Promise<readonly (SharedReading | TierError)[] | undefined> {
    return this.#call('read', () => this.#options.session.read(keys)).then(
      (readings) => this.#noted(readings, 'reads'),
      () => undefined,
    )
  }

  /** `undefined`: not answered. */
  read(key: SharedKey): Promise<SharedReading | undefined> {
    return this.#reads.add(key).catch(() => undefined)
  }

  /** `undefined`: not answered. */
  claim(request: ClaimRequest): Promise<ClaimAnswer | undefined> {
    return this.#claims.add(request).catch(() => undefined)
  }

  /** `undefined`: not answered, so the value may be stored or not. */
  fill(value: FillRequest): Promise<FillAnswer | undefined> {
    return this.#fills.add(value).catch(() => undefined)
  }

  /** @throws TierError if it was not answered; it may still have been carried out. */
  set(value: SharedValue): Promise<SetAnswer> {
    return this.#sets.add(value)
  }

  /** @throws TierError as `set`. */
  touch(request: TouchRequest): Promise<TouchAnswer> {
    return this.#touches.add(request)
  }

  /** One that fails is tried again before the lease ends. */
  async renewLease(request: ReleaseRequest): Promise<void> {
    await this.#renewals.add(request).catch(() => {})
  }

  /** A release that fails costs those who wait the rest of the lease, and nothing else. */
  async release(request: ReleaseRequest): Promise<void> {
    await this.#releases.add(request).catch(() => {})
  }

  /** Deletes a key, with all that are deleted in the same tick. @throws TierError as `set`. */
  remove(key: SharedKey): Promise<KeyRemoval> {
    return this.#removals.add(key)
  }

  /** @throws TierError as `set`. */
  async invalidate(what: Invalidation): Promise<InvalidationAnswer> {
    const step = (): Promise<InvalidationAnswer> => this.#options.session.invalidate(what)
    const answer = await this.#call('invalidate', step)
    this.#noted(answer.moments, CHANGES)
    return answer
  }

  /** @throws TierError as `set`. */
  beginIntent(request: IntentRequest): Promise<IntentAnswer> {
    return this.#begins.add(request)
  }

  /** @throws TierError as `set`. */
  endIntent(request: EndIntentRequest): Promise<EndIntentAnswer> {
    return this.#ends.add(request)
  }

  /** @throws TierError where no write can wait there for the source, with what to do. */
  get durability(): Promise<Durability> {
    return this.#options.session.pending.durability
  }

  /** @throws TierError as `set`. */
  enqueue(request: EnqueueRequest): Promise<EnqueueAnswer> {
    const batch = this.#enqueues[this.shardOf(request)]
    if (batch === undefined) throw new RangeError('The tier has fewer shards than it says.')
    return batch.add(request)
  }

  /** For whoever carries the writes out. @throws TierError as `set`. */
  get pending(): PendingSteps {
    const { pending } = this.#options.session
    return {
      // Asked for by those who queue: nobody else need hear why a tier cannot.
      get durability() {
        return pending.durability
      },
      enqueue: (requests) => this.#call('enqueue', () => pending.enqueue(requests)),
      take: (request) => this.#call('take', () => pending.take(request)),
      settle: async (requests) => {
        const answers = await this.#call('settle', () => pending.settle(requests))
        return this.#noted(answers, 'reads')
      },
      hasten: (...given) => this.#call('hasten', () => pending.hasten(...given)),
      waits: (place, upTo, id) => this.#call('waits', () => pending.waits(place, upTo, id)),
      backlog: (place) => this.#call('backlog', () => pending.backlog(place)),
      list: (place, page) => this.#call('list', () => pending.list(place, page)),
      dead: (place, page) => this.#call('dead', () => pending.dead(place, page)),
      revive: (place, ids) => this.#call('revive', () => pending.revive(place, ids)),
      drop: (place, ids) => this.#call('drop', () => pending.drop(place, ids)),
    }
  }

  /** @throws TierError as `set`. */
  async atomic(operations: readonly AtomicOperation[]): Promise<AtomicAnswer> {
    const answer = await this.#call('atomic', () => this.#options.session.atomic(operations))
    this.#options.note(answer, true)
    return answer
  }

  /** @throws TierError as `set`. */
  standings(shard: number): Promise<readonly InstanceStanding[]> {
    return this.#call('standings', () => this.#options.session.standings(shard))
  }

  get locks(): LockSteps {
    const { locks } = this.#options.session
    return {
      acquire: (request) => this.#call('lock', () => locks.acquire(request)),
      renew: (request) => this.#call('lock', () => locks.renew(request)),
      release: (request) => this.#call('lock', () => locks.release(request)),
      remaining: (name) => this.#call('lock', () => locks.remaining(name)),
    }
  }

  /** @throws TierError as `set`. */
  get idle(): IdleSteps {
    const { idle } = this.#options.session
    return {
      note: (keys, everyMs) => this.#call('noteRead', () => idle.note(keys, everyMs)),
      begin: (token) => this.#call('beginCleanUp', () => idle.begin(token)),
      sweep: (request) => this.#call('sweepIdle', () => idle.sweep(request)),
      save: (note) => this.#call('saveCleanUp', () => idle.save(note)),
    }
  }

  /** @throws TierError as `set`. */
  scan(
    collection: string,
    cursor: string | undefined,
    limit: number = SHARED_BATCH,
  ): Promise<ScanPage> {
    return this.#call('scan', () => this.#options.session.scan(collection, cursor, limit))
  }

  /** @throws TierError as `set`. */
  usage(): Promise<SharedUsage> {
    return this.#call('usage', () => this.#options.session.usage())
  }

  /** Not while nothing is asked: what cannot be told is forgotten by itself. Never rejects. */
  async leave(): Promise<void> {
    const { session, clock, timeoutMs } = this.#options
    if (this.#breaker.state !== 'closed') return
    await within(clock, timeoutMs, session.leave(), () => late('leave', timeoutMs)).catch(() => {})
  }

  close(): Promise<void> {
    return this.#options.session.close()
  }

  #batch<I, O>(
    operation: string,
    step: (items: readonly I[]) => Promise<readonly (O | TierError)[]>,
    kind: 'changes' | 'reads' = 'reads',
  ): TickBatch<I, O> {
    return new TickBatch<I, O>({
      clock: this.#options.clock,
      limit: SHARED_BATCH,
      eager: true,
      run: async (items) => this.#noted(await this.#call(operation, () => step(items)), kind),
    })
  }

  #noted<T extends readonly unknown[]>(answers: T, kind: 'changes' | 'reads'): T {
    let last: ShardMoment | undefined
    for (const answer of answers) {
      if (!isMoment(answer)) continue
      // Readings of one call have the same moment of a shard, and most often come in a row.
      if (kind === 'reads' && answer.shard === last?.shard) continue
      last = answer
      this.#options.note(answer, kind === CHANGES)
    }
    return answers
  }

  /** One budget for the whole call, however many keys travel in it. */
  async #call<T>(operation: string, step: () => Promise<T>): Promise<T> {
    const { clock, timeoutMs, report } = this.#options
    if (!this.#breaker.admits()) {
      const words = `The shared tier is not asked for \`${operation}\` for now: ${WORDS.open}.`
      throw new TierError('shared', words, { cause: this.#lastFailure })
    }
    try {
      const answer = await within(clock, timeoutMs, step(), () => late(operation, timeoutMs))
      this.#breaker.succeeded()
      return answer
    } catch (error) {
      // Where one of several servers is dead, the next call may be for another; and who refuses, is there.
      if (error instanceof TierError && error.scope !== 'tier') this.#breaker.succeeded()
      else {
        this.#lastFailure = error
        this.#breaker.failed()
      }
      report({ type: 'tier-failure', tier: 'shared', operation, error })
      throw error instanceof TierError
        ? error
        : new TierError('shared', `The shared tier failed at \`${operation}\`.`, { cause: error })
    }
  }
}

function isMoment(answer: unknown): answer is ShardMoment {
  return typeof answer === 'object' && answer !== null && 'epoch' in answer
}

function late(operation: string, timeoutMs: number): TierError {
  return new TierError(
    'shared',
    `The shared tier did not answer \`${operation}\` within ${timeoutMs} ms.`,
  )
}
