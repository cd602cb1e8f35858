/** The way from a session to the shard in a file: `sqliteTier` makes one for each session. */

import { TierError } from '../contracts/errors.ts'
import type { LockSteps } from '../contracts/lock-steps.ts'
import type { Durability } from '../contracts/pending-steps.ts'
import type { SharedSignal, SharedUsage } from '../contracts/shared-tier.ts'
import type { IdleLink, PendingLink, ShardLink } from '../shard/index.ts'
import type { Fault } from './call-outcome.ts'
import { CallQueue } from './call-queue.ts'
import { compactBytes } from './compact-bytes.ts'
import { locatedFault } from './located-fault.ts'
import type { TierCall } from './tier-call.ts'
import type { Transport } from './transport.ts'

export interface SqliteLinkOptions {
  /** Of the file, as errors name it. */
  readonly path: string
  readonly transport: Transport
  readonly maxBytes: number
  readonly instance: string
  /** Of a commit that somebody relies on. */
  readonly durability: Durability
}

/** Time between two looks of one who waits for a lease: no message comes from another process. */
const WAIT_POLL_MS = 20

export class SqliteLink implements ShardLink {
  readonly shards = 1
  readonly hints = 'none'
  readonly waitPollMs: number = WAIT_POLL_MS
  readonly locks: LockSteps
  readonly pending: PendingLink
  readonly idle: IdleLink
  readonly #path: string
  readonly #transport: Transport
  readonly #queue: CallQueue
  readonly #maxBytes: number
  readonly #instance: string

  constructor({ path, transport, maxBytes, instance, durability }: SqliteLinkOptions) {
    this.#path = path
    this.#transport = transport
    this.#queue = new CallQueue(transport, (fault) => tierError(fault, path))
    this.#maxBytes = maxBytes
    this.#instance = instance
    this.pending = this.#pendingLink(durability)
    this.idle = {
      note: (_, keys) => this.#ask({ step: 'noteRead', keys }),
      fence: (_, token) => this.#ask({ step: 'fenceCleanUp', token }),
      sweep: (request) => this.#ask({ step: 'sweepIdle', request }),
      saved: () => this.#ask({ step: 'cleanUp' }),
      save: (note) => this.#ask({ step: 'saveCleanUp', note }),
    }
    this.locks = {
      acquire: (request) => this.#ask({ step: 'acquire', request }),
      renew: (request) => this.#ask({ step: 'renew', request }),
      release: (request) => this.#ask({ step: 'unlock', request }),
      remaining: (name) => this.#ask({ step: 'remaining', name }),
    }
  }

  get ready(): Promise<void> {
    const ready = this.#opened()
    // Who does not wait for it still gets the reason from each step.
    ready.catch(() => {})
    return ready
  }

