/** The steps of writes that wait, for one key at a time, as the cases of `sharedTierSuite` need them. */

import assert from 'node:assert/strict'
import type {
  EnqueueAnswer,
  EnqueueRequest,
  PendingRecord,
  PendingSteps,
  SettleAnswer,
  SettleOutcome,
  TakeAnswer,
  TakeRequest,
} from '../contracts/pending-steps.ts'
import { answersOf, keyOf, LEASE_MS, LIFE_MS, only, type SharedSteps } from './shared-steps.ts'

/** A collection of its own, so that ids say nothing of it. */
export const QUEUE = 'product'
/** How an id is written there. */
export const inQueue = (id: string): string => `${QUEUE}:${id}`

const MUCH = { records: 1_000, bytes: 1_000_000 }

export class QueueSteps {
  readonly #tier: SharedSteps

  constructor(tier: SharedSteps) {
    this.#tier = tier
  }

  get steps(): PendingSteps {
    return this.#tier.session.pending
  }

  get place(): { readonly shard: number; readonly collection: string } {
    return { shard: this.#tier.shard, collection: QUEUE }
  }

  async put(
    id: string,
    text: string,
    options?: Partial<EnqueueRequest>,
  ): Promise<EnqueueAnswer & { readonly kind: 'queued' }> {
    const answer = await this.enqueue(id, text, options)
    assert.ok(answer.kind === 'queued', `the write was answered ${answer.kind}`)
    return answer
  }

  async enqueue(
    id: string,
    text: string,
    options?: Partial<EnqueueRequest>,
  ): Promise<EnqueueAnswer> {
    return only(await this.steps.enqueue([pendingWrite(id, text, options)]))
  }

  async take(options?: Partial<TakeRequest>): Promise<TakeAnswer> {
    const owner = 'owner'
    const request = { ...this.place, owner, leaseMs: LEASE_MS, limit: 100, maxBytes: 1_000_000 }
    return await this.steps.take({ ...request, ...options })
  }

  /** What is due, as the owner gets it. */
  async taken(options?: Partial<TakeRequest>): Promise<readonly PendingRecord[]> {
    const answer = await this.take(options)
    assert.ok(answer.kind === 'taken', `the taking was answered ${answer.kind}`)
    return answer.records
  }

  async settle(
    { id, epoch, version }: Pick<PendingRecord, 'id' | 'epoch' | 'version'>,
    outcome: SettleOutcome,
  ): Promise<SettleAnswer['kind']> {
    const answers = await this.steps.settle([{ ...keyOf(id), epoch, version, outcome }])
    return only(answers).kind
  }

  async waits(upTo: number, id?: string): Promise<boolean> {
    return await this.steps.waits(this.place, upTo, id)
  }

  /** Ids of the dead, in one page. */
  async dead(): Promise<readonly string[]> {
    const { letters } = await this.steps.dead(this.place, { limit: 100 })
    return letters.map(({ id }) => id)
  }
}

/** Due at once, unless the options say otherwise. */
export function pendingWrite(
  id: string,
  text: string,
  options: Partial<EnqueueRequest> = {},
): EnqueueRequest {
  return {
    ...keyOf(inQueue(id)),
    kind: 'put',
    envelope: new TextEncoder().encode(text),
    ttlMs: LIFE_MS,
    graceMs: 0,
    tags: [],
    removes: [],
    delayMs: 0,
    keep: 'last',
    most: MUCH,
    ...options,
  }
}

export function textsOf(records: readonly PendingRecord[]): readonly string[] {
  return records.map(({ envelope }) => new TextDecoder().decode(envelope))
}

/** Of one call for many writes: the kinds of their answers. */
export async function kindsOf(
  answers: ReturnType<PendingSteps['enqueue']>,
): Promise<readonly EnqueueAnswer['kind'][]> {
  return answersOf(await answers).map(({ kind }) => kind)
}
