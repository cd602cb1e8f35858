/**
 * The shared tier in this process's memory: the reference for all others, and what tests of several
 * instances share. It outlives the caches that use it, and not the process.
 */

import type { Clock } from '../contracts/clock.ts'
import { ConfigError, TierError } from '../contracts/errors.ts'
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
  const shards = new Map<string, MapRows>()
  return {
    kind: 'memory',
    open(context) {
      const { name } = context
      const rows = shards.get(name) ?? new MapRows(maxBytes, reporter(context))
      shards.set(name, rows)
      return new MemorySession(rows, maxBytes, context)
    },
  }
}

/** The first cache of a name hears of what leaves; the counts of all would be counted twice. */
function reporter({ report }: SharedTierContext): ConstructorParameters<typeof MapRows>[1] {
  return (collection, cause, count) => {
    const pattern = collection === '' ? '*' : `${collection}:*`
    report({ type: 'removal', tier: 'shared', pattern, cause, count })
  }
}

class MemorySession implements SharedSession {
  readonly ready: Promise<void> = Promise.resolve()
  readonly waitPollMs = WAIT_POLL_MS
  readonly #rows: MapRows
  readonly #engine: ShardEngine
  readonly #maxBytes: number
  readonly #clock: Clock
  #cancelSweep: (() => void) | undefined
  #sweepCursor: string | undefined
  #closed = false

  constructor(rows: MapRows, maxBytes: number, { clock, random }: SharedTierContext) {
    this.#rows = rows
    this.#maxBytes = maxBytes
    this.#clock = clock
    this.#engine = new ShardEngine({ rows, now: () => clock.now(), random })
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
    this.#step(() => ({ ...this.#rows.usage(), maxBytes: this.#maxBytes }))

  async close(): Promise<void> {
    this.#closed = true
    this.#cancelSweep?.()
    this.#cancelSweep = undefined
  }

  /** Never within the caller's own turn: no tier that processes share could answer so soon. */
  async #step<T>(run: () => T): Promise<T> {
    await Promise.resolve()
    if (this.#closed) throw new TierError('memory', 'The shared tier was closed.')
    const answer = run()
    this.#arm()
    return answer
  }

  #arm(): void {
    if (this.#cancelSweep !== undefined || this.#rows.empty) return
    this.#cancelSweep = this.#clock.schedule(SWEEP_EVERY_MS, () => {
      this.#cancelSweep = undefined
      this.#sweepCursor = this.#engine.sweep(this.#sweepCursor, SWEEP_ROWS)
      this.#arm()
    })
  }
}
