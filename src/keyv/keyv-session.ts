/**
 * The steps of a shared tier over a store that can only get and set one key.
 *
 * What another tier does in one step is here a look and a change, in turn for the callers of this process;
 * another process may come between, which is the first of the limits that are named at start. Everything
 * else holds: removals leave a trace that loads which began before them cannot fill over, a key that is
 * being written is filled by nobody, and removals of many keys at once are marks that each read looks at.
 *
 * The epoch is of this session: a token of another one is answered by the source.
 */

import { TierError } from '../contracts/errors.ts'
import type {
  Answers,
  AtomicAnswer,
  Change,
  ClaimAnswer,
  ClaimRequest,
  EndIntentAnswer,
  EndIntentRequest,
  FillAnswer,
  FillRequest,
  FollowAnswer,
  IntentAnswer,
  IntentRequest,
  Invalidation,
  InvalidationAnswer,
  KeyPlace,
  ReleaseRequest,
  RemovalMode,
  ScanPage,
  SetAnswer,
  ShardMoment,
  SharedEntry,
  SharedKey,
  SharedReading,
  SharedSession,
  SharedTierContext,
  SharedUsage,
  SharedValue,
  TouchAnswer,
  TouchRequest,
} from '../contracts/shared-tier.ts'
import type { ChangeNumbers } from './change-numbers.ts'
import type { KeyvProcess } from './keyv-process.ts'
import type { Lease, LocalLeases } from './local-leases.ts'
import type { LocalLocks } from './local-locks.ts'
import { noIdle, noQueue } from './missing-steps.ts'
import { MOST_LIFE_MS, RemovalMarks } from './removal-marks.ts'
import type { StoreAccess } from './store-access.ts'
import { StoredKeys, TRACE_MS } from './stored-keys.ts'
import type { StoredEntry, StoredWriting } from './stored-record.ts'

/** Where no message wakes those who wait for a load, which are all in this process. */
const WAIT_POLL_MS = 20

export class KeyvSession implements SharedSession {
  readonly ready: Promise<void> = Promise.resolve()
  readonly waitPollMs: number = WAIT_POLL_MS
  readonly shards = 1
  readonly hints = 'none'
  readonly mark: string
  readonly locks: LocalLocks
  readonly pending: SharedSession['pending'] = noQueue
  readonly idle: SharedSession['idle'] = noIdle
  readonly #clock: SharedTierContext['clock']
  readonly #access: StoreAccess
  readonly #numbers: ChangeNumbers
  readonly #keys: StoredKeys
  readonly #marks: RemovalMarks
  readonly #leases: LocalLeases
  readonly #epoch: string
  #closed = false

  constructor(process: KeyvProcess, { clock, random }: SharedTierContext) {
    this.#clock = clock
    this.#epoch = random.id()
    this.mark = this.#epoch.slice(0, 8)
    const { access, numbers, leases, locks } = process
    this.#access = access
    this.#numbers = numbers
    this.#leases = leases
    this.locks = locks
    this.#keys = new StoredKeys({ access, numbers, now: () => clock.now() })
    this.#marks = new RemovalMarks(access, numbers)
  }

  /** There is nothing to be heard. */
  listen(): void {}

  place(): KeyPlace {
    return { shard: 0, bucket: 0 }
  }

