/**
 * The shared tier in this process's memory: the reference for all others, and what tests of several
 * instances share. It outlives the caches that use it, and not the process.
 */

import type { Clock } from '../contracts/clock.ts'
import { ConfigError, TierError } from '../contracts/errors.ts'
import type { Report } from '../contracts/events.ts'
import type { SharedSession, SharedTier, SharedTierContext } from '../contracts/shared-tier.ts'
import { ShardEngine } from '../shard/index.ts'
import { MapRows } from './map-rows.ts'

export interface SharedMemoryOptions {
  /** Bytes that the entries of one cache may take; those used longest ago leave first. @default 536870912 */
  readonly maxBytes?: number
}

const MAX_BYTES = 512 * 1024 * 1024
const SWEEP_EVERY_MS = 60_000
const SWEEP_ROWS = 1000
const WAIT_POLL_MS = 20

/**
 * A shared tier for tests and simulations. Caches of one name opened on the same object share their
 * entries, as processes would.
 *
 * @throws ConfigError
 */
export function memoryTier(options: SharedMemoryOptions = {}): SharedTier {
  const maxBytes = options.maxBytes ?? MAX_BYTES
  if (!(Number.isSafeInteger(maxBytes) && maxBytes > 0)) {
    throw new ConfigError({
      field: 'maxBytes',
      expected: 'a whole number above 0',
      actual: maxBytes,
    })
  }
  const shards = new Map<string, Shard>()
  return {
    kind: 'memory',
    open(context) {
      const shard = shards.get(context.name) ?? openShard(maxBytes)
      shards.set(context.name, shard)
      return new MemorySession(shard, maxBytes, context)
    },
  }
}

/** What the caches of one name share. */
interface Shard {
  readonly rows: MapRows
  /** Of the cache whose step is running: it hears of what leaves, as a process would with a file. */
  report: Report
}

function openShard(maxBytes: number): Shard {
  const rows = new MapRows(maxBytes, (collection, cause, count) => {
    const pattern = collection === '' ? '*' : `${collection}:*`
    shard.report({ type: 'removal', tier: 'shared', pattern, cause, count })
  })
  const shard: Shard = { rows, report: () => {} }
  return shard
}

class MemorySession implements SharedSession {
  readonly ready: Promise<void> = Promise.resolve()
  readonly waitPollMs = WAIT_POLL_MS
  readonly #shard: Shard
  readonly #engine: ShardEngine
  readonly #maxBytes: number
  readonly #clock: Clock
  readonly #report: Report
  #cancelSweep: (() => void) | undefined
  #sweepCursor: string | undefined
  #closed = false

  constructor(shard: Shard, maxBytes: number, { clock, random, report }: SharedTierContext) {
    this.#shard = shard
    this.#maxBytes = maxBytes
    this.#clock = clock
    this.#report = report
    this.#engine = new ShardEngine({ rows: shard.rows, now: () => clock.now(), random })
  }

  read: SharedSession['read'] = (keys) => this.#step(() => this.#engine.read(keys))

  claim: SharedSession['claim'] = (requests, { leaseMs }) =>
    this.#step(() => this.#engine.claim(requests, leaseMs))

  fill: SharedSession['fill'] = (values) => this.#step(() => this.#engine.fill(values))

  release: SharedSession['release'] = (requests) => this.#step(() => this.#engine.release(requests))

  set: SharedSession['set'] = (values) => this.#step(() => this.#engine.set(values))

  touch: SharedSession['touch'] = (requests) => this.#step(() => this.#engine.touch(requests))

  invalidate: SharedSession['invalidate'] = (what) =>
    this.#step(() => this.#engine.invalidate(what))

  beginIntent: SharedSession['beginIntent'] = (requests) =>
    this.#step(() => this.#engine.beginIntent(requests))

  endIntent: SharedSession['endIntent'] = (requests) =>
    this.#step(() => this.#engine.endIntent(requests))

  scan: SharedSession['scan'] = (collection, cursor, limit) =>
    this.#step(() => this.#engine.scan(collection, cursor, limit))

  usage: SharedSession['usage'] = () =>
    this.#step(() => ({ ...this.#shard.rows.usage(), maxBytes: this.#maxBytes }))

  async close(): Promise<void> {
    this.#closed = true
    this.#cancelSweep?.()
    this.#cancelSweep = undefined
  }

  /** Never within the caller's own turn: no tier that processes share could answer so soon. */
  async #step<T>(run: () => T): Promise<T> {
    await Promise.resolve()
    if (this.#closed) throw new TierError('memory', 'The shared tier was closed.')
    this.#shard.report = this.#report
    const answer = run()
    this.#sweepIn(SWEEP_EVERY_MS)
    return answer
  }

  /** One slice at a time, and one after the other until all rows were looked at. */
  #sweepIn(delayMs: number): void {
    if (this.#cancelSweep !== undefined || this.#shard.rows.empty) return
    this.#cancelSweep = this.#clock.schedule(
      delayMs,
      () => {
        this.#cancelSweep = undefined
        this.#shard.report = this.#report
        this.#sweepCursor = this.#engine.sweep(this.#sweepCursor, SWEEP_ROWS)
        this.#sweepIn(this.#sweepCursor === undefined ? SWEEP_EVERY_MS : 0)
      },
      'upkeep',
    )
  }
}
