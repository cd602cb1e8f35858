/**
 * The checker of writes behind the cache: which write stands under which number, who may take, what the
 * database was given, and what was acknowledged. Told by the servers, by the database and by callers.
 */

import type { SettleOutcome, TakeAnswer, TakeRequest } from '../../src/contracts/pending-steps.ts'
import type { Judge } from './judge.ts'
import type { Tally } from './tally.ts'

export interface QueuedWrite {
  readonly key: string
  readonly version: number
  readonly kind: 'row' | 'no row'
}

export interface WriteNumber {
  readonly number: number
  readonly epoch: string
}

/** What the database has said of a write that it did not carry out. */
interface Refusals {
  count: number
  isFinal: boolean
}

interface QueueOwner {
  readonly owner: string
  readonly until: number
}

export interface QueueJudgeParts {
  readonly judge: Judge
  readonly tally: Tally
  /** Tries that a write is given. */
  readonly attempts: number
}

export class QueueJudge {
  readonly #parts: QueueJudgeParts
  readonly #writes = new Map<string, QueuedWrite>()
  /** On a true master. */
  readonly #queued = new Set<number>()
  readonly #dead = new Set<number>()
  /** What was queued while another write of its key waited, by that one: from then on they are one. */
  readonly #followers = new Map<number, number>()
  /** And not known to be at rest. */
  readonly #acknowledged = new Set<QueuedWrite>()
  readonly #refusals = new Map<number, Refusals>()
  /** By key: the highest number that the database was given. */
  readonly #top = new Map<string, number>()
  /** By shard, as its true master has it. */
  readonly #owners = new Map<number, QueueOwner>()
  readonly #takers = new Map<number, string>()

  constructor(parts: QueueJudgeParts) {
    this.#parts = parts
  }

  /** A server has taken it under this number. */
  queued(write: QueuedWrite, number: WriteNumber, isTruth: boolean): void {
    const { judge, tally } = this.#parts
    this.#writes.set(nameOf(write.key, number), write)
    if (!isTruth) return
    tally.queued += 1
    const { latest } = judge.historyOf(write.key)
    if (latest?.waits === true) {
      tally.replaced += 1
      this.#followers.set(latest.version, write.version)
    }
    this.#queued.add(write.version)
    judge.queued(write.key, { ...write, number: number.number })
  }

  /** It goes on under another number. */
  renumbered(write: QueuedWrite, again: WriteNumber, isTruth: boolean): void {
    this.#writes.set(nameOf(write.key, again), write)
    if (isTruth) this.#parts.judge.historyOf(write.key).renumber(write.version, again.number)
  }

  writeAt(key: string, number: WriteNumber): QueuedWrite | undefined {
    return this.#writes.get(nameOf(key, number))
  }

  /** The caller was told that it is kept. */
  acknowledged(write: QueuedWrite): void {
    const { tally } = this.#parts
    const { key, version } = write
    tally.behind += 1
    this.#acknowledged.add(write)
    if (this.#queued.has(version)) return
    this.#violated('WB-1', `${key}=${version} was acknowledged, and the tier has not taken it`)
  }

  /** The true master lets somebody take. */
  taken(shard: number, { owner, leaseMs, limit }: TakeRequest, answer: TakeAnswer): void {
    if (answer.kind !== 'taken') return
    const { serverNow } = answer
    const held = this.#owners.get(shard)
    if (held !== undefined && held.owner !== owner && serverNow < held.until) {
      this.#violated(
        'WB-12',
        `two may take from shard ${shard} at once: ${held.owner} and ${owner}`,
      )
    }
    if (limit === 0) {
      this.#owners.delete(shard)
      return
    }
    // Where nothing is due, half of the time is all that is promised.
    const lastsMs = answer.records.length === 0 ? leaseMs / 2 : leaseMs
    const known = held?.owner === owner ? held.until : 0
    this.#owners.set(shard, { owner, until: Math.max(known, serverNow + lastsMs) })
    if (answer.records.length === 0) return
    const { tally } = this.#parts
    tally.taken += answer.records.length
    const taker = this.#takers.get(shard)
    if (taker !== undefined && taker !== owner) tally.takeovers += 1
    this.#takers.set(shard, owner)
  }

