/**
 * The steps of a `SharedSession` for one key at a time, as the cases of `sharedTierSuite` need them.
 *
 * What a case does not care about has a value here: a life that outlasts the case, no grace, no tags.
 * All keys have one pin, so that the numbers of a case are those of one shard.
 */

import assert from 'node:assert/strict'
import { TierError } from '../contracts/errors.ts'
import type {
  ClaimAnswer,
  EndIntentAnswer,
  EndIntentRequest,
  FillAnswer,
  FollowAnswer,
  IntentRequest,
  Invalidation,
  RemovalMode,
  SetAnswer,
  ShardMoment,
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

const PIN = 'one shard'

export interface Lease {
  readonly token: string
  readonly grant: number
  readonly epoch: string
}

/** What a begin was answered, as its end names it. */
export interface Begun {
  readonly epoch: string
  readonly number: number
}

export class SharedSteps {
  readonly session: SharedSession
  /** `claim`: plain reads of this tier judge no entries, so a step that does is asked. */
  readonly #judgedBy: 'read' | 'claim'
  #askers = 0

  constructor(session: SharedSession, options: { readonly judgesReads: boolean }) {
    this.session = session
    this.#judgedBy = options.judgesReads ? 'read' : 'claim'
  }

  /** The shard of all keys here. */
  get shard(): number {
    return this.session.place(keyOf('of no interest')).shard
  }

  async read(id: string): Promise<SharedReading> {
    return only(await this.session.read([keyOf(id)]))
  }

  /** The entry that may be served. */
  async entry(id: string): Promise<SharedEntry | undefined> {
    return (await this.entries([id]))[0]
  }

  async entries(ids: readonly string[]): Promise<readonly (SharedEntry | undefined)[]> {
    if (this.#judgedBy === 'read') {
      const readings = answersOf(await this.session.read(ids.map(keyOf)))
      return readings.map(({ entry }) => entry)
    }
    this.#askers += 1
    const token = `judge ${this.#askers}`
    const asked = [...new Set(ids)].map((id) => ({ ...keyOf(id), token }))
    const claims = answersOf(await this.session.claim(asked, { leaseMs: 1_000 }))
    const granted = asked.flatMap((one, index) => {
      const claim = claims[index]
      return claim?.kind === 'granted' ? [{ ...one, grant: claim.grant }] : []
    })
    await this.session.release(granted)
    return ids.map((id) => {
      const claim = claims[asked.findIndex((one) => one.id === id)]
      return claim === undefined || claim.kind === 'writing' ? undefined : claim.entry
    })
  }

  /** The text of the entry that may be served, or `undefined`. */
  async text(id: string): Promise<string | undefined> {
    return textOf(await this.entry(id))
  }

  async texts(...ids: readonly string[]): Promise<(string | undefined)[]> {
    return (await this.entries(ids)).map(textOf)
  }

  /** Where the shard stands. */
  async moment(): Promise<ShardMoment> {
    const { shard, epoch, sequence, serverNow } = await this.follow()
    return { shard, epoch, sequence, serverNow }
  }

  async sequence(): Promise<number> {
    return (await this.moment()).sequence
  }

  /** What changed since `from`; all of it, or one page. */
  async follow(from?: ShardMoment): Promise<FollowAnswer> {
    const { shard } = this
    const { epoch, sequence: cursor = 0 } = from ?? {}
    return await this.session.follow({ shard, epoch, cursor, beat: false })
  }

  async set(id: string, text: string, options?: Partial<SharedValue>): Promise<SetAnswer> {
    return only(await this.session.set([sharedValue(id, text, options)]))
  }

  async claim(id: string, token: string, leftMs?: number): Promise<ClaimAnswer> {
    const request = { ...keyOf(id), token, ...(leftMs === undefined ? {} : { leftMs }) }
    return only(await this.session.claim([request], { leaseMs: LEASE_MS }))
  }

  /** A claim that must be granted: the load that it is for begins. */
  async begin(id: string, token: string, leftMs?: number): Promise<Lease> {
    const answer = await this.claim(id, token, leftMs)
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

  async renew(id: string, { token, grant }: Pick<Lease, 'token' | 'grant'>): Promise<void> {
    await this.session.renewLeases([{ ...keyOf(id), token, grant }], { leaseMs: LEASE_MS })
  }

  async release(id: string, token: string, grant?: number): Promise<void> {
    await this.session.release([{ ...keyOf(id), token, grant }])
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

  async invalidate(what: Invalidation): Promise<void> {
    await this.session.invalidate(what)
  }

  async beginIntent(id: string, token: string, options?: Partial<IntentRequest>): Promise<Begun> {
    const { epoch, sequence } = only(
      await this.session.beginIntent([
        { ...keyOf(id), token, deadlineMs: LEASE_MS, tags: [], ...options },
      ]),
    )
    return { epoch, number: sequence }
  }

  async endIntent(
    id: string,
    token: string,
    options?: Partial<EndIntentRequest>,
  ): Promise<EndIntentAnswer> {
    const request = { ...keyOf(id), token, tags: [], begun: undefined, ...options }
    return only(await this.session.endIntent([request]))
  }

  /** The end of a write that leaves its value, if nothing came between. */
  async endWith(id: string, token: string, end: WrittenEnd): Promise<EndIntentAnswer> {
    const { text, begun, tags = [], valueTags = [] } = end
    const { envelope, ttlMs, graceMs } = sharedValue(id, text)
    return await this.endIntent(id, token, {
      begun,
      tags,
      value: { envelope, ttlMs, graceMs, valueTags },
    })
  }
}

export interface WrittenEnd {
  readonly text: string
  readonly begun: Begun
  readonly tags?: readonly string[]
  readonly valueTags?: readonly string[]
}

/** Plain keys, unless the id says otherwise: `product:1` is of the collection `product`. */
export function keyOf(id: string): SharedKey {
  const end = id.indexOf(':')
  return { id, collection: end === -1 ? '' : id.slice(0, end), pin: PIN }
}

/** The id of a text key of a collection, as `encodeKey` makes it: patterns look at the text alone. */
export function textKey(collection: string, text: string): string {
  return `${collection}:s${text.length}:${text}`
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

export function keys(mode: RemovalMode, ...ids: readonly string[]): Invalidation {
  return { kind: 'keys', keys: ids.map(keyOf), mode }
}

/** Any of the tags takes an entry. */
export function tags(...names: readonly string[]): Invalidation {
  return { kind: 'tags', tags: names, match: 'any', mode: 'delete' }
}

/** Answers of a shard that could be asked. */
export function answersOf<T>(answers: readonly (T | TierError)[]): readonly T[] {
  return answers.map((answer) => {
    if (answer instanceof TierError) throw answer
    return answer
  })
}

/** The answer to a step that was asked one thing. */
export function only<T>(answers: readonly (T | TierError)[]): T {
  const [answer] = answersOf(answers)
  assert.ok(
    answer !== undefined && answers.length === 1,
    `${answers.length} answers to one request`,
  )
  return answer
}
