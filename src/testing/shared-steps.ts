/**
 * The steps of a `SharedSession` for one key at a time, as the cases of `sharedTierSuite` need them.
 *
 * What a case does not care about has a value here: a life that outlasts the case, no grace, no tags.
 */

import assert from 'node:assert/strict'
import type {
  ClaimAnswer,
  EndIntentRequest,
  FillAnswer,
  IntentRequest,
  Invalidation,
  SetAnswer,
  SharedEntry,
  SharedKey,
  SharedReading,
  SharedSession,
  SharedValue,
  TouchAnswer,
} from '../contracts/shared-tier.ts'

/** Longer than any case takes, and shorter than what `advance` moves by to end it. */
export const LIFE_MS = 60_000
export const LEASE_MS = 10_000

export interface Lease {
  readonly token: string
  readonly grant: number
  readonly epoch: string
}

export class SharedSteps {
  readonly session: SharedSession

  constructor(session: SharedSession) {
    this.session = session
  }

  async read(id: string): Promise<SharedReading> {
    return only(await this.session.read([keyOf(id)]))
  }

  async entry(id: string): Promise<SharedEntry | undefined> {
    return (await this.read(id)).entry
  }

  /** The text of the entry that may be served, or `undefined`. */
  async text(id: string): Promise<string | undefined> {
    return textOf(await this.entry(id))
  }

  /** Where the shard stands. */
  async sequence(): Promise<number> {
    return (await this.read('of no interest')).sequence
  }

  async set(id: string, text: string, options?: Partial<SharedValue>): Promise<SetAnswer> {
    return only(await this.session.set([sharedValue(id, text, options)]))
  }

  async claim(id: string, token: string, reason?: 'miss' | 'refresh'): Promise<ClaimAnswer> {
    const request = { ...keyOf(id), token, ...(reason === undefined ? {} : { reason }) }
    return only(await this.session.claim([request], { leaseMs: LEASE_MS }))
  }

  /** A claim that must be granted: the load that it is for begins. */
  async begin(id: string, token: string): Promise<Lease> {
    const answer = await this.claim(id, token)
    assert.ok(answer.kind === 'granted', `the claim was answered ${answer.kind}`)
    return { token, grant: answer.grant, epoch: answer.epoch }
  }

  async fill(
    id: string,
    text: string,
    lease: Lease,
    options?: Partial<SharedValue>,
  ): Promise<FillAnswer> {
    return only(await this.session.fill([{ ...sharedValue(id, text, options), ...lease }]))
  }

  async touch(
    id: string,
    seen: Pick<SharedEntry, 'epoch' | 'stamp'>,
    life: { readonly ttlMs: number; readonly graceMs: number } = { ttlMs: LIFE_MS, graceMs: 0 },
  ): Promise<TouchAnswer> {
    const { epoch, stamp } = seen
    return only(await this.session.touch([{ ...keyOf(id), epoch, stamp, ...life }]))
  }

  async delete(id: string): Promise<boolean> {
    return only((await this.session.invalidate(keys('delete', id))).found)
  }

  async expire(id: string): Promise<boolean> {
    return only((await this.session.invalidate(keys('expire', id))).found)
  }

  async beginIntent(id: string, token: string, options?: Partial<IntentRequest>): Promise<void> {
    await this.session.beginIntent([
      { ...keyOf(id), token, deadlineMs: LEASE_MS, tags: [], ...options },
    ])
  }

  async endIntent(id: string, token: string, options?: Partial<EndIntentRequest>): Promise<void> {
    await this.session.endIntent([{ ...keyOf(id), token, tags: [], ...options }])
  }
}

/** Plain keys, unless the id says otherwise: `product:1` is of the collection `product`. */
export function keyOf(id: string): SharedKey {
  const end = id.indexOf(':')
  return { id, collection: end === -1 ? '' : id.slice(0, end) }
}

export function sharedValue(
  id: string,
  text: string,
  options: Partial<SharedValue> = {},
): SharedValue {
  const envelope = new TextEncoder().encode(text)
  return { ...keyOf(id), envelope, ttlMs: LIFE_MS, graceMs: 0, tags: [], ...options }
}

export function textOf(entry: SharedEntry | undefined): string | undefined {
  return entry === undefined ? undefined : new TextDecoder().decode(entry.envelope)
}

export function keys(mode: 'delete' | 'expire', ...ids: readonly string[]): Invalidation {
  return { kind: 'keys', keys: ids.map(keyOf), mode }
}

/** The answer to a step that was asked one thing. */
function only<T>(answers: readonly T[]): T {
  const [answer] = answers
  assert.ok(
    answer !== undefined && answers.length === 1,
    `${answers.length} answers to one request`,
  )
  return answer
}
