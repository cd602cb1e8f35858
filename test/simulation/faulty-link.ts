/**
 * The way from one instance to the shards, which loses, delays and doubles: the `ShardLink` that the
 * real `ShardClient` of a simulated process stands on.
 *
 * Each call is a request and an answer on an ordered connection. One that stalls may arrive long after
 * its successors, when the connection has been given up.
 */

import type { TierError } from '../../src/contracts/errors.ts'
import type { LockSteps } from '../../src/contracts/lock-steps.ts'
import type {
  ClaimRequest,
  EndIntentRequest,
  FillRequest,
  FollowAnswer,
  FollowRequest,
  IntentAnswer,
  IntentRequest,
  Invalidation,
  ReleaseRequest,
  ScanPage,
  ShardMoment,
  SharedEntry,
  SharedKey,
  SharedReading,
  SharedSignal,
  SharedUsage,
  SharedValue,
  TouchRequest,
} from '../../src/contracts/shared-tier.ts'
import type {
  IdleLink,
  Invalidated,
  Late,
  Numbered,
  PendingLink,
  Sender,
  ShardLink,
  ShardRows,
} from '../../src/shard/index.ts'
import { cleanUpLink } from './clean-up-link.ts'
import { momentIn, shown } from './link-answers.ts'
import type { Network } from './network.ts'
import { pendingLink, type QueuedWrites } from './pending-link.ts'
import type { ShardNode } from './shard-node.ts'
import type { Step } from './shard-site.ts'
import type { Owner } from './virtual-time.ts'

/** A call that was not answered by then is given up, and with it the connection. */
const TIMEOUT_MS = 300
/** What the caches wait for an answer of the tier. */
export const SHARED_TIMEOUT_MS = 250
/** A stalled request is underway for at most so long. */
const LONGEST_STALL_MS = 3_000
const SWEEP_ROWS = 2

interface Connection {
  readonly node: ShardNode
  requestAt: number
  replyAt: number
  closed: boolean
  /** Calls that wait for an answer. */
  readonly open: Set<(error: TierError) => void>
}

interface Known {
  readonly moment: ShardMoment
  readonly askedAt: number
}

export interface LinkParts {
  readonly network: Network
  readonly owner: Owner
  readonly instance: string
  /** Which writes of the play are queued. */
  readonly queuedWrites: QueuedWrites
}

export class FaultyLink implements ShardLink {
  readonly ready: Promise<void> = Promise.resolve()
  readonly hints = 'exact'
  readonly waitPollMs = 250
  readonly shards: number
  readonly locks: LockSteps
  readonly pending: PendingLink
  readonly idle: IdleLink
  readonly instance: string
  readonly #network: Network
  readonly #owner: Owner
  readonly #connections: (Connection | undefined)[]
  /** By shard: when the last follow that was answered had been sent. */
  readonly #followedAt: number[]
  readonly #known: (Known | undefined)[]
  readonly #hintAt: number[]
  #listener: (signal: SharedSignal) => void = () => {}
  /** When calls were sent that were not answered yet; a call given up is forgotten. */
  readonly #asked: number[] = []
  #troubledAt: number

