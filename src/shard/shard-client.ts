/**
 * A session over a link: places keys, asks each shard for its part, numbers the mutations, and puts
 * the answers together. Made by the tiers that have a `ShardLink`; `core/` and `coherence/` use it.
 *
 * Nothing is sent again because an answer is missing. What was answered *late* was not carried out:
 * removals are then issued anew under a new number, since nothing they do can undo what overtook
 * them; a `set` or a begin that met another epoch is issued once more under it, since its caller
 * still waits; what was overtaken otherwise is an error. A `set`, an atomic batch or a begin that has
 * travelled for so long that its caller has been told otherwise is not carried out at all.
 */

import type { Clock } from '../contracts/clock.ts'
import { ArgumentError, TierError } from '../contracts/errors.ts'
import type { IdleSteps } from '../contracts/idle-steps.ts'
import type { LockSteps } from '../contracts/lock-steps.ts'
import type { EnqueueAnswer, PendingSteps } from '../contracts/pending-steps.ts'
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
  InvalidationAnswer,
  KeyPlace,
  ReleaseRequest,
  ScanPage,
  SetAnswer,
  ShardMoment,
  SharedKey,
  SharedReading,
  SharedSession,
  SharedSignal,
  SharedUsage,
  SharedValue,
  TouchAnswer,
  TouchRequest,
} from '../contracts/shared-tier.ts'
import { compileGlob } from '../keys/glob.ts'
import { bucketOf, shardOf } from '../keys/key-place.ts'
import { askGroups, groupBy, groupByShard, type ShardGroup } from './by-shard.ts'
import { sessionMark } from './session-mark.ts'
import type {
  Carried,
  IdleLink,
  Invalidated,
  Late,
  PendingLink,
  Sender,
  ShardLink,
} from './shard-link.ts'

export interface ShardClientOptions {
  readonly link: ShardLink
  readonly clock: Clock
  /** Names the tier in errors. */
  readonly tier: string
  /** New with each session. */
  readonly session: string
}

/** A removal is issued anew at most so often; each time it was overtaken by a later step of its own. */
const MAX_ISSUES = 5
/**
 * A value that arrives later may be older than what others have been promised to see by then: the bound
 * of one who is connected (CO-9).
 */
const OVERDUE_MS = 1_000

export class ShardClient implements SharedSession {
  readonly waitPollMs: number
  readonly shards: number
  readonly hints: 'exact' | 'none'
  readonly mark: string
  readonly locks: LockSteps
  readonly pending: PendingSteps
  readonly idle: IdleSteps
  readonly #link: ShardLink
  readonly #tier: string
  readonly #session: string
  readonly #clock: Clock
  /** By shard: as the last answer named them. */
  readonly #noted = new Map<number, Noted>()
  /** By shard: the number of the last mutation. */
  readonly #operations = new Map<number, number>()

  constructor({ link, clock, tier, session }: ShardClientOptions) {
    this.#link = link
    this.#clock = clock
    this.#tier = tier
    this.#session = session
    this.waitPollMs = link.waitPollMs
    this.shards = link.shards
    this.hints = link.hints
    this.mark = sessionMark.of(session)
    this.locks = link.locks
    this.pending = this.#pendingSteps(link.pending)
    this.idle = this.#idleSteps(link.idle)
  }

  get ready(): Promise<void> {
    return this.#link.ready
  }

  place(key: SharedKey): KeyPlace {
    return new LazyPlace(shardOf(key, this.shards), key.id)
  }

  listen(listener: (signal: SharedSignal) => void): void {
    this.#link.listen(listener)
  }

  async read(keys: readonly SharedKey[]): Answers<SharedReading> {
    const shards = keys.map((key) => shardOf(key, this.shards))
    return this.#learn(await this.#link.read(keys, shards))
  }

  claim(
    requests: readonly ClaimRequest[],
    { leaseMs }: { readonly leaseMs: number },
  ): Answers<ClaimAnswer> {
    return this.#ask(requests, ({ shard, items }) => this.#link.claim(shard, items, leaseMs))
  }

  fill(values: readonly FillRequest[]): Answers<FillAnswer> {
    return this.#ask(values, ({ shard, items }) => this.#link.fill(shard, items))
  }

