/**
 * The process's side of coherence over all shards of one session: `Coherence`, as core asks it.
 *
 * Made once for each cache with a shared tier, where the cache is put together. It owns the beats and
 * hands signals to the shards they are for; judgements ask the shard of the key.
 */

import type { Clock } from '../contracts/clock.ts'
import type {
  Coherence,
  CoherenceListener,
  CoherenceState,
  Copied,
  Position,
  Stamped,
  Verdict,
} from '../contracts/coherence.ts'
import type { Report } from '../contracts/events.ts'
import type { Random } from '../contracts/random.ts'
import type { SharedKey, SharedSignal } from '../contracts/shared-tier.ts'
import { ChangeDelays } from './change-delays.ts'
import { type CoherenceMode, type FollowingPlan, followingPlan } from './following-plan.ts'
import { type FollowedSession, ShardFollower } from './shard-follower.ts'
import { SuspensionWatch } from './suspension-watch.ts'

export interface CoherenceParts {
  readonly session: FollowedSession
  readonly clock: Clock
  readonly random: Random
  /** Called from the first answer on, never while coherence is made. */
  readonly listener: CoherenceListener
  readonly report?: Report | undefined
  /** Copies are served for so long after the last answered follow was sent. */
  readonly maxBlindnessMs: number
  readonly mode: CoherenceMode
}

/** Listens to the session and begins to follow at once. */
export function createCoherence(parts: CoherenceParts): Coherence {
  return new ShardsCoherence(parts)
}

class ShardsCoherence implements Coherence {
  readonly #session: FollowedSession
  readonly #clock: Clock
  readonly #random: Random
  readonly #listener: CoherenceListener
  readonly #plan: FollowingPlan
  readonly #watch: SuspensionWatch
  readonly #delays = new ChangeDelays()
  readonly #followers: readonly ShardFollower[]
  /** By shard: how to take back its next beat. */
  readonly #beats: (() => void)[] = []
  beginning: Promise<void> | undefined
  #trustedUntil = Number.NEGATIVE_INFINITY
  #closed = false

