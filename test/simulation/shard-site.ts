/**
 * One shard with the servers it has had: the true master, and for a while an old one beside it.
 * Steps are carried out here, and the judge is told what they have changed.
 */

import type { SweepIdleAnswer } from '../../src/contracts/idle-steps.ts'
import type {
  EndIntentRequest,
  IntentRequest,
  Invalidation,
  SharedKey,
  SharedSignal,
} from '../../src/contracts/shared-tier.ts'
import type { LockRows, ShardRows } from '../../src/shard/index.ts'
import type { SeededRandom } from '../../src/testing/seeded-random.ts'
import type { CleanUpJudge } from './clean-up-judge.ts'
import { type CopiedParts, copyRows, withoutControl } from './copy-rows.ts'
import type { Judge } from './judge.ts'
import { COLLECTION, matchesPattern, type SimulatedKey } from './keys.ts'
import { versionOf } from './labelled-random.ts'
import type { LoadJudge } from './load-judge.ts'
import type { QueueJudge } from './queue-judge.ts'
import type { Rooms } from './rooms.ts'
import { ShardNode, type StepKind } from './shard-node.ts'
import { type QueueStep, ShardQueue } from './shard-queue.ts'
import type { Trace } from './trace.ts'
import type { VirtualTime } from './virtual-time.ts'

export interface Step<T> {
  readonly name: string
  readonly kind: StepKind
  /** What it changes if it is carried out. */
  readonly changes?: Changes
  /** Writes that it begins, and that it ends. */
  readonly begins?: readonly IntentRequest[]
  readonly ends?: readonly EndIntentRequest[]
  readonly queue?: QueueStep
  /** Of a clean-up. */
  readonly cleans?: { readonly token: number }
  readonly run: (node: ShardNode) => T
}

export type Changes =
  | { readonly kind: 'keys'; readonly keys: readonly SharedKey[]; readonly tags: readonly string[] }
  | { readonly kind: 'removal'; readonly what: Invalidation }

/** Whom a server tells of changes. */
export interface Subscriber {
  announced(shard: number, node: ShardNode, signal: SharedSignal): void
}

interface BegunWrite {
  readonly version: number | undefined
  /** Milliseconds of virtual time. */
  readonly endsAt: number
}

/** A write whose time is over. */
interface OverdueWrite {
  readonly id: string
  readonly tags: readonly string[]
}

export interface SiteParts {
  readonly rooms: Rooms
  readonly time: VirtualTime
  readonly random: SeededRandom
  readonly judge: Judge
  readonly queueJudge: QueueJudge
  readonly cleanUpJudge: CleanUpJudge | undefined
  readonly loadJudge: LoadJudge | undefined
  readonly trace: Trace
  readonly shard: number
  /** Those of this shard. */
  readonly keys: readonly SimulatedKey[]
}

export class ShardSite {
  readonly shard: number
  readonly keys: readonly SimulatedKey[]
  readonly links: Subscriber[] = []
  /** Clean-ups number their steps as sessions do. */
  readonly sessions: Set<string> = new Set(['clean-up'])
  /** Reads that began before this moment could not know of a promotion that nobody was told of. */
  excusedUntil: number = Number.NEGATIVE_INFINITY
  readonly #parts: SiteParts
  readonly #ids: readonly string[]
  /** Writes that have begun here and not ended, by token. */
  readonly #begun = new Map<string, BegunWrite>()
  readonly #queue: ShardQueue
  /** As if replicas had them at once: that locks are lost with a master is tried elsewhere. */
  #locks: LockRows
  #master: ShardNode
  #old: ShardNode | undefined
  #oldSide: ReadonlySet<string> = new Set()
  #nodes = 0

  constructor(parts: SiteParts) {
    this.#parts = parts
    this.shard = parts.shard
    this.keys = parts.keys
    this.#ids = parts.keys.map(({ id }) => id)
    this.#queue = new ShardQueue(parts)
    this.#locks = parts.rooms.newLocks()
    this.#master = this.#newNode(parts.rooms.newRows(), 0)
  }

  get master(): ShardNode {
    return this.#master
  }

  /** A promotion is under way, or an old master has not gone. */
  get unsettled(): boolean {
    return this.#old !== undefined
  }

  /** Where a new connection of this instance leads to. */
  reach(instance: string): ShardNode {
    return this.#old !== undefined && this.#oldSide.has(instance) ? this.#old : this.#master
  }

