/**
 * The shared tier on one SQLite file, for the processes of one machine.
 *
 * SQLite blocks the thread that calls it, for the time of a disk write or of a lock, so the file is
 * held by a worker. `TierEngine` does the work there.
 */

import type { Clock } from '../contracts/clock.ts'
import { ConfigError } from '../contracts/errors.ts'
import { checkKnown, type Known } from '../contracts/known-options.ts'
import type { SharedTier } from '../contracts/shared-tier.ts'
import { ShardClient } from '../shard/index.ts'
import { absolutePath } from './absolute-path.ts'
import { hostClock } from './host-clock.ts'
import { InlineTransport } from './inline-transport.ts'
import { SqliteLink } from './sqlite-link.ts'
import { openTierEngine } from './tier-engine.ts'
import { WorkerTransport } from './worker-transport.ts'

export interface SqliteTierOptions {
  /** Bytes that the file's pages may take, all caches in it together. @default 536870912 */
  readonly maxBytes?: number
  /** `inline` blocks the calling thread: for simulations, tests and tools. @default 'worker' */
  readonly thread?: 'worker' | 'inline'
  /** Time to wait while another process writes, milliseconds; below the time of a call. @default 100 */
  readonly busyTimeoutMs?: number
}

const OPTIONS: Known<SqliteTierOptions> = { maxBytes: true, thread: true, busyTimeoutMs: true }
const DEFAULT_MAX_BYTES = 512 * 1024 * 1024
/** A call has 200 ms unless the cache says otherwise. */
const DEFAULT_BUSY_TIMEOUT_MS = 100
/** Enough for the empty tables and some entries. */
const LEAST_MAX_BYTES = 256 * 1024
/** Long, since simulations live through months of the clock's time. */
const INLINE_IDLE_MS = 60_000

/**
 * Keeps entries in the file at `path`, which is created if it is not there; its folder must exist.
 *
 * Entries survive restarts and killed processes. After a power cut the last entries may be missing,
 * and the numbers of the shard begin anew; the file is never corrupted by it. Several processes of
 * one machine may use one file, and several caches too. It must be on a local disk.
 *
 * @throws ConfigError if the path or an option cannot work.
 */
export function sqliteTier(path: string, options: SqliteTierOptions = {}): SharedTier {
  checkKnown(options, OPTIONS)
  const file = {
    path: absolutePath(path),
    maxBytes: atLeast('maxBytes', options.maxBytes ?? DEFAULT_MAX_BYTES, LEAST_MAX_BYTES),
    busyTimeoutMs: atLeast('busyTimeoutMs', options.busyTimeoutMs ?? DEFAULT_BUSY_TIMEOUT_MS, 0),
  }
  const hostClockOf = anchoredClocks()
  return {
    kind: 'sqlite',
    open(context) {
      const order = { ...file, name: context.name }
      const transport =
        options.thread === 'inline'
          ? new InlineTransport(
              context.clock,
              openTierEngine({
                ...order,
                ...context,
                now: () => context.clock.now(),
                monotonic: hostClockOf(context.clock),
                idleMs: INLINE_IDLE_MS,
              }),
            )
          : new WorkerTransport({ kind: 'tier', ...order }, context.report)
      const { path, maxBytes } = file
      const durability = path === ':memory:' ? 'memory' : 'fsynced'
      const { instance } = context
      const link = new SqliteLink({ path, transport, maxBytes, instance, durability })
      return new ShardClient({
        link,
        clock: context.clock,
        tier: 'sqlite',
        session: context.random.id(),
      })
    },
  }
}

function atLeast(field: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new ConfigError({ field, expected: `a whole number from ${least}`, actual: value })
}

/**
 * For inline tiers: the host's clock, moved on by the clock that was given, so that a simulation
 * decides when leases end and a tool agrees with the services that use the same file.
 */
function anchoredClocks(): (clock: Clock) => () => number {
  const anchors = new WeakMap<Clock, number>()
  return (clock) => {
    const anchor = anchors.get(clock) ?? Math.round(hostClock() - clock.monotonic())
    anchors.set(clock, anchor)
    return () => anchor + clock.monotonic()
  }
}
