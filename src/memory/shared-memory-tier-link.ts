/**
 * The way to the shards of one cache in this process's memory. `memoryTier` makes one for each
 * session; what the sessions of a name share is a `SharedMemory`.
 */

import type { Clock } from '../contracts/clock.ts'
import { TierError } from '../contracts/errors.ts'
import type { Report } from '../contracts/events.ts'
import type { LockSteps } from '../contracts/lock-steps.ts'
import type {
  Answers,
  FollowAnswer,
  FollowRequest,
  ScanPage,
  SharedKey,
  SharedReading,
  SharedSignal,
  SharedTierContext,
  SharedUsage,
} from '../contracts/shared-tier.ts'
import {
  type IdleLink,
  LockEngine,
  type PendingLink,
  ShardEngine,
  type ShardLink,
} from '../shard/index.ts'
import { MapRows } from './map-rows.ts'
import { MapLocks } from './map-rows-locks.ts'

const SWEEP_EVERY_MS = 60_000
const SWEEP_ROWS = 1_000
const WAIT_POLL_MS = 20

/** What the sessions of one name share. */
export interface SharedMemory {
  /** By shard. */
  readonly rows: readonly MapRows[]
  readonly locks: MapLocks
  readonly maxBytes: number
  /** Where signals go: one for each session that listens. */
  readonly listeners: Set<(signal: SharedSignal) => void>
  /** Of the session whose step is running: it hears of what leaves, as a process would with a file. */
  report: Report
}

export function openMemory(maxBytes: number, shards: number): SharedMemory {
  const removed: ConstructorParameters<typeof MapRows>[1] = (collection, cause, count) => {
    const pattern = collection === '' ? '*' : `${collection}:*`
    memory.report({ type: 'removal', tier: 'shared', pattern, cause, count })
  }
  const bytes = Math.max(1, Math.floor(maxBytes / shards))
  const memory: SharedMemory = {
    rows: Array.from({ length: shards }, () => new MapRows(bytes, removed)),
    locks: new MapLocks(),
    maxBytes,
    listeners: new Set(),
    report: () => {},
  }
  return memory
}

export class MemoryLink implements ShardLink {
  readonly ready: Promise<void> = Promise.resolve()
  readonly hints = 'exact'
  readonly waitPollMs: number = WAIT_POLL_MS
  readonly shards: number
  readonly locks: LockSteps
  readonly pending: PendingLink
  readonly idle: IdleLink
  readonly #memory: SharedMemory
  readonly #engines: readonly ShardEngine[]
  readonly #clock: Clock
  readonly #report: Report
  readonly #instance: string
  #listener: ((signal: SharedSignal) => void) | undefined
  #cancelSweep: (() => void) | undefined
  /** Where the sweep goes on. */
  #sweep: { readonly shard: number; readonly cursor: string | undefined } = FIRST_SLICE
  #closed = false

  constructor(memory: SharedMemory, context: SharedTierContext) {
    const { clock, random, report, instance } = context
    this.#memory = memory
    this.#clock = clock
    this.#report = report
    this.#instance = instance
    this.shards = memory.rows.length
    const now = (): number => clock.now()
    const monotonic = (): number => clock.monotonic()
    const announce = (signal: SharedSignal): void => {
      for (const listener of memory.listeners) listener(signal)
    }
    const common = { now, monotonic, random, announce }
    this.#engines = memory.rows.map((rows, shard) => new ShardEngine({ ...common, rows, shard }))
    this.pending = this.#pendingLink()
    const locks = new LockEngine({ ...common, rows: memory.locks })
    this.idle = this.#idleLink(locks)
    this.locks = {
      acquire: (request) => this.#step(() => locks.acquire(request)),
      renew: (request) => this.#step(() => locks.renew(request)),
      release: (request) => this.#step(() => locks.release(request)),
      remaining: (name) => this.#step(() => locks.remaining(name)),
    }
  }

