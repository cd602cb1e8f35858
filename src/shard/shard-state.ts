/**
 * The numbers of a shard during one step: control record, sequence, and what the step has changed.
 *
 * One object serves one step, inside one transaction, so that the control record is read once and
 * written once, and that the step's changes are told together.
 */

import type { Random } from '../contracts/random.ts'
import type { Hint, RemovalMode, ShardMoment, SharedSignal } from '../contracts/shared-tier.ts'
import { bucketOf } from '../keys/key-place.ts'
import { bucketMember } from './change-members.ts'
import { firstNumber } from './first-number.ts'
import type { ShardControl, ShardRows } from './shard-rows.ts'

export interface ShardStateOptions {
  readonly rows: ShardRows
  readonly shard: number
  /** The server's wall clock, epoch milliseconds. */
  readonly now: number
  /** The host's clock: deadlines of leases and intents. */
  readonly tick: number
  readonly random: Random
  /** Whether `signals` reach anybody; otherwise nobody need be remembered as waiting. */
  readonly told: boolean
  /** Mark of the session whose step it is. @default '' */
  readonly sender?: string
}

export type HintChange = Hint['changes'][number]

export class ShardState {
  readonly rows: ShardRows
  readonly now: number
  readonly tick: number
  readonly told: boolean
  readonly #shard: number
  readonly #random: Random
  readonly #sender: string
  #control: ShardControl
  #changed = false
  /** The first number that this step has taken. */
  #first: number | undefined
  #told: HintChange[] = []
  /** Where keys that change one after the other are told together: a batch may have a thousand. */
  #keys: { kind: 'keys'; ids: string[]; mode: RemovalMode } | undefined
  /** Numbers of buckets, written once at the end: nothing within a step is judged by them. */
  readonly #buckets = new Map<string, number>()
  readonly #released = new Set<string>()

  constructor({ rows, shard, now, tick, random, told, sender = '' }: ShardStateOptions) {
    this.rows = rows
    this.now = now
    this.tick = tick
    this.told = told
    this.#shard = shard
    this.#random = random
    this.#sender = sender
    this.#control = rows.control() ?? this.#draw()
  }

  get control(): ShardControl {
    return this.#control
  }

  get moment(): ShardMoment {
    const { epoch, sequence } = this.#control
    return { shard: this.#shard, epoch, sequence, serverNow: this.now }
  }

  /** Takes the next number for changes, which followers are told under it. */
  raise(...changes: readonly HintChange[]): number {
    const sequence = this.#control.sequence + 1
    this.update({ sequence })
    this.#first ??= sequence
    for (const change of changes) this.#tell(change, sequence)
    return sequence
  }

  update(change: Partial<Omit<ShardControl, 'epoch'>>): void {
    this.#control = { ...this.#control, ...change }
    this.#changed = true
  }

  /** A new epoch: numbers that somebody has heard of are missing here. */
  renew(): void {
    this.#control = this.#draw()
    this.#first = undefined
    this.#told = []
    this.#buckets.clear()
  }

  /** Leases of these keys have ended that somebody was told to wait for. */
  noteReleased(ids: Iterable<string>): void {
    for (const id of ids) this.#released.add(id)
  }

  save(): void {
    if (this.#buckets.size > 0) this.rows.setNumbers(this.#buckets)
    this.#buckets.clear()
    if (this.#changed) this.rows.saveControl(this.#control)
    this.#changed = false
  }

  /** What followers and waiters are to be told of the step, once it is certain. */
  signals(): readonly SharedSignal[] {
    const signals: SharedSignal[] = []
    if (this.#first !== undefined) {
      const { epoch, sequence: last } = this.#control
      const numbers = { epoch, first: this.#first, last, sender: this.#sender, at: this.now }
      signals.push({ kind: 'changes', shard: this.#shard, ...numbers, changes: this.#told })
    }
    if (this.#released.size > 0) signals.push({ kind: 'released', ids: [...this.#released] })
    return signals
  }

  #tell(change: HintChange, sequence: number): void {
    if (change.kind !== 'keys') {
      this.#told.push(change)
      return
    }
    for (const id of change.ids) this.#buckets.set(bucketMember(bucketOf(id)), sequence)
    if (this.#keys?.mode !== change.mode || this.#told.at(-1) !== this.#keys) {
      this.#keys = { kind: 'keys', ids: [], mode: change.mode }
      this.#told.push(this.#keys)
    }
    this.#keys.ids.push(...change.ids)
  }

  /**
   * The first epoch of a shard, also of one whose record was lost. What that record has left behind
   * lies under the floors; intents stay, since their writers may be alive.
   */
  #draw(): ShardControl {
    const { rows, now } = this
    const highest = Math.max(rows.highestNumber(), rows.pending.highestVersion())
    const sequence = firstNumber({ now, highest, random: this.#random })
    const epoch = this.#random.id()
    rows.clearNumbers()
    rows.pending.noteEpoch(epoch)
    this.#changed = true
    return {
      epoch,
      sequence,
      floor: sequence,
      leaseFloor: sequence,
      taggedFloor: sequence,
    }
  }
}
