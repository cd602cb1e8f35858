/**
 * What one shard's servers do with writes that wait, told to the checker: which number stands for which
 * write, what the true master has settled, and what is left where rows are copied or lost.
 */

import type {
  EnqueueAnswer,
  SettleAnswer,
  SettleRequest,
  TakeAnswer,
  TakeRequest,
} from '../../src/contracts/pending-steps.ts'
import type { ShardRows } from '../../src/shard/index.ts'
import type { Judge } from './judge.ts'
import type { StoredVersion } from './key-history.ts'
import { COLLECTION, type SimulatedKey } from './keys.ts'
import type { QueuedWrite, QueueJudge } from './queue-judge.ts'
import type { ShardNode } from './shard-node.ts'

/** A step on the writes that wait. */
export type QueueStep =
  /** `undefined`: of no key that is known here. */
  | { readonly kind: 'enqueue'; readonly writes: readonly (QueuedWrite | undefined)[] }
  | { readonly kind: 'take'; readonly request: TakeRequest }
  | { readonly kind: 'settle'; readonly requests: readonly SettleRequest[] }

export interface ShardQueueParts {
  readonly shard: number
  readonly keys: readonly SimulatedKey[]
  readonly judge: Judge
  readonly queueJudge: QueueJudge
}

export class ShardQueue {
  readonly #parts: ShardQueueParts
  /** By id: all numbers that a write of the key ever waited under, here or on an old master. */
  readonly #numbers = new Map<string, number[]>()

  constructor(parts: ShardQueueParts) {
    this.#parts = parts
  }

  carriedOut(node: ShardNode, step: QueueStep, answer: unknown, isTruth: boolean): void {
    switch (step.kind) {
      case 'enqueue':
        this.#enqueued(step.writes, answer as { answers: readonly EnqueueAnswer[] }, isTruth)
        return
      case 'take':
        if (!isTruth) return
        this.#parts.queueJudge.taken(this.#parts.shard, step.request, answer as TakeAnswer)
        return
      case 'settle': {
        const answers = answer as readonly SettleAnswer[]
        for (const [at, request] of step.requests.entries()) {
          this.#settled(node, request, answers[at]?.kind, isTruth)
        }
        return
      }
      default:
        step satisfies never
    }
  }

  /** The true master has these rows from now on. */
  rolledBack(rows: ShardRows): void {
    const { keys, judge, queueJudge, shard } = this.#parts
    queueJudge.rolledBack(shard)
    for (const key of keys) judge.waits(key.key, this.#waiting(rows, key))
  }

  /** The latest write of the key that waits. */
  standing(rows: ShardRows, { id, key }: SimulatedKey): number | undefined {
    const row = rows.pending.find([id]).get(id)
    const at = row && { number: row.version, epoch: row.epoch }
    return at && this.#parts.queueJudge.writeAt(key, at)?.version
  }

  /** How many writes wait. */
  backlog(rows: ShardRows): number {
    return rows.pending.backlog(COLLECTION).records
  }

  /** Rows that wait, dead letters, who may take, and the epochs. */
  copy(from: ShardRows, to: ShardRows, parts: 'all' | 'without epochs'): void {
    for (const { id } of this.#parts.keys) {
      for (const number of this.#numbers.get(id) ?? []) {
        const row = from.pending.at(id, number)
        if (row !== undefined) to.pending.put(row)
      }
      for (const row of from.pending.findDead([id]).values()) to.pending.putDead(row)
    }
    to.pending.putOwner(COLLECTION, from.pending.owner(COLLECTION))
    if (parts === 'without epochs') return
    for (const epoch of [...from.pending.epochs()].reverse()) to.pending.noteEpoch(epoch)
  }

  #enqueued(
    writes: readonly (QueuedWrite | undefined)[],
    { answers }: { readonly answers: readonly EnqueueAnswer[] },
    isTruth: boolean,
  ): void {
    for (const [at, write] of writes.entries()) {
      const answer = answers[at]
      if (write === undefined || answer?.kind !== 'queued') continue
      const { epoch, sequence: number } = answer
      this.#note(write.key, number)
      this.#parts.queueJudge.queued(write, { number, epoch }, isTruth)
    }
  }

  #settled(
    node: ShardNode,
    { id, version: number, epoch, outcome }: SettleRequest,
    kind: SettleAnswer['kind'] | undefined,
    isTruth: boolean,
  ): void {
    const { keys, queueJudge, judge } = this.#parts
    const key = keys.find((one) => one.id === id)
    if (key === undefined) return
    const write = queueJudge.writeAt(key.key, { number, epoch })
    if (write === undefined) return
    if (kind === 'waits' && outcome.kind === 'raise') {
      const raised = node.rows.pending.find([id]).get(id)
      if (raised === undefined) return
      this.#note(key.key, raised.version)
      const again = { number: raised.version, epoch: raised.epoch }
      queueJudge.renumbered(write, again, isTruth)
    }
    if (!isTruth) return
    if (
      kind === 'clean' ||
      kind === 'removed' ||
      (kind === 'newer' && (outcome.kind === 'applied' || outcome.kind === 'dead'))
    ) {
      queueJudge.settled(write, outcome.kind === 'raise' ? 'discarded' : outcome.kind)
    }
    if (kind === 'clean') judge.uncovered(key.key)
    if (kind === 'removed') {
      if (outcome.kind === 'dead') judge.waits(key.key, this.#waiting(node.rows, key))
      judge.covered(key.key)
    }
    const touched = kind === 'gone' && outcome.kind === 'applied'
    if (touched && !node.rows.entriesOf([id]).has(id)) judge.covered(key.key)
  }

  #waiting(rows: ShardRows, { id, key }: SimulatedKey): readonly StoredVersion[] {
    const numbers = [...(this.#numbers.get(id) ?? [])].sort((one, other) => one - other)
    return numbers.flatMap((number) => {
      const row = rows.pending.at(id, number)
      const write = row && this.#parts.queueJudge.writeAt(key, { number, epoch: row.epoch })
      return write === undefined ? [] : [{ version: write.version, number }]
    })
  }

  #note(key: string, number: number): void {
    const id = this.#parts.keys.find((one) => one.key === key)?.id
    if (id === undefined) return
    const known = this.#numbers.get(id)
    if (known === undefined) this.#numbers.set(id, [number])
    else known.push(number)
  }
}