  #idleLink(locks: LockEngine): IdleLink {
    return {
      note: (shard, keys) => this.#step(() => this.#engine(shard).noteRead(keys)),
      fence: (shard, token) => this.#step(() => void this.#engine(shard).fenceCleanUp(token)),
      sweep: (request) =>
        this.#step(() => {
          const { at, within } = placeOf(request.cursor)
          const swept = this.#engine(at).sweepIdle({ ...request, cursor: within })
          if (swept === undefined) return { kind: 'overtaken' }
          return { kind: 'swept', ...swept, cursor: this.#cursorAfter(at, swept.cursor) }
        }),
      saved: () => this.#step(() => locks.cleanUp()),
      save: (note) => this.#step(() => locks.saveCleanUp(note)),
    }
  }

  #pendingLink(): PendingLink {
    return {
      durability: Promise.resolve('memory'),
      enqueue: (shard, sender, requests) =>
        this.#step(() => this.#engine(shard).enqueue(sender, requests)),
      take: (request) => this.#step(() => this.#engine(request.shard).take(request)),
      settle: (shard, requests) => this.#step(() => this.#engine(shard).settle(requests)),
      hasten: ({ shard, collection }, id, upTo) =>
        this.#step(() => this.#engine(shard).hasten(collection, id, upTo)),
      waits: ({ shard, collection }, upTo, id) =>
        this.#step(() => this.#engine(shard).waits(collection, upTo, id)),
      backlog: ({ shard, collection }) => this.#step(() => this.#engine(shard).backlog(collection)),
      list: ({ shard, collection }, page) =>
        this.#step(() => this.#engine(shard).list(collection, page)),
      dead: ({ shard, collection }, page) =>
        this.#step(() => this.#engine(shard).dead(collection, page)),
      revive: ({ shard }, ids) => this.#step(() => this.#engine(shard).revive(ids)),
      drop: ({ shard }, ids) => this.#step(() => this.#engine(shard).drop(ids)),
    }
  }

  /** Signals are delivered when the step that they tell of has come to rest, its own session's too. */
  listen(listener: (signal: SharedSignal) => void): void {
    if (this.#closed) return
    this.#listener = (signal) =>
      void this.#clock.schedule(0, () => {
        if (!this.#closed) listener(signal)
      })
    this.#memory.listeners.add(this.#listener)
  }

  read(keys: readonly SharedKey[], shards: readonly number[]): Answers<SharedReading> {
    return this.#step(() => {
      const readings: SharedReading[] = []
      for (const shard of new Set(shards)) {
        const places = [...shards.keys()].filter((place) => shards[place] === shard)
        const asked = places.flatMap((place) => keys[place] ?? [])
        for (const [at, reading] of this.#engine(shard).read(asked).entries()) {
          readings[places[at] ?? 0] = reading
        }
      }
      return readings
    })
  }

  claim: ShardLink['claim'] = (shard, requests, leaseMs) =>
    this.#step(() => this.#engine(shard).claim(requests, leaseMs))

  fill: ShardLink['fill'] = (shard, values) => this.#step(() => this.#engine(shard).fill(values))

  renewLeases: ShardLink['renewLeases'] = (shard, requests, leaseMs) =>
    this.#step(() => this.#engine(shard).renewLeases(requests, leaseMs))

  release: ShardLink['release'] = (shard, requests) =>
    this.#step(() => this.#engine(shard).release(requests))

  set: ShardLink['set'] = (shard, sender, values) =>
    this.#step(() => this.#engine(shard).set(sender, values))

  touch: ShardLink['touch'] = (shard, sender, requests) =>
    this.#step(() => this.#engine(shard).touch(sender, requests))

  invalidate: ShardLink['invalidate'] = (shard, sender, what) =>
    this.#step(() => this.#engine(shard).invalidate(sender, what))

  atomic: ShardLink['atomic'] = (shard, sender, operations) =>
    this.#step(() => this.#engine(shard).atomic(sender, operations))

  sweepPattern: ShardLink['sweepPattern'] = (shard, number) =>
    this.#step(() => this.#engine(shard).sweepPattern(number, SWEEP_ROWS))

  beginIntent: ShardLink['beginIntent'] = (shard, sender, requests) =>
    this.#step(() => this.#engine(shard).beginIntent(sender, requests))

  endIntent: ShardLink['endIntent'] = (shard, sender, requests) =>
    this.#step(() => this.#engine(shard).endIntent(sender, requests))

  follow(session: string, request: FollowRequest): Promise<FollowAnswer> {
    const follower = { session, instance: this.#instance }
    return this.#step(() => this.#engine(request.shard).follow(follower, request))
  }

  leave: ShardLink['leave'] = (shard, session) =>
    this.#step(() => this.#engine(shard).leave(session))

  standings: ShardLink['standings'] = (shard) => this.#step(() => this.#engine(shard).standings())

  /** The cursor names the shard that it goes on in. */
  scan(collection: string, cursor: string | undefined, limit: number): Promise<ScanPage> {
    const { at, within } = placeOf(cursor)
    return this.#step(() => {
      const page = this.#engine(at).scan(collection, within, limit)
      return { keys: page.keys, cursor: this.#cursorAfter(at, page.cursor) }
    })
  }

  #cursorAfter(at: number, within: string | undefined): string | undefined {
    const next = within === undefined ? at + 1 : at
    return next === this.shards ? undefined : `${next}:${within ?? ''}`
  }

  usage(): Promise<SharedUsage> {
    return this.#step(() => {
      const { rows, maxBytes } = this.#memory
      const usages = rows.map((one) => one.usage())
      return {
        entries: usages.reduce((sum, { entries }) => sum + entries, 0),
        bytes: usages.reduce((sum, { bytes }) => sum + bytes, 0),
        maxBytes,
      }
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#listener !== undefined) this.#memory.listeners.delete(this.#listener)
    this.#cancelSweep?.()
    this.#cancelSweep = undefined
  }

  #engine(shard: number): ShardEngine {
    const engine = this.#engines[shard]
    if (engine === undefined) throw new TierError('memory', `There is no shard ${shard}.`)
    return engine
  }

  /** Never within the caller's own turn: no tier that processes share could answer so soon. */
  async #step<T>(run: () => T): Promise<T> {
    await Promise.resolve()
    if (this.#closed) throw new TierError('memory', 'The shared tier was closed.')
    this.#memory.report = this.#report
    const answer = run()
    this.#sweepIn(SWEEP_EVERY_MS)
    return answer
  }

  /** One slice at a time, and one after the other until all rows of all shards were looked at. */
  #sweepIn(delayMs: number): void {
    if (this.#cancelSweep !== undefined || this.#memory.rows.every(({ empty }) => empty)) return
    this.#cancelSweep = this.#clock.schedule(
      delayMs,
      () => {
        this.#cancelSweep = undefined
        this.#memory.report = this.#report
        const { shard, cursor } = this.#sweep
        const next = this.#engine(shard).sweep(cursor, SWEEP_ROWS)
        const following = (next === undefined ? shard + 1 : shard) % this.shards
        this.#sweep = { shard: following, cursor: next }
        const over = next === undefined && following === 0
        this.#sweepIn(over ? SWEEP_EVERY_MS : 0)
      },
      'upkeep',
    )
  }
}

/** The shard that a page of several shards goes on in, and where. */
function placeOf(cursor = ''): { readonly at: number; readonly within: string | undefined } {
  const [shard = ''] = cursor.split(':', 1)
  const within = cursor.slice(shard.length + 1)
  return { at: Number(shard), within: within === '' ? undefined : within }
}

const FIRST_SLICE = { shard: 0, cursor: undefined } as const