  constructor({ network, owner, instance, queuedWrites }: LinkParts) {
    this.#network = network
    this.#owner = owner
    this.instance = instance
    this.#troubledAt = network.time.now
    this.shards = network.sites.length
    this.#connections = network.sites.map((site) => connectionTo(site.reach(instance)))
    this.#followedAt = network.sites.map(() => Number.NEGATIVE_INFINITY)
    this.#known = network.sites.map(() => undefined)
    this.#hintAt = network.sites.map(() => 0)
    this.pending = pendingLink((shard, step) => this.#ask(shard, step), queuedWrites)
    const cleanUps = cleanUpLink((shard, step) => this.#ask(shard, step), this.shards)
    this.locks = cleanUps.locks
    this.idle = cleanUps.idle
    for (const site of network.sites) site.links.push(this)
  }

  /** As the network knows it, whatever the cache believes. */
  followedAt(shard: number): number {
    return this.#followedAt[shard] ?? Number.NEGATIVE_INFINITY
  }

  /** When the instance last went without an answer, or began. */
  get troubledAt(): number {
    const { now } = this.#network.time
    for (const askedAt of this.#asked) if (now - askedAt >= SHARED_TIMEOUT_MS) return now
    return this.#troubledAt
  }

  listen(listener: (signal: SharedSignal) => void): void {
    this.#listener = listener
  }

  async read(
    keys: readonly SharedKey[],
    shards: readonly number[],
  ): Promise<readonly (SharedReading | TierError)[]> {
    const answers: (SharedReading | TierError)[] = []
    await Promise.all(
      [...new Set(shards)].map(async (shard) => {
        const places = [...keys.keys()].filter((place) => shards[place] === shard)
        const asked = places.map((place) => keys[place] as SharedKey)
        try {
          const readings = await this.#read(shard, asked)
          for (const [at, place] of places.entries()) answers[place] = readings[at] as SharedReading
        } catch (error) {
          for (const place of places) answers[place] = error as TierError
        }
      }),
    )
    return answers
  }

  claim: ShardLink['claim'] = (shard: number, requests: readonly ClaimRequest[], leaseMs: number) =>
    this.#ask(shard, {
      name: 'claim',
      kind: 'write',
      run: ({ engine }) => engine.claim(requests, leaseMs),
    })

  fill: ShardLink['fill'] = (shard: number, values: readonly FillRequest[]) =>
    this.#ask(shard, { name: 'fill', kind: 'write', run: ({ engine }) => engine.fill(values) })

  renewLeases: ShardLink['renewLeases'] = (
    shard: number,
    requests: readonly ReleaseRequest[],
    leaseMs: number,
  ) =>
    this.#ask(shard, {
      name: 'renewLeases',
      kind: 'write',
      run: ({ engine }) => engine.renewLeases(requests, leaseMs),
    })

  release: ShardLink['release'] = (shard: number, requests: readonly ReleaseRequest[]) =>
    this.#ask(shard, {
      name: 'release',
      kind: 'removal',
      run: ({ engine }) => engine.release(requests),
    })

  set: ShardLink['set'] = (shard: number, sender: Sender, values: readonly SharedValue[]) =>
    this.#ask(shard, {
      name: 'set',
      kind: 'write',
      run: ({ engine }) => engine.set(sender, values),
    })

  touch: ShardLink['touch'] = (shard: number, sender: Sender, requests: readonly TouchRequest[]) =>
    this.#ask(shard, {
      name: 'touch',
      kind: 'write',
      run: ({ engine }) => engine.touch(sender, requests),
    })

  invalidate(shard: number, sender: Sender, what: Invalidation): Promise<Invalidated | Late> {
    return this.#ask(shard, {
      name: `invalidate ${sender.operation} ${what.kind}`,
      kind: 'removal',
      changes: { kind: 'removal', what },
      run: ({ engine }) => engine.invalidate(sender, what),
    })
  }

  atomic: ShardLink['atomic'] = (shard, sender, operations) =>
    this.#ask(shard, {
      name: 'atomic',
      kind: 'write',
      run: ({ engine }) => engine.atomic(sender, operations),
    })

  sweepPattern(shard: number, number: number): Promise<boolean> {
    return this.#ask(shard, {
      name: 'sweepPattern',
      kind: 'removal',
      run: ({ engine }) => engine.sweepPattern(number, SWEEP_ROWS),
    })
  }

  beginIntent(
    shard: number,
    sender: Sender,
    requests: readonly IntentRequest[],
  ): Numbered<IntentAnswer> {
    return this.#ask(shard, {
      name: `beginIntent ${sender.operation} ${idsOf(requests)}`,
      kind: 'write',
      begins: requests,
      run: ({ engine }) => engine.beginIntent(sender, requests),
    })
  }

  endIntent: ShardLink['endIntent'] = (shard, sender, requests: readonly EndIntentRequest[]) =>
    this.#ask(shard, {
      name: `endIntent ${sender.operation} ${idsOf(requests)}`,
      kind: 'removal',
      ends: requests,
      run: ({ engine }) => engine.endIntent(sender, requests),
    })

  async follow(session: string, request: FollowRequest): Promise<FollowAnswer> {
    const { shard, beat } = request
    const sentAt = this.#network.time.now
    const answer = await this.#ask(shard, {
      name: beat ? 'beat' : 'follow',
      kind: beat ? 'removal' : 'read',
      run: ({ engine }) => engine.follow({ session, instance: this.instance }, request),
    })
    // The cache has given it up otherwise.
    const inTime = this.#network.time.now - sentAt < SHARED_TIMEOUT_MS
    if (beat && inTime && answer.upTo >= answer.sequence) {
      this.#followedAt[shard] = Math.max(this.followedAt(shard), sentAt)
      this.#network.trace.say(() => `${this.instance} follows ${shard} to ${answer.upTo}`)
    }
    return answer
  }

  leave: ShardLink['leave'] = (shard: number, session: string) =>
    this.#ask(shard, {
      name: 'leave',
      kind: 'removal',
      run: ({ engine }) => engine.leave(session),
    })

  standings: ShardLink['standings'] = (shard: number) =>
    this.#ask(shard, { name: 'standings', kind: 'read', run: ({ engine }) => engine.standings() })

  async scan(): Promise<ScanPage> {
    throw this.#network.error('There are no scans here.')
  }

  async usage(): Promise<SharedUsage> {
    throw this.#network.error('Nobody counts here.')
  }

  async close(): Promise<void> {
    for (const connection of this.#connections)
      if (connection !== undefined) connection.closed = true
  }

  /** A server has announced something: this instance may hear of it. */
  announced(shard: number, node: ShardNode, signal: SharedSignal): void {
    const { time, random, net } = this.#network
    const connection = this.#connections[shard]
    if (connection?.node !== node || connection.closed || this.#owner.dead) return
    if (this.#network.cutUntil(this.instance, shard) > time.now) return
    if (random.next() < net.hintLost) return
    const astray = random.next() < net.hintAstray
    const inOrder = Math.max(this.#hintAt[shard] ?? 0, time.now + this.#network.delay())
    const at = astray ? time.now + random.next() ** 3 * LONGEST_STALL_MS : inOrder
    if (!astray) this.#hintAt[shard] = at
    const hear = (): void => {
      if (net.oldHints === 'heard' || this.#connections[shard] === connection)
        this.#listener(signal)
    }
    time.message(at, hear, this.#owner)
    if (astray && random.next() < 0.5) time.message(inOrder, hear, this.#owner)
  }

  /** The server that the connection led to has gone, or is no longer the master. */
  moved(shard: number, node: ShardNode, quiet: boolean): void {
    const connection = this.#connections[shard]
    if (connection?.node !== node || connection.closed) return
    if (!quiet) {
      this.#reconnect(shard, connection)
      return
    }
    // Led on silently: what is asked from now on is answered elsewhere.
    this.#connections[shard] = {
      ...connection,
      node: this.#network.site(shard).reach(this.instance),
    }
  }

  /** Judged by the server, or as it lies there with the time of the last answer. */
  async #read(shard: number, keys: readonly SharedKey[]): Promise<readonly SharedReading[]> {
    if (this.#network.reads === 'judged') {
      const run = ({ engine }: ShardNode): readonly SharedReading[] => engine.read(keys)
      return await this.#ask(shard, { name: 'read', kind: 'read', run })
    }
    const ids = keys.map(({ id }) => id)
    const rows = await this.#ask(shard, {
      name: 'raw read',
      kind: 'read',
      run: (node) => rawEntries(node.rows, ids),
    })
    const known = this.#known[shard]
    if (known === undefined) throw this.#network.error('The shard has not been asked yet.')
    const serverNow = known.moment.serverNow + this.#network.time.now - known.askedAt
    return ids.map((id) => {
      const row = rows.get(id)
      const entry = row !== undefined && serverNow < row.graceUntil ? row : undefined
      return { ...known.moment, entry, serverNow }
    })
  }

  async #ask<T>(shard: number, step: Step<T>): Promise<T> {
    const { time, trace } = this.#network
    const askedAt = time.now
    trace.say(() => `${this.instance} sends ${step.name} to ${shard}`)
    const answer = await this.#answer(shard, step)
    // The cache has given it up otherwise.
    if (time.now - askedAt >= SHARED_TIMEOUT_MS) this.#troubledAt = time.now
    const moment = momentIn(answer)
    if (moment !== undefined) this.#known[shard] = { moment, askedAt }
    return answer
  }

  async #answer<T>(shard: number, step: Step<T>): Promise<T> {
    const { time } = this.#network
    const askedAt = time.now
    this.#asked.push(askedAt)
    try {
      return await this.#send(shard, step)
    } catch (error) {
      this.#troubledAt = time.now
      throw error
    } finally {
      this.#asked.splice(this.#asked.indexOf(askedAt), 1)
    }
  }

  #send<T>(shard: number, step: Step<T>): Promise<T> {
    const { time } = this.#network
    const connection = this.#connections[shard]
    if (connection === undefined || connection.closed) {
      return Promise.reject(this.#network.error('There is no connection.'))
    }
    return new Promise<T>((resolve, reject) => {
      const giveUp = time.after(
        TIMEOUT_MS,
        () => {
          settled(() => reject(this.#network.error('There was no answer.')))
          this.#reconnect(shard, connection)
        },
        this.#owner,
      )
      const settled = (how: () => void): void => {
        giveUp()
        connection.open.delete(fail)
        how()
      }
      const fail = (error: TierError): void => settled(() => reject(error))
      connection.open.add(fail)
      this.#deliver(shard, connection, () => {
        const how = this.#carryOut(shard, connection, step, resolve, reject)
        this.#reply(shard, connection, () => settled(how))
        if (step.queue !== undefined) this.#double(shard, connection, step)
      })
    })
  }

  /** The same request once more, which nobody waits for. */
  #double<T>(shard: number, connection: Connection, step: Step<T>): void {
    const { time, random, net } = this.#network
    if (random.next() >= net.doubled) return
    const at = time.now + random.next() ** 2 * LONGEST_STALL_MS
    const again = (): void => {
      this.#carryOut(
        shard,
        connection,
        step,
        () => {},
        () => {},
      )
    }
    time.at(at, () => {
      if (!connection.node.dead) again()
    })
  }

  /** On the server, when the request has arrived. */
  #carryOut<T>(
    shard: number,
    connection: Connection,
    step: Step<T>,
    resolve: (answer: T) => void,
    reject: (error: unknown) => void,
  ): () => void {
    const { trace } = this.#network
    try {
      const answer = this.#network.site(shard).perform(connection.node, step)
      trace.say(
        () => `  ${connection.node.name} ${step.name} of ${this.instance} -> ${shown(answer)}`,
      )
      return () => resolve(answer)
    } catch (error) {
      return () => reject(error)
    }
  }

  #deliver(shard: number, connection: Connection, arrive: () => void): void {
    const { time, random, net } = this.#network
    const cutUntil = this.#network.cutUntil(this.instance, shard)
    const cut = cutUntil > time.now
    const chance = random.next()
    if ((cut && random.next() < 0.8) || chance < net.lost) return
    connection.requestAt = Math.max(connection.requestAt, time.now + this.#network.delay())
    const stalled = cut || chance > 1 - net.stalled
    const at = stalled
      ? Math.max(time.now, cutUntil) + random.next() ** 2 * LONGEST_STALL_MS
      : connection.requestAt
    time.at(at, () => {
      if (!connection.node.dead) arrive()
    })
  }

  #reply(shard: number, connection: Connection, answer: () => void): void {
    const { time, random, net } = this.#network
    if (this.#network.cutUntil(this.instance, shard) > time.now || random.next() < net.lost) return
    connection.replyAt = Math.max(connection.replyAt, time.now + this.#network.delay())
    time.message(
      connection.replyAt,
      () => {
        if (!connection.closed) answer()
      },
      this.#owner,
    )
  }

  #reconnect(shard: number, connection: Connection): void {
    if (connection.closed) return
    connection.closed = true
    for (const fail of [...connection.open]) fail(this.#network.error('The connection has gone.'))
    const { time, net } = this.#network
    const connect = (): void => {
      const cutUntil = this.#network.cutUntil(this.instance, shard)
      if (net.cutOpens === 'afterwards' && cutUntil > time.now) {
        time.at(cutUntil + this.#network.delay(), connect, this.#owner)
        return
      }
      this.#connections[shard] = connectionTo(this.#network.site(shard).reach(this.instance))
      this.#listener({ kind: 'reconnected', shards: [shard] })
    }
    time.after(this.#network.delay(), connect, this.#owner)
  }
}

/** As the keys lie there: a write that waits is the entry of its key. */
function rawEntries(rows: ShardRows, ids: readonly string[]): ReadonlyMap<string, SharedEntry> {
  const entries = new Map<string, SharedEntry>(rows.entriesOf(ids))
  const { heads } = rows.sweepPage(undefined, Number.MAX_SAFE_INTEGER)
  for (const { id, readAt } of heads) {
    const entry = entries.get(id)
    if (entry !== undefined) entries.set(id, { ...entry, readAt })
  }
  const endless = { freshUntil: Number.POSITIVE_INFINITY, graceUntil: Number.POSITIVE_INFINITY }
  for (const [id, { epoch, version: stamp, storedAt, envelope }] of rows.pending.find(ids)) {
    entries.set(id, { epoch, stamp, storedAt, ...endless, envelope, pending: true })
  }
  return entries
}

function connectionTo(node: ShardNode): Connection {
  return { node, requestAt: 0, replyAt: 0, closed: false, open: new Set() }
}

const idsOf = (keys: readonly SharedKey[]): string => keys.map(({ id }) => id).join(' ')