  #pendingLink(durability: Durability): PendingLink {
    return {
      durability: Promise.resolve(durability),
      enqueue: (_, sender, requests) =>
        this.#ask({ step: 'enqueue', sender, requests: requests.map(compact) }, bytesOf(requests)),
      take: (request) => this.#ask({ step: 'take', request }),
      settle: (_, requests) => this.#ask({ step: 'settle', requests }),
      hasten: ({ collection }, id, upTo) => this.#ask({ step: 'hasten', collection, id, upTo }),
      waits: ({ collection }, upTo, id) => this.#ask({ step: 'waits', collection, upTo, id }),
      backlog: ({ collection }) => this.#ask({ step: 'backlog', collection }),
      list: ({ collection }, page) => this.#ask({ step: 'list', collection, page }),
      dead: ({ collection }, page) => this.#ask({ step: 'dead', collection, page }),
      revive: (_, ids) => this.#ask({ step: 'revive', ids }),
      drop: (_, ids) => this.#ask({ step: 'drop', ids }),
    }
  }

  listen(listener: (signal: SharedSignal) => void): void {
    this.#transport.listen(() => listener({ kind: 'doubt', shards: [0] }))
  }

  read: ShardLink['read'] = (keys) => this.#ask({ step: 'read', keys })

  claim: ShardLink['claim'] = (_, requests, leaseMs) =>
    this.#ask({ step: 'claim', requests, leaseMs })

  fill: ShardLink['fill'] = (_, values) => {
    const compacted = values.map((one) =>
      one.envelope === undefined ? one : compact({ ...one, envelope: one.envelope }),
    )
    const bytes = values.reduce((sum, { envelope }) => sum + (envelope?.byteLength ?? 0), 0)
    return this.#ask({ step: 'fill', values: compacted }, bytes)
  }

  renewLeases: ShardLink['renewLeases'] = (_, requests, leaseMs) =>
    this.#ask({ step: 'renewLeases', requests, leaseMs })

  release: ShardLink['release'] = (_, requests) => this.#ask({ step: 'release', requests })

  set: ShardLink['set'] = (_, sender, values) =>
    this.#ask({ step: 'set', sender, values: values.map(compact) }, bytesOf(values))

  touch: ShardLink['touch'] = (_, sender, requests) =>
    this.#ask({ step: 'touch', sender, requests })

  invalidate: ShardLink['invalidate'] = (_, sender, what) =>
    this.#ask({ step: 'invalidate', sender, what })

  atomic: ShardLink['atomic'] = (_, sender, operations) => {
    const compacted = operations.map((one) =>
      one.op === 'set' ? { ...one, value: compact(one.value) } : one,
    )
    const values = compacted.flatMap((one) => (one.op === 'set' ? one.value : []))
    return this.#ask({ step: 'atomic', sender, operations: compacted }, bytesOf(values))
  }

  sweepPattern: ShardLink['sweepPattern'] = (_, number) =>
    this.#ask({ step: 'sweepPattern', number })

  beginIntent: ShardLink['beginIntent'] = (_, sender, requests) =>
    this.#ask({ step: 'beginIntent', sender, requests })

  endIntent: ShardLink['endIntent'] = (_, sender, requests) => {
    const compacted = requests.map((one) =>
      one.value === undefined ? one : { ...one, value: compact(one.value) },
    )
    const bytes = bytesOf(compacted.flatMap(({ value }) => value ?? []))
    return this.#ask({ step: 'endIntent', sender, requests: compacted }, bytes)
  }

  follow: ShardLink['follow'] = (session, request) =>
    this.#ask({ step: 'follow', follower: { session, instance: this.#instance }, request })

  leave: ShardLink['leave'] = (_, session) => this.#ask({ step: 'leave', session })

  standings: ShardLink['standings'] = () => this.#ask({ step: 'standings' })

  scan: ShardLink['scan'] = (collection, cursor, limit) =>
    this.#ask({ step: 'scan', collection, cursor, limit })

  async usage(): Promise<SharedUsage> {
    const held = await this.#ask<Omit<SharedUsage, 'maxBytes'>>({ step: 'usage' })
    return { ...held, maxBytes: this.#maxBytes }
  }

  close(): Promise<void> {
    return this.#queue.close()
  }

  async #opened(): Promise<void> {
    const fault = await this.#transport.opened()
    if (fault !== undefined) throw tierError(fault, this.#path)
  }

  /** The engine answers what the step's contract says: the types end where the message begins. */
  #ask<Answer>(call: TierCall, bytes?: number): Promise<Answer> {
    return this.#queue.ask(call, bytes) as Promise<Answer>
  }
}

function compact<Value extends { readonly envelope: Uint8Array }>(value: Value): Value {
  return { ...value, envelope: compactBytes(value.envelope) }
}

function bytesOf(values: readonly { readonly envelope: Uint8Array }[]): number {
  return values.reduce((sum, { envelope }) => sum + envelope.byteLength, 0)
}

/** Primary result codes of a file that SQLite cannot make sense of. */
const BROKEN = [11, 26]

function tierError(fault: Fault, path: string): TierError {
  const { message, resultCode, refused } = locatedFault(fault, path)
  const cure = BROKEN.includes(resultCode & 0xff)
    ? ' If it was a cache, end the processes that use it, delete it, and start again.'
    : ''
  return new TierError('sqlite', `${message}${cure}`, { scope: refused ? 'step' : 'tier' })
}
