/**
 * The shared tier on one SQLite file, for the processes of one machine.
 *
 * SQLite blocks the thread that calls it, for the time of a disk write or of a lock, so the file is
 * held by a worker. `TierEngine` does the work there.
 */

import { ConfigError, TierError } from '../contracts/errors.ts'
import type { SharedSession, SharedTier, SharedUsage } from '../contracts/shared-tier.ts'
import { absolutePath } from './absolute-path.ts'
import type { Fault } from './call-outcome.ts'
import { CallQueue } from './call-queue.ts'
import { compactBytes } from './compact-bytes.ts'
import { InlineTransport } from './inline-transport.ts'
import type { TierCall } from './tier-call.ts'
import { openTierEngine } from './tier-engine.ts'
import type { Transport } from './transport.ts'
import { WorkerTransport } from './worker-transport.ts'

export interface SqliteTierOptions {
  /** Bytes that the file's pages may take, all caches in it together. @default 536870912 */
  readonly maxBytes?: number
  /** `inline` blocks the calling thread: for simulations, tests and tools. @default 'worker' */
  readonly thread?: 'worker' | 'inline'
  /** Time to wait while another process writes, milliseconds; below the time of a call. @default 100 */
  readonly busyTimeoutMs?: number
}

const DEFAULT_MAX_BYTES = 512 * 1024 * 1024
/** A call has 200 ms unless the cache says otherwise. */
const DEFAULT_BUSY_TIMEOUT_MS = 100
/** Enough for the empty tables and some entries. */
const LEAST_MAX_BYTES = 256 * 1024
/** Long, since simulations live through months of the clock's time. */
const INLINE_IDLE_MS = 60_000
/** Time between two looks of one who waits for a lease: no message comes from another process. */
const WAIT_POLL_MS = 20

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
  const file = {
    path: absolutePath(path),
    maxBytes: atLeast('maxBytes', options.maxBytes ?? DEFAULT_MAX_BYTES, LEAST_MAX_BYTES),
    busyTimeoutMs: atLeast('busyTimeoutMs', options.busyTimeoutMs ?? DEFAULT_BUSY_TIMEOUT_MS, 0),
  }
  return {
    kind: 'sqlite',
    open(context) {
      const order = { ...file, name: context.name }
      const transport =
        options.thread === 'inline'
          ? new InlineTransport(context.clock, () =>
              openTierEngine({
                ...order,
                ...context,
                now: () => context.clock.now(),
                idleMs: INLINE_IDLE_MS,
              }),
            )
          : new WorkerTransport({ kind: 'tier', ...order }, context.report)
      return openSession(transport, file.maxBytes)
    },
  }
}

function atLeast(field: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new ConfigError({ field, expected: `a whole number from ${least}`, actual: value })
}

function openSession(transport: Transport, maxBytes: number): SharedSession {
  const queue = new CallQueue(transport, tierError)
  // The engine answers what the step's contract says: the types end where the message begins.
  const ask = <Answer>(call: TierCall, bytes?: number): Promise<Answer> =>
    queue.ask(call, bytes) as Promise<Answer>
  const ready = opened(transport)
  // Who never asks whether the tier is ready still gets the reason from each step.
  ready.catch(() => {})
  return {
    ready,
    waitPollMs: WAIT_POLL_MS,
    read: (keys) => ask({ step: 'read', keys }),
    claim: (requests, { leaseMs }) => ask({ step: 'claim', requests, leaseMs }),
    fill: (values) => ask({ step: 'fill', values: values.map(compact) }, bytesOf(values)),
    release: (requests) => ask({ step: 'release', requests }),
    set: (values) => ask({ step: 'set', values: values.map(compact) }, bytesOf(values)),
    touch: (requests) => ask({ step: 'touch', requests }),
    invalidate: (what) => ask({ step: 'invalidate', what }),
    beginIntent: (requests) => ask({ step: 'beginIntent', requests }),
    endIntent: (requests) => ask({ step: 'endIntent', requests }),
    scan: (collection, cursor, limit) => ask({ step: 'scan', collection, cursor, limit }),
    async usage() {
      const held = await ask<Omit<SharedUsage, 'maxBytes'>>({ step: 'usage' })
      return { ...held, maxBytes }
    },
    close: () => queue.close(),
  }
}

async function opened(transport: Transport): Promise<void> {
  const fault = await transport.opened
  if (fault !== undefined) throw tierError(fault)
}

function compact<Value extends { readonly envelope: Uint8Array }>(value: Value): Value {
  return { ...value, envelope: compactBytes(value.envelope) }
}

function bytesOf(values: readonly { readonly envelope: Uint8Array }[]): number {
  return values.reduce((sum, { envelope }) => sum + envelope.byteLength, 0)
}

/** Primary result codes of a file that SQLite cannot make sense of. */
const BROKEN = [11, 26]

function tierError({ message, resultCode }: Fault): TierError {
  const cure = BROKEN.includes(resultCode & 0xff)
    ? ' If it was a cache, end the processes that use it, delete it, and start again.'
    : ''
  return new TierError('sqlite', `${message}${cure}`)
}