  async renewLeases(
    requests: readonly ReleaseRequest[],
    { leaseMs }: { readonly leaseMs: number },
  ): Promise<void> {
    const groups = groupByShard(requests, (key) => shardOf(key, this.shards))
    await all(groups.map(({ shard, items }) => this.#link.renewLeases(shard, items, leaseMs)))
  }

  async release(requests: readonly ReleaseRequest[]): Promise<void> {
    const groups = groupByShard(requests, (key) => shardOf(key, this.shards))
    await all(groups.map(({ shard, items }) => this.#link.release(shard, items)))
  }

  set(values: readonly SharedValue[]): Answers<SetAnswer> {
    return this.#ask(values, ({ shard, items }) =>
      this.#held(shard, (sender) => this.#link.set(shard, sender, items)),
    )
  }

  touch(requests: readonly TouchRequest[]): Answers<TouchAnswer> {
    return this.#ask(requests, async ({ shard, items }) => {
      const answer = await this.#link.touch(shard, this.#sender(shard), items)
      return answer.late === undefined ? answer.answers : this.#refuse(answer)
    })
  }

  /** Rejects if any shard could not be asked, after all have answered or failed. */
  async invalidate(what: Invalidation): Promise<InvalidationAnswer> {
    if (what.kind === 'pattern') compileGlob(what.pattern)
    if (what.kind !== 'keys') {
      const answers = await all(this.#every().map((shard) => this.#invalidate(shard, what)))
      return { found: [], moments: answers.map(({ moment }) => moment) }
    }
    const groups = groupByShard(what.keys, (key) => shardOf(key, this.shards))
    const found: boolean[] = []
    const moments = await all(
      groups.map(async ({ shard, items, places }) => {
        const answer = await this.#invalidate(shard, { ...what, keys: items })
        for (const [at, place] of places.entries()) found[place] = answer.found[at] ?? false
        return answer.moment
      }),
    )
    return { found, moments }
  }

  async atomic(operations: readonly AtomicOperation[]): Promise<AtomicAnswer> {
    const shards = new Set(operations.map((one) => shardOf(keyOf(one), this.shards)))
    const [shard = 0, other] = shards
    if (other !== undefined) {
      const expected = 'on keys of one shard'
      throw new ArgumentError({ field: 'operations', expected, actual: operations })
    }
    const [answer] = await this.#held(shard, (sender) =>
      this.#link.atomic(shard, sender, operations),
    )
    if (answer === undefined)
      throw new TierError(this.#tier, 'The shard left the batch unanswered.')
    this.#note(answer)
    return answer
  }

  sweepPattern(shard: number, number: number): Promise<boolean> {
    return this.#link.sweepPattern(shard, number)
  }

  beginIntent(requests: readonly IntentRequest[]): Answers<IntentAnswer> {
    return this.#ask(requests, ({ shard, items }) =>
      this.#held(shard, (sender) => this.#link.beginIntent(shard, sender, items)),
    )
  }

  endIntent(requests: readonly EndIntentRequest[]): Answers<EndIntentAnswer> {
    return this.#ask(requests, async ({ shard, items }) => {
      let ends = items
      const { answers } = await this.#untilCarried(shard, async (sender) => {
        const answer = await this.#link.endIntent(shard, sender, ends)
        // What overtook it may have changed the key: from now on only the removal is safe.
        ends = items.map((end) => ({ ...end, value: undefined }))
        return answer
      })
      return answers
    })
  }

  async follow(request: FollowRequest): Promise<FollowAnswer> {
    const answer = await this.#link.follow(this.#session, request)
    this.#note(answer)
    return answer
  }

  async leave(): Promise<void> {
    await Promise.allSettled(this.#every().map((shard) => this.#link.leave(shard, this.#session)))
  }

  standings(shard: number): Promise<readonly InstanceStanding[]> {
    return this.#link.standings(shard)
  }

  scan(collection: string, cursor: string | undefined, limit: number): Promise<ScanPage> {
    return this.#link.scan(collection, cursor, limit)
  }

  usage(): Promise<SharedUsage> {
    return this.#link.usage()
  }

  close(): Promise<void> {
    return this.#link.close()
  }

  #pendingSteps(link: PendingLink): PendingSteps {
    return {
      get durability() {
        return link.durability
      },
      enqueue: (requests) =>
        this.#ask(requests, async ({ shard, items }) => {
          const answers: EnqueueAnswer[] = []
          // A queue is of one collection.
          const parts = groupBy(items, ({ collection }) => collection)
          await all(
            [...parts.values()].map(async ({ items: own, places }) => {
              const queued = await this.#held(shard, (sender) => link.enqueue(shard, sender, own))
              for (const [at, place] of places.entries()) {
                const answer = queued[at]
                if (answer !== undefined) answers[place] = answer
              }
            }),
          )
          return answers
        }),
      take: async (request) => {
        const answer = await link.take(request)
        this.#note(answer)
        if (answer.kind === 'held') return answer
        return { ...answer, records: placed(answer.records, request) }
      },
      settle: (requests) => this.#ask(requests, ({ shard, items }) => link.settle(shard, items)),
      hasten: (...given) => link.hasten(...given),
      waits: (place, upTo, id) => link.waits(place, upTo, id),
      backlog: (place) => link.backlog(place),
      list: async (place, page) => {
        const { writes, cursor } = await link.list(place, page)
        return { writes: placed(writes, place), cursor }
      },
      dead: async (place, page) => {
        const { letters, cursor } = await link.dead(place, page)
        return { letters: placed(letters, place), cursor }
      },
      revive: (place, ids) => link.revive(place, ids),
      drop: (place, ids) => link.drop(place, ids),
    }
  }

  #idleSteps(link: IdleLink): IdleSteps {
    return {
      note: async (keys, everyMs) => {
        const groups = groupByShard(keys, (key) => shardOf(key, this.shards))
        await all(groups.map(({ shard, items }) => link.note(shard, items, everyMs)))
      },
      begin: async (token) => {
        // Every shard first: whoever is still at work elsewhere comes to an end before anything begins.
        await all(this.#every().map((shard) => link.fence(shard, token)))
        return await link.saved()
      },
      sweep: (request) => link.sweep(request),
      save: (note) => link.save(note),
    }
  }

  #every(): readonly number[] {
    return Array.from({ length: this.shards }, (_, shard) => shard)
  }

  /** Groups leave in one turn, so that mutations of a shard travel in the order of their numbers. */
  async #ask<T extends SharedKey, Answer extends ShardMoment>(
    items: readonly T[],
    ask: (group: ShardGroup<T>) => Promise<readonly Answer[]>,
  ): Promise<readonly (Answer | TierError)[]> {
    const groups = groupByShard(items, (key) => shardOf(key, this.shards))
    return this.#learn(await askGroups<T, Answer>(groups, ask))
  }

  async #invalidate(shard: number, what: Invalidation): Promise<Invalidated> {
    const answer = await this.#untilCarried(shard, (sender) =>
      this.#link.invalidate(shard, sender, what),
    )
    this.#note(answer.moment)
    return answer
  }

  /** Sends a step that the shard carries out only under its own epoch. */
  async #held<Answer>(
    shard: number,
    send: (sender: Sender) => Promise<Carried<Answer> | Late>,
  ): Promise<readonly Answer[]> {
    const first = await send(this.#sender(shard))
    if (first.late === undefined) return first.answers
    this.#note(first.moment)
    if (first.late !== 'epoch') return this.#refuse(first)
    const second = await send(this.#sender(shard))
    return second.late === undefined ? second.answers : this.#refuse(second)
  }

  async #untilCarried<Answer extends { readonly late: undefined }>(
    shard: number,
    send: (sender: Sender) => Promise<Answer | Late>,
  ): Promise<Answer> {
    for (let issue = 1; ; issue += 1) {
      const answer = await send(this.#sender(shard))
      if (answer.late === undefined) return answer
      this.#note(answer.moment)
      if (issue === MAX_ISSUES) return this.#refuse(answer)
    }
  }

  #sender(shard: number): Sender {
    const operation = (this.#operations.get(shard) ?? 0) + 1
    this.#operations.set(shard, operation)
    const noted = this.#noted.get(shard)
    if (noted === undefined) return { session: this.#session, operation, epoch: '' }
    const { epoch, serverNow, heardAt } = noted
    // The answer has travelled as well, so this is a little early rather than late.
    const until = serverNow + (this.#clock.monotonic() - heardAt) + OVERDUE_MS
    return { session: this.#session, operation, epoch, until }
  }

  /** @throws TierError */
  #refuse({ late, moment }: Late): never {
    this.#note(moment)
    throw new TierError(this.#tier, `${WHY_LATE[late]}, so this step was not carried out.`)
  }

  #learn<Answer extends ShardMoment>(
    answers: readonly (Answer | TierError)[],
  ): readonly (Answer | TierError)[] {
    let last: ShardMoment | undefined
    for (const answer of answers) {
      // Answers of one call have the same moment of a shard, and most often come in a row.
      if (answer instanceof TierError || answer.shard === last?.shard) continue
      last = answer
      this.#note(answer)
    }
    return answers
  }

  #note({ shard, epoch, serverNow }: ShardMoment): void {
    const noted = this.#noted.get(shard)
    if (noted === undefined) {
      this.#noted.set(shard, { epoch, serverNow, heardAt: this.#clock.monotonic() })
      return
    }
    noted.epoch = epoch
    noted.serverNow = serverNow
    noted.heardAt = this.#clock.monotonic()
  }
}

const WHY_LATE: Readonly<Record<Late['late'], string>> = {
  overtaken: 'A later step of this session came first',
  epoch: 'The numbers of the shard began anew meanwhile',
  overdue: `It reached the shard more than ${OVERDUE_MS} ms after it was sent`,
}

/** Most who ask where a key lives need its shard alone. */
class LazyPlace implements KeyPlace {
  readonly shard: number
  readonly #id: string

  constructor(shard: number, id: string) {
    this.shard = shard
    this.#id = id
  }

  get bucket(): number {
    return bucketOf(this.#id)
  }
}

interface Noted {
  epoch: string
  /** When the shard answered, by its own clock and by this process's monotonic one. */
  serverNow: number
  heardAt: number
}

/** With the shard that they were found in: what else may have placed their keys, nobody has kept. */
function placed<T extends SharedKey>(
  found: readonly T[],
  { shard }: { readonly shard: number },
): readonly T[] {
  return found.map((one) => ({ ...one, shard }))
}

function keyOf(operation: AtomicOperation): SharedKey {
  return operation.op === 'set' ? operation.value : operation.key
}

/** Waits for all of them, then rejects as the first that failed. */
async function all<T>(steps: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(steps)
  return Promise.all(steps)
}