  /** The true master has other rows than before: who may take is not known. */
  rolledBack(shard: number): void {
    this.#owners.delete(shard)
  }

  /** The database carries it out. `value`: what it was given. */
  applied(write: QueuedWrite, { number }: WriteNumber, value: number | undefined): void {
    const { key, version, kind } = write
    this.#parts.tally.applied += 1
    const given = value ?? 'nothing'
    const meant = kind === 'row' ? version : 'nothing'
    if (given !== meant) {
      this.#violated('WB-5', `${key}=${meant} was queued, and the database was given ${given}`)
    }
    this.ordered(key, version, number)
  }

  /** A write of any policy that has a number. */
  ordered(key: string, version: number, number: number): void {
    const top = this.#top.get(key) ?? 0
    if (number <= top) {
      const text = `${key}=${version} with number ${number} came over number ${top}`
      this.#violated(number === top ? 'WB-3' : 'WB-4', `the database was rolled back: ${text}`)
    }
    this.#top.set(key, Math.max(top, number))
  }

  /** The database has answered that something newer stands there. */
  superseded(): void {
    this.#parts.tally.superseded += 1
  }

  /** The database did not carry it out, for a reason of its own. */
  refused(version: number, isFinal: boolean): void {
    const known = this.#refusals.get(version) ?? { count: 0, isFinal: false }
    this.#refusals.set(version, { count: known.count + 1, isFinal: known.isFinal || isFinal })
  }

  /** The true master has settled it, and it does not wait any longer. */
  settled(write: QueuedWrite, outcome: SettleOutcome['kind']): void {
    const { judge } = this.#parts
    const { key, version } = write
    const history = judge.historyOf(key)
    if (outcome === 'applied' && !history.isStored(version)) {
      this.#violated(
        'WB-2',
        `${key}=${version} was settled as applied, and the database has it not`,
      )
    }
    if (outcome === 'discarded' && !history.discard(version)) {
      this.#violated('WB-2', `${key}=${version} was given up, and the database has nothing newer`)
    }
    if (outcome !== 'dead') return
    this.#dead.add(version)
    this.#parts.tally.dead += 1
    const { count, isFinal } = this.#refusals.get(version) ?? { count: 0, isFinal: false }
    // A step that comes twice counts a try twice.
    if (isFinal || 2 * count >= this.#parts.attempts) return
    this.#violated('WB-8', `${key}=${version} is a dead letter, and was refused ${count} times`)
  }

  /** Whether nobody need wait for it: what was replaced in the queue by a dead letter is none the less over. */
  isAtRest({ key, version }: QueuedWrite): boolean {
    if (this.#parts.judge.historyOf(key).isStored(version)) return true
    let last: number | undefined = version
    while (last !== undefined && !this.#dead.has(last)) last = this.#followers.get(last)
    return last !== undefined
  }

  /** What was acknowledged and is not at rest, of one key or of all. */
  waiting(key: string | undefined): readonly QueuedWrite[] {
    for (const write of this.#acknowledged) {
      if (this.isAtRest(write)) this.#acknowledged.delete(write)
    }
    return [...this.#acknowledged].filter((write) => key === undefined || write.key === key)
  }

  flushed(waiting: readonly QueuedWrite[]): void {
    this.#parts.tally.flushes += 1
    const left = waiting.find((write) => !this.isAtRest(write))
    if (left === undefined) return
    const { key, version } = left
    this.#violated('WB-13', `a flush has ended, and the database has not ${key}=${version}`)
  }

  /** Everything is at rest, and the database holds this. */
  ended(key: string, row: number): void {
    const { judge } = this.#parts
    const { latest } = judge.historyOf(key)
    if (latest === undefined || latest.version === row) return
    const what = latest.isBehind ? 'was acknowledged or in doubt' : 'was written'
    this.#violated('WB-2', `at rest the database has ${key}=${row}, and ${latest.version} ${what}`)
  }

  #violated(guarantee: Parameters<Judge['violated']>[0], text: string): void {
    this.#parts.judge.violated(guarantee, text)
  }
}

function nameOf(key: string, { number, epoch }: WriteNumber): string {
  return `${key} ${epoch} ${number}`
}