  async read(keys: readonly SharedKey[]): Answers<SharedReading> {
    const found = await this.#keys.look(keys)
    const moment = this.#moment()
    return found.map((key) => ({ entry: this.#shared(key.entry), ...moment }))
  }

  async claim(
    requests: readonly ClaimRequest[],
    { leaseMs }: { readonly leaseMs: number },
  ): Answers<ClaimAnswer> {
    const found = await this.#keys.look(requests)
    for (const { overdue } of found) await this.#endDead(overdue)
    return requests.map(({ id, collection, token, leftMs = 0 }, at): ClaimAnswer => {
      const { entry: stored, writing, raw: seen } = found[at] ?? {}
      if (writing !== undefined) return { kind: 'writing', ...this.#moment() }
      const entry = this.#shared(stored)
      const isFresh = entry !== undefined && entry.freshUntil > this.#clock.now()
      if (isFresh && entry.freshUntil - this.#clock.now() > leftMs) {
        return { kind: 'fresh', entry, ...this.#moment() }
      }
      const held = this.#leases.of(id)
      if (held !== undefined && held.token !== token) {
        const remainingMs = this.#leases.remainingMs(held)
        return { kind: 'wait', remainingMs, grant: held.grant, entry, ...this.#moment() }
      }
      const lease =
        held ??
        this.#leases.grant(
          { id, collection },
          { token, grant: this.#numbers.next(), seen, leaseMs },
        )
      return { kind: 'granted', grant: lease.grant, entry, ...this.#moment() }
    })
  }

  fill(values: readonly FillRequest[]): Answers<FillAnswer> {
    return this.#each(values, async (value) => {
      const { id, token, grant, epoch } = value
      const lease = this.#leases.end(id, token, grant)
      const stands = lease !== undefined && epoch === this.#epoch
      const stored = stands && (await this.#fillOne(value, lease))
      return { kind: stored ? 'stored' : 'refused', ...this.#moment() }
    })
  }

  async renewLeases(
    requests: readonly ReleaseRequest[],
    { leaseMs }: { readonly leaseMs: number },
  ): Promise<void> {
    for (const { id, token, grant } of requests) this.#leases.renew(id, { token, grant, leaseMs })
  }

  async release(requests: readonly ReleaseRequest[]): Promise<void> {
    for (const { id, token, grant } of requests) this.#leases.end(id, token, grant)
  }

  set(values: readonly SharedValue[]): Answers<SetAnswer> {
    return this.#each(values, async (value) => {
      this.#leases.revoke(value.id)
      const { writing, overdue } = await this.#keys.lookAt(value)
      await this.#endDead(overdue)
      const number = this.#numbers.next()
      if (writing !== undefined) {
        await this.#contest(value, writing)
        return { kind: 'writing', ...this.#moment(number) }
      }
      await this.#keys.store(value, this.#entryOf(value, number))
      return { kind: 'stored', ...this.#moment(number) }
    })
  }

  touch(requests: readonly TouchRequest[]): Answers<TouchAnswer> {
    return this.#each(requests, async (request) => {
      const { entry, expired } = await this.#keys.lookAt(request)
      if (expired || entry?.stamp !== request.stamp || request.epoch !== this.#epoch) {
        return { kind: 'gone', ...this.#moment() }
      }
      const life = this.#lifeOf(request)
      await this.#keys.store(request, { ...entry, ...life })
      return { kind: 'touched', ...this.#moment() }
    })
  }

  async invalidate(what: Invalidation): Promise<InvalidationAnswer> {
    if (what.kind === 'keys') return await this.#removeKeys(what.keys, what.mode)
    // Nobody waits for a load that this cuts off.
    if (what.kind === 'collection' || what.kind === 'pattern') {
      this.#leases.revokeAll(what.collection)
    }
    if (what.kind === 'clear') {
      this.#leases.revokeAll()
      return { found: [], moments: [this.#moment(await this.#marks.clear())] }
    }
    const number = await this.#marks.add(changesOf(what))
    return { found: [], moments: [this.#moment(number)] }
  }

  async atomic(): Promise<AtomicAnswer> {
    throw new TierError('keyv', 'A Keyv store has no step over several keys.')
  }

  async sweepPattern(): Promise<boolean> {
    return true
  }

  beginIntent(requests: readonly IntentRequest[]): Answers<IntentAnswer> {
    return this.#each(requests, async (request) => {
      const { id, token, tags, deadlineMs } = request
      this.#leases.revoke(id)
      const { writing, overdue } = await this.#keys.lookAt(request)
      const again = writing?.token === token
      const contested = writing !== undefined && (writing.contested || !again)
      await this.#endDead(overdue)
      const stamp = again ? writing.stamp : this.#numbers.next()
      const until = this.#clock.now() + deadlineMs
      await this.#keys.write(
        request,
        { kind: 'writing', stamp, token, until, tags, contested },
        deadlineMs + TRACE_MS,
      )
      return { kind: 'begun', ...this.#moment(stamp) }
    })
  }

  endIntent(requests: readonly EndIntentRequest[]): Answers<EndIntentAnswer> {
    return this.#each(requests, async (request) => {
      const { id, token, tags, begun, value } = request
      this.#leases.revoke(id)
      const { writing: own, overdue } = await this.#keys.lookAt(request)
      await this.#removeTags([...tags, ...(own?.token === token ? own.tags : [])])
      await this.#endDead(overdue)
      const stamp = begun?.number ?? 0
      const left = { stamp, tags: value?.valueTags ?? [] }
      const { writing, verdict } = await this.#keys.lookFor(request, left)
      const number = this.#numbers.next()
      const moment = this.#moment(number)
      // Of another writer, who ends it: until then nobody fills the key.
      if (writing !== undefined && writing.token !== token) return { kind: 'removed', ...moment }
      const isOwn = begun?.epoch === this.#epoch && writing?.stamp === stamp
      const alone = requests.filter((other) => other.id === id).length === 1
      const stands = isOwn && alone && !writing.contested && verdict === 'stands'
      if (!stands || value === undefined) {
        await this.#keys.write(request, { kind: 'gone', stamp: number }, TRACE_MS)
        return { kind: 'removed', ...moment }
      }
      const { valueTags, ...life } = value
      const entry = this.#entryOf({ ...life, tags: valueTags }, stamp)
      await this.#keys.store(request, entry)
      return { kind: 'set', ...moment }
    })
  }

  /** Nothing is told of others, so whatever was read last is all that is known. */
  async follow(): Promise<FollowAnswer> {
    const moment = this.#moment()
    return { ...moment, floor: 0, taggedFloor: 0, changes: [], upTo: moment.sequence }
  }

  async standings(): Promise<readonly never[]> {
    return []
  }

  async leave(): Promise<void> {}

  async scan(): Promise<ScanPage> {
    return { keys: [], cursor: undefined }
  }

  async usage(): Promise<SharedUsage> {
    return { entries: 0, bytes: 0, maxBytes: Number.POSITIVE_INFINITY }
  }

  /** The store is the user's. */
  async close(): Promise<void> {
    this.#closed = true
  }

  async #fillOne(value: FillRequest, { seen }: Lease): Promise<boolean> {
    const { grant, envelope } = value
    const begun = { stamp: grant, tags: value.tags }
    const { raw, entry, verdict } = await this.#keys.lookFor(value, begun)
    // Something has changed the key, or removed what it belongs to, since the load began.
    if (raw !== seen || verdict !== 'stands') return false
    const bytes = envelope ?? entry?.envelope
    if (bytes === undefined) return false
    const filled = this.#entryOf({ ...value, envelope: bytes }, grant)
    const storedAt = envelope === undefined ? (entry?.storedAt ?? filled.storedAt) : filled.storedAt
    if (filled.graceUntil > this.#clock.now()) {
      await this.#keys.store(value, { ...filled, storedAt })
    } else {
      await this.#keys.write(value, { kind: 'gone', stamp: grant }, TRACE_MS)
    }
    return true
  }

  async #removeKeys(keys: readonly SharedKey[], mode: RemovalMode): Promise<InvalidationAnswer> {
    const found = await this.#each(keys, async (key) => {
      this.#leases.revoke(key.id)
      const { entry, writing } = await this.#keys.lookAt(key)
      if (writing !== undefined) {
        await this.#contest(key, writing)
      } else if (mode === 'delete') {
        const gone = { kind: 'gone', stamp: this.#numbers.next() } as const
        await this.#keys.write(key, gone, TRACE_MS)
      } else if (entry !== undefined) {
        await this.#keys.expire(key, entry)
      }
      return entry !== undefined
    })
    const failed = found.find((one) => one instanceof TierError)
    if (failed instanceof TierError) throw failed
    const answered = found.map((one) => one === true)
    return { found: answered, moments: [this.#moment(this.#numbers.next())] }
  }

  /** What is being written may be older than this change: it leaves no value. */
  async #contest(key: SharedKey, writing: StoredWriting): Promise<void> {
    const leftMs = writing.until - this.#clock.now() + TRACE_MS
    await this.#keys.write(key, { ...writing, contested: true }, leftMs)
  }

  /** Whoever meets a write that nobody has ended removes what it would have removed. */
  async #endDead(overdue: StoredWriting | undefined): Promise<void> {
    await this.#removeTags(overdue?.tags ?? [])
  }

  async #removeTags(tags: readonly string[]): Promise<void> {
    if (tags.length > 0) await this.#marks.add([...new Set(tags)].map(removedTag))
  }

  /** Each in its own turn; what fails is in its place. */
  async #each<K extends SharedKey, T>(
    keys: readonly K[],
    work: (key: K) => Promise<T>,
  ): Promise<readonly (T | TierError)[]> {
    return await Promise.all(
      keys.map(async (key) => {
        try {
          return await this.#access.inTurn(`e:${key.id}`, () => work(key))
        } catch (error) {
          if (error instanceof TierError) return error
          throw error
        }
      }),
    )
  }

  #moment(sequence: number = this.#numbers.last): ShardMoment {
    if (this.#closed) throw new TierError('keyv', 'The shared tier was closed.')
    return { shard: 0, epoch: this.#epoch, sequence, serverNow: this.#clock.now() }
  }

  #entryOf(
    value: Pick<SharedValue, 'envelope' | 'ttlMs' | 'graceMs' | 'tags'>,
    stamp: number,
  ): StoredEntry {
    const { envelope, tags } = value
    const storedAt = this.#clock.now()
    return { kind: 'entry', stamp, storedAt, tags, envelope, ...this.#lifeOf(value) }
  }

  #lifeOf({ ttlMs, graceMs }: Pick<SharedValue, 'ttlMs' | 'graceMs'>): {
    readonly freshUntil: number
    readonly graceUntil: number
  } {
    const freshUntil = this.#clock.now() + Math.min(ttlMs, MOST_LIFE_MS)
    return { freshUntil, graceUntil: freshUntil + Math.min(graceMs, MOST_LIFE_MS) }
  }

  #shared(entry: StoredEntry | undefined): SharedEntry | undefined {
    if (entry === undefined) return undefined
    const { stamp, storedAt, freshUntil, graceUntil, envelope } = entry
    return { epoch: this.#epoch, stamp, storedAt, freshUntil, graceUntil, envelope }
  }
}

const removedTag = (tag: string): Change => ({ kind: 'tag', tag, mode: 'delete' })

function changesOf(what: Exclude<Invalidation, { kind: 'keys' | 'clear' }>): readonly Change[] {
  switch (what.kind) {
    case 'tags':
      return what.match === 'all'
        ? [{ kind: 'all-tags', tags: what.tags }]
        : what.tags.map((tag) => ({ kind: 'tag', tag, mode: what.mode }))
    case 'pattern':
      return [{ ...what, active: false }]
    case 'collection':
      return [what]
    default:
      return what satisfies never
  }
}