  /** @throws TierError if the server refuses it. */
  perform<T>(node: ShardNode, step: Step<T>): T {
    const { rooms, trace } = this.#parts
    const refusal = node.refusal(step.kind)
    if (refusal !== undefined) {
      trace.say(() => `  ${node.name} refuses ${step.name}: ${refusal}`)
      throw new rooms.library.TierError('simulated', refusal)
    }
    const truth = node === this.#master
    const overdue = truth ? this.#overdue(node) : []
    const epoch = node.rows.control()?.epoch
    const held = step.cleans === undefined || !truth ? undefined : node.rows.entriesOf(this.#ids)
    const answer = step.run(node)
    if (held !== undefined) this.#cleaned(node, step, held, answer)
    if (step.queue !== undefined && !isLate(answer)) {
      this.#queue.carriedOut(node, step.queue, answer, truth)
    }
    if (!truth) return answer
    if (node.rows.control()?.epoch !== epoch) {
      trace.say(() => `  ${node.name} draws epoch ${node.rows.control()?.epoch}`)
      this.#parts.judge.renewed(this.keys.map(({ key }) => key))
    }
    if (isChange(step) || overdue.length > 0)
      for (const { key } of this.keys) this.#parts.loadJudge?.changed(key)
    if (overdue.length > 0) this.#coverEnded(node, overdue)
    if (!isLate(answer)) this.#carriedOut(step, answer)
    return answer
  }

  /** When the write of this version has ended at the latest, if its writer dies; `undefined`: it never began. */
  intentEnds(version: number): number | undefined {
    for (const write of this.#begun.values()) if (write.version === version) return write.endsAt
    return undefined
  }

  /** A write has begun here and not ended. */
  get isWritten(): boolean {
    const { now } = this.#parts.time
    return [...this.#begun.values()].some(({ endsAt }) => endsAt >= now)
  }

  /** What the true master holds of the key and how it fares, in a few letters. */
  stateOf(id: string): string {
    const { rows, fullUntil, detachedAt } = this.#master
    const held = [rows.entriesOf([id]).size, rows.leasesOf([id]).size]
    const intents = rows.intentsOf([id]).get(id)?.length ?? 0
    const full = fullUntil > this.#parts.time.now
    return `${held.join()} ${intents} ${full} ${detachedAt !== undefined} ${this.unsettled}`
  }

  /** Writes that wait here. */
  get backlog(): number {
    return this.#queue.backlog(this.#master.rows)
  }

  /** The version of the key that waits here. */
  standing(key: SimulatedKey): number | undefined {
    return this.#queue.standing(this.#master.rows, key)
  }

  /** The replica has what the master has now. */
  snapshot(): ShardRows {
    return copyRows(this.#copied(this.#master))
  }

  /** `undefined` for `rows`: the replica has everything. */
  promote(rows: ShardRows | undefined, offsetMs: number, oldSide: ReadonlySet<string>): ShardNode {
    const old = this.#master
    const from = rows ?? copyRows(this.#copied(old))
    const replica = withoutControl({ ...this.#copied(old), from, operations: 'kept' })
    this.#master = this.#newNode(replica, offsetMs)
    this.#queue.rolledBack(replica)
    this.#parts.cleanUpJudge?.forgot(this.shard)
    this.#old = old
    this.#oldSide = oldSide
    this.#begun.clear()
    return old
  }

  /** The old master is gone for good. */
  heal(): void {
    this.#old = undefined
    this.#oldSide = new Set()
  }

  /** A replica has stopped following the master. */
  detach(): void {
    this.#old = this.#master
  }

  restart(rows: ShardRows | undefined): void {
    this.#begun.clear()
    const from = rows ?? this.#master.rows
    this.#replace(withoutControl({ ...this.#copied(this.#master), from, operations: 'kept' }))
  }

  /** The control record, the change numbers, or everything is gone. */
  lose(what: 'control' | 'numbers' | 'flush'): void {
    this.#begun.clear()
    if (what === 'flush') {
      this.#replace(this.#parts.rooms.newRows())
      this.#locks = this.#parts.rooms.newLocks()
      this.#master.replaceLocks(this.#locks)
      return
    }
    const operations = what === 'control' ? 'lost' : 'kept'
    this.#replace(withoutControl({ ...this.#copied(this.#master), operations }))
  }

  #replace(rows: ShardRows): void {
    this.#master.replaceRows(rows)
    this.#parts.cleanUpJudge?.forgot(this.shard)
    this.#queue.rolledBack(rows)
  }

  #overdue(node: ShardNode): readonly OverdueWrite[] {
    const ids = node.rows.overdueIntents(node.now, 100)
    if (ids.length === 0) return []
    return [...node.rows.intentsOf(ids)].flatMap(([id, intents]) =>
      intents.filter(({ deadline }) => deadline <= node.now).map(({ tags }) => ({ id, tags })),
    )
  }

  #carriedOut({ changes, begins, ends }: Step<unknown>, answer: unknown): void {
    if (changes !== undefined) this.#cover(changes)
    const { now } = this.#parts.time
    for (const [at, { token, deadlineMs, id }] of (begins ?? []).entries()) {
      // A write of the key waits: this one has not begun.
      if (kindsIn(answer)[at] === 'pending') continue
      this.#cover({ kind: 'keys', keys: [{ id, collection: '' }], tags: [] })
      this.#begun.set(token, { version: versionOf(token), endsAt: now + deadlineMs })
    }
    for (const [at, end] of (ends ?? []).entries()) {
      this.#begun.delete(end.token)
      this.#coverEnd(end, kindsIn(answer)[at])
    }
    for (const [token, { endsAt }] of this.#begun) if (endsAt < now) this.#begun.delete(token)
  }

  /** A value that an end has left there is no newer than its write, whatever was committed since. */
  #coverEnd({ id, token, tags }: EndIntentRequest, kind: string | undefined): void {
    const version = versionOf(token)
    const own = this.keys.find((key) => key.id === id)
    if (kind !== 'set') this.#cover({ kind: 'keys', keys: [{ id, collection: '' }], tags })
    else this.#cover({ kind: 'keys', keys: [], tags })
    if (own !== undefined && version !== undefined) this.#parts.judge.coveredUpTo(own.key, version)
  }

  #copied(node: ShardNode): CopiedParts {
    const { rooms } = this.#parts
    const { sessions } = this
    const queue = this.#queue
    return { rooms, from: node.rows, ids: this.#ids, sessions, now: node.now, queue }
  }

  #newNode(rows: ShardRows, offsetMs: number): ShardNode {
    const { rooms, time, random, shard } = this.#parts
    this.#nodes += 1
    const name = `s${shard}n${this.#nodes}`
    const announce = (node: ShardNode, signal: SharedSignal): void => {
      for (const link of this.links) link.announced(this.shard, node, signal)
    }
    const locks = this.#locks
    return new ShardNode({ rooms, time, random, shard, name, rows, locks, offsetMs, announce })
  }

  /** A fence answers nothing, and a slice that is refused says so. */
  #cleaned(
    node: ShardNode,
    { cleans }: Step<unknown>,
    held: ReadonlyMap<string, unknown>,
    answer: unknown,
  ): void {
    const token = cleans?.token ?? 0
    const { kind } = (answer ?? {}) as Partial<SweepIdleAnswer>
    if (kind !== 'swept') {
      this.#parts.cleanUpJudge?.cleaned(this.shard, token, undefined)
      return
    }
    const left = node.rows.entriesOf(this.#ids)
    const gone = this.keys.filter(({ id }) => held.has(id) && !left.has(id)).map(({ key }) => key)
    this.#parts.cleanUpJudge?.cleaned(this.shard, token, gone)
    for (const key of gone) this.#parts.loadJudge?.changed(key)
  }

  #coverEnded(node: ShardNode, writes: readonly OverdueWrite[]): void {
    const left = new Set(node.rows.overdueIntents(node.now, 100))
    for (const { id, tags } of writes) {
      if (!left.has(id)) this.#cover({ kind: 'keys', keys: [{ id, collection: '' }], tags })
    }
  }

  #cover(changes: Changes): void {
    const { judge } = this.#parts
    for (const key of this.keys) if (concerns(changes, key)) judge.covered(key.key)
  }
}

function concerns(changes: Changes, key: SimulatedKey): boolean {
  const { id, tags, collection } = key
  if (changes.kind === 'keys') {
    return (
      changes.keys.some((one) => one.id === id) || tags.some((tag) => changes.tags.includes(tag))
    )
  }
  const { what } = changes
  switch (what.kind) {
    case 'keys':
      return what.mode === 'delete' && what.keys.some((one) => one.id === id)
    case 'tags':
      if (what.mode === 'expire') return false
      return what.match === 'all'
        ? what.tags.every((tag) => tags.includes(tag))
        : what.tags.some((tag) => tags.includes(tag))
    case 'pattern':
      return what.collection === COLLECTION && matchesPattern(key)
    case 'collection':
      return what.collection === collection
    case 'clear':
      return true
    default:
      return what satisfies never
  }
}

/** Steps after which something is to be loaded that was not before. */
function isChange({ changes, begins, ends, queue, name }: Step<unknown>): boolean {
  const told = changes ?? begins ?? ends ?? queue
  return told !== undefined || name === 'set' || name === 'touch' || name === 'atomic'
}

function isLate(answer: unknown): boolean {
  return (
    typeof answer === 'object' && answer !== null && 'late' in answer && answer.late !== undefined
  )
}

/** What each part of a batch was answered. */
function kindsIn(answer: unknown): readonly (string | undefined)[] {
  const { answers = [] } = answer as { readonly answers?: readonly { readonly kind?: string }[] }
  return answers.map(({ kind }) => kind)
}