  constructor(parts: CoherenceParts) {
    this.#session = parts.session
    this.#clock = parts.clock
    this.#random = parts.random
    this.#listener = parts.listener
    this.#plan = followingPlan(parts.mode, parts.maxBlindnessMs)
    this.#watch = new SuspensionWatch(parts.clock)
    this.#followers = Array.from({ length: parts.session.shards }, (_, shard) => {
      return new ShardFollower({
        ...parts,
        report: parts.report,
        plan: this.#plan,
        shard,
        delays: this.#delays,
        onAnswer: () => this.#look(),
        onTrust: () => this.#tellTrust(),
      })
    })
    parts.session.listen((signal) => this.#hear(signal))
    const first = this.#followers.map((follower, shard) => {
      this.#beatLater(shard, follower)
      return follower.follow()
    })
    this.beginning = Promise.all(first).then(() => {
      this.beginning = undefined
    })
  }

  position(key: SharedKey): Position {
    const { shard } = this.#session.place(key)
    const { view } = this.#at(shard)
    return { shard, epoch: view.epoch, cursor: view.cursor }
  }

  positions(): readonly Position[] {
    return this.#followers.map(({ view }, shard) => ({
      shard,
      epoch: view.epoch,
      cursor: view.cursor,
    }))
  }

  survives(key: SharedKey, position: Position): boolean {
    const place = this.#session.place(key)
    return this.#at(place.shard).view.survives(key, place, position)
  }

  judgeEntry(key: SharedKey, entry: Stamped, tags: readonly string[]): Verdict {
    return this.#of(key).view.judge(key, entry, tags)
  }

  judgeCopy(key: SharedKey, copy: Copied, tags: readonly string[]): Verdict {
    const place = this.#session.place(key)
    const { trust, view } = this.#at(place.shard)
    const verdict = view.judge(key, copy, tags)
    // Nobody could say anything of the shard when it was made, and nobody can now.
    if (verdict === 'unsure') return copy.blind && copy.epoch === '' ? 'stands' : 'unsure'
    if (verdict === 'gone' || view.outdated(place, copy)) return 'gone'
    return copy.blind || trust.trusted(this.#clock.monotonic()) ? verdict : 'unsure'
  }

  readable(key: SharedKey): boolean {
    const { trust } = this.#of(key)
    return trust.followed && trust.trusted(this.#clock.monotonic())
  }

  connected(key: SharedKey): boolean {
    return this.#of(key).trust.connected(this.#clock.monotonic())
  }

  tagsRemovedSince(position: Position): boolean {
    return this.#at(position.shard).view.tagsRemovedSince(position, this.#clock.monotonic())
  }

  async catchUp(shard: number): Promise<boolean> {
    return (await this.#followers[shard]?.follow()) ?? false
  }

  learn(
    { shard, epoch, sequence }: Parameters<Coherence['learn']>[0],
    changes: Parameters<Coherence['learn']>[1],
  ): void {
    this.#followers[shard]?.learn(epoch, sequence, changes)
  }

  made({ shard, epoch, sequence }: Parameters<Coherence['made']>[0]): void {
    this.#followers[shard]?.made(epoch, sequence)
  }

  note(shard: number, epoch: string): void {
    this.#followers[shard]?.note(epoch)
  }

  sweep(shard: number, number: number): void {
    this.#followers[shard]?.sweep(number)
  }

  get state(): CoherenceState {
    const now = this.#clock.monotonic()
    const sum = { hints: 0, gaps: 0, follows: 0, epochs: 0 }
    let connected = 0
    let blindMs = 0
    for (const { counts, trust } of this.#followers) {
      sum.hints += counts.hints
      sum.gaps += counts.gaps
      sum.follows += counts.follows
      sum.epochs += counts.epochs
      if (trust.connected(now)) connected += 1
      blindMs = Math.max(blindMs, trust.blindMs(now))
    }
    const delay = this.#delays.percentiles
    return { shards: this.#followers.length, connected, blindMs, ...sum, delay }
  }

  close(): void {
    this.#closed = true
    for (const takeBack of this.#beats) takeBack()
    for (const follower of this.#followers) follower.close()
  }

  #at(shard: number): ShardFollower {
    const follower = this.#followers[shard]
    if (follower === undefined) throw new RangeError(`The shared tier has no shard ${shard}.`)
    return follower
  }

  #of(key: SharedKey): ShardFollower {
    return this.#at(this.#session.place(key).shard)
  }

  #beatLater(shard: number, follower: ShardFollower): void {
    const delayMs = this.#plan.beatMs * (0.8 + 0.2 * this.#random.next())
    this.#beats[shard] = this.#clock.schedule(
      delayMs,
      () => {
        this.#beatLater(shard, follower)
        this.#look()
        follower.beat()
      },
      'upkeep',
    )
  }

  #hear(signal: SharedSignal): void {
    if (this.#closed) return
    this.#look()
    switch (signal.kind) {
      case 'changes':
        this.#followers[signal.shard]?.hear(signal)
        return
      case 'doubt':
        for (const shard of signal.shards) this.#followers[shard]?.doubted()
        return
      case 'reconnected':
        for (const shard of signal.shards) this.#followers[shard]?.reconnected()
        return
      case 'released':
        this.#listener.released(signal.ids)
        return
      case 'unlocked':
        this.#listener.unlocked(signal.names)
        return
      default:
        signal satisfies never
    }
  }

  #look(): void {
    if (this.#closed || !this.#watch.look()) return
    for (const follower of this.#followers) follower.stoodStill()
  }

  #tellTrust(): void {
    let until = Number.POSITIVE_INFINITY
    for (const { trust } of this.#followers) until = Math.min(until, trust.until)
    if (until === this.#trustedUntil) return
    this.#trustedUntil = until
    this.#listener.trustUntil(until)
  }
}
