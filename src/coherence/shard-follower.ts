/**
 * One shard as this process follows it: what is known, how far it is trusted, and what to do when a
 * beat is due, a hint comes or the connection changes.
 *
 * Made and driven by `createCoherence`, which owns the timers and hands out the signals.
 */

import type { Clock } from '../contracts/clock.ts'
import type { CoherenceListener, HeardChange } from '../contracts/coherence.ts'
import type { Report } from '../contracts/events.ts'
import type { Random } from '../contracts/random.ts'
import type { Hint, SharedSession } from '../contracts/shared-tier.ts'
import { type ChangeDelays, ServerTime } from './change-delays.ts'
import { FollowQueue } from './follow-queue.ts'
import { followShard } from './follow-shard.ts'
import type { FollowingPlan } from './following-plan.ts'
import { FoundChanges, type Untold } from './found-changes.ts'
import { PatternSweep } from './pattern-sweep.ts'
import { ShardTrust } from './shard-trust.ts'
import { type Doubt, ShardView } from './shard-view.ts'

/** The steps that coherence uses. */
export type FollowedSession = Pick<
  SharedSession,
  'shards' | 'hints' | 'mark' | 'place' | 'listen' | 'follow' | 'sweepPattern'
>

export interface FollowerParts {
  readonly session: FollowedSession
  readonly clock: Clock
  readonly random: Random
  readonly listener: CoherenceListener
  readonly report: Report | undefined
  readonly plan: FollowingPlan
  readonly shard: number
  /** Of all shards. */
  readonly delays: ChangeDelays
  /** After each answer: looks whether the machine stood still. */
  onAnswer(): void
  /** What `trust` says has changed. */
  onTrust(): void
}

/** Messages whose delays are measured with one follow, at most. */
const MAX_AHEAD = 1_000

/** What a message is measured by: it may name a thousand keys. */
interface HintMoment extends Pick<Hint, 'last' | 'sender'> {
  readonly at?: number | undefined
}

export class ShardFollower {
  readonly view: ShardView
  readonly trust: ShardTrust
  readonly #parts: FollowerParts
  readonly #queue: FollowQueue
  readonly #sweep: PatternSweep
  readonly #found = new FoundChanges()
  readonly #serverTime = new ServerTime()
  /** Heard before what comes before them; known with the next follow. */
  #ahead: HintMoment[] = []
  #hints = 0
  #follows = 0
  #epochs = 0
  #met = false
  #failing = false
  #closed = false

  constructor(parts: FollowerParts) {
    this.#parts = parts
    const view = new ShardView()
    this.view = view
    this.trust = new ShardTrust(parts.plan)
    this.#queue = new FollowQueue({
      follow: (beat) => this.#follow(beat),
      knows: ({ epoch, upTo }) => view.epoch === epoch && view.cursor >= upTo,
    })
    this.#sweep = new PatternSweep({
      ...parts,
      view,
      onFailure: (error) => this.#fail('sweepPattern', error),
    })
  }

  /** Hints heard, numbers that none told, follows that were answered, and changes of epoch. */
  get counts(): { hints: number; gaps: number; follows: number; epochs: number } {
    return {
      hints: this.#hints,
      // Where no hints are heard, none is missed.
      gaps: this.#hearsAll ? this.#found.gaps : 0,
      follows: this.#follows,
      epochs: this.#epochs,
    }
  }

  /** A follow that is sent after this call. @returns whether everything until then is known. */
  follow(): Promise<boolean> {
    return this.#queue.ask(this.#parts.plan.beats)
  }

  beat(): void {
    const { running } = this.#queue
    const { beats } = this.#parts.plan
    // Reads that follow each other closely must not keep the beat from being sent.
    const due = beats ? running !== 'beat' : running === 'no' && !this.trust.followed
    if (due) void this.follow()
    this.#sweep.beat()
  }

  hear(hint: Hint): void {
    const { plan, clock } = this.#parts
    if (!plan.hears) return
    const { view } = this
    this.#hints += 1
    if (hint.epoch !== view.epoch) {
      this.note(hint.epoch, hint.last)
      return
    }
    const missing = hint.first - view.cursor - 1
    // Of a hint that is not next in line, a follow has told, or will: it is told once all the same.
    const isNext = missing === 0 || (missing > 0 && !plan.repairs)
    const isNews = isNext || this.#found.told(hint, view.cursor)
    if (isNews) this.#tellHint(hint)
    if (hint.last <= view.cursor) {
      // A follow has found it since it was made, and nobody knows when that was: at most so long ago.
      if (isNews) this.#measure(hint)
      return
    }
    if (missing > 0 && plan.repairs) {
      // A read is enough to learn what is missing: beats are what trust stands on.
      this.#queue.hear({ epoch: hint.epoch, upTo: hint.last }, false)
      const { last, sender, at } = hint
      if (this.#ahead.length < MAX_AHEAD) this.#ahead.push({ last, sender, at })
      return
    }
    // Let be, the numbers between stay unknown: that is what at most once means.
    if (missing > 0) this.#found.skipped(missing)
    this.#tellKeys(hint)
    this.#measure(hint)
    this.#doubt(view.apply(hint, clock.monotonic()))
  }

  /** Something may have changed. */
  doubted(): void {
    if (this.#parts.plan.hears) void this.#queue.ask(false)
  }

  /** Own changes, before their hint comes. Of another epoch nothing here could be judged by them. */
  learn(epoch: string, number: number, changes: Parameters<ShardView['learnOwn']>[0]): void {
    const { view } = this
    // Plain reads would be judged as if the removal had not been: the steps of the shard know better.
    if (epoch !== view.epoch) this.reconnected()
    else this.#doubt(view.learnOwn(changes, number, this.#parts.clock.monotonic()))
  }

  /** An own change took this number. */
  made(epoch: string, number: number): void {
    if (epoch === this.view.epoch) this.#found.made(number, this.view.cursor)
  }

  /** An answer or a hint named this epoch. */
  note(epoch: string, upTo = 0): void {
    this.#queue.hear({ epoch, upTo }, this.#parts.plan.beats)
  }

  reconnected(): void {
    this.trust.reconnected()
    // Perhaps to another server, whose clock is its own.
    this.#serverTime.forget()
    void this.follow()
  }

  /** The machine stood still: nobody knows for how long. */
  stoodStill(): void {
    this.trust.lose()
    // The monotonic clock stood still with it.
    this.#serverTime.forget()
    this.#parts.onTrust()
    void this.follow()
  }

  sweep(number: number): void {
    this.#sweep.add(number)
  }

  close(): void {
    this.#closed = true
    // What is under way finds another turn, and changes nothing.
    this.trust.lose()
    this.#queue.close()
    this.#sweep.close()
  }

  /** Never rejects: a follow that fails is made again with the next beat. */
  async #follow(beat: boolean): Promise<boolean> {
    const { plan } = this.#parts
    // Where nobody beats, a plain read is all the proof there is.
    const proves = beat || !plan.beats
    try {
      const done = await followShard(this.#followParts(), { beat, proves })
      if (this.#closed) return false
      this.#failing = false
      if (done) this.#answered()
      // A plain read has met another epoch: only a beat shows that its server is the true one.
      if (done && !proves && !this.trust.followed) void this.follow()
      return done
    } catch (error) {
      if (!this.#closed && !this.#failing) this.#fail('follow', error)
      this.#failing = true
      return false
    } finally {
      if (!this.#closed) this.#parts.onTrust()
    }
  }

  #followParts(): Parameters<typeof followShard>[0] {
    const { session, clock, shard, onAnswer } = this.#parts
    return {
      session,
      clock,
      shard,
      view: this.view,
      trust: this.trust,
      onAnswer: ({ serverNow }, askedAt) => {
        this.#serverTime.note(serverNow, askedAt)
        onAnswer()
      },
      onDoubt: (doubt) => this.#doubt(doubt),
      onRenewal: (another) => this.#renewed(another),
      onFound: (found) => this.#found.found(found, clock.monotonic()),
    }
  }

  #renewed(another: boolean): void {
    const { listener, onTrust, shard } = this.#parts
    this.#tellFound(this.#found.renew())
    this.#ahead = []
    // What nobody could go on from: each shard by itself, since no other need begin anew with it.
    if (this.#met) listener.invalidated([{ kind: 'floor' }], 'replayed')
    onTrust()
    listener.doubt('all')
    if (!another) return
    if (this.#met) this.#epochs += 1
    this.#met = true
    listener.renewed(shard)
  }

  #answered(): void {
    const { clock } = this.#parts
    this.#follows += 1
    const known = this.#ahead.filter(({ last }) => last <= this.view.cursor)
    for (const hint of known) this.#measure(hint)
    this.#ahead = this.#ahead.filter(({ last }) => last > this.view.cursor)
    this.#tellFound(this.#found.settle(clock.monotonic(), this.view.cursor))
  }

  #tellHint({ sender, changes }: Hint): void {
    const { session } = this.#parts
    if (sender !== session.mark) this.#tell(changes, 'remote')
  }

  /** Of changes that others made. */
  #measure({ sender, at }: HintMoment): void {
    const { session, clock, delays } = this.#parts
    if (at === undefined || sender === session.mark) return
    const delayMs = this.#serverTime.since(at, clock.monotonic())
    if (delayMs !== undefined) delays.add(delayMs)
  }

  /** Where no hints are heard, a follow is the message. */
  #tellFound({ changes, withinMs }: Untold): void {
    for (const ms of withinMs) if (Number.isFinite(ms)) this.#parts.delays.add(ms)
    this.#tell(changes, this.#hearsAll ? 'replayed' : 'remote')
  }

  /** What concerns all shards comes from each of them. */
  #tell(changes: readonly HeardChange[], origin: 'remote' | 'replayed'): void {
    const { listener, shard } = this.#parts
    const news =
      shard === 0 ? changes : changes.filter(({ kind }) => kind === 'keys' || kind === 'bucket')
    if (news.length > 0) listener.invalidated(news, origin)
  }

  get #hearsAll(): boolean {
    const { plan, session } = this.#parts
    return plan.hears && session.hints === 'exact'
  }

  /**
   * The first number of a step is above those of all steps before, and not above those of its own keys:
   * so it outdates what is older than the step, and spares what the step itself has set.
   */
  #tellKeys({ changes, first }: Hint): void {
    const { listener } = this.#parts
    for (const change of changes) {
      if (change.kind === 'keys') listener.changed(change.ids, { number: first, mode: change.mode })
    }
  }

  #doubt(doubt: Doubt): void {
    if (doubt !== 'none') this.#parts.listener.doubt(doubt)
  }

  #fail(operation: string, error: unknown): void {
    this.#parts.report?.({ type: 'tier-failure', tier: 'shared', operation, error })
  }
}
