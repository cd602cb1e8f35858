/**
 * What all collections of one cache share. Put together by `createCache`; the engine's files take
 * from it what they need and never make any of it themselves.
 */

import type { Clock } from '../contracts/clock.ts'
import type { Coherence } from '../contracts/coherence.ts'
import { ClosedError } from '../contracts/errors.ts'
import type { Report } from '../contracts/events.ts'
import type { WatchKeys } from '../contracts/key-watch.ts'
import type { Random } from '../contracts/random.ts'
import type { TierLimit } from '../contracts/tier-limit.ts'
import type { Warming } from '../contracts/warm-target.ts'
import type { WriteBehind } from '../contracts/write-behind.ts'
import type { Background } from './background.ts'
import type { EventLog } from './event-log.ts'
import type { InvalidationTelling } from './invalidation-telling.ts'
import type { LocalOrder } from './local-order.ts'
import type { OpenWrites } from './open-writes.ts'
import type { Outbox } from './outbox.ts'
import type { ReadNotes } from './read-notes.ts'
import type { SharedAccess } from './shared-access.ts'
import type { Space } from './space.ts'
import type { WakeCalls } from './wake-calls.ts'

export interface Engine {
  readonly name: string
  readonly clock: Clock
  readonly random: Random
  readonly report: Report
  /** Each invalidation is told here, so that it is counted. */
  readonly invalidations: InvalidationTelling
  readonly log: EventLog
  readonly order: LocalOrder
  readonly background: Background
  /** All collections, by name; plain keys are the one without a name. */
  readonly spaces: Map<string, Space>
  readonly shared: SharedParts | undefined
  /** Carries out the writes that wait; `undefined`: there is no shared tier. */
  readonly behind: WriteBehind | undefined
  /** `undefined`: it is turned off. */
  readonly warming: Warming | undefined
  /** What is learned of reads and keys; `undefined`: nobody wants to know. */
  readonly watching?: Watching | undefined
  readonly maxBlindnessMs: number
  readonly whenBlind: 'bypass' | 'flush' | 'serve-stale'
  /** Aborts when the cache is closed. */
  readonly closing: AbortSignal
  /**
   * Called when the cache is closed; answers how to take it back. A signal would compare each new
   * listener with all that thousands of waiting callers have.
   */
  readonly onClose: (listener: () => void) => () => void
}

export interface Watching {
  /** One hit in this process of so many is timed. */
  readonly sampleHits: number
  readonly keys: WatchKeys
}

/** What there is where processes share a tier. */
export interface SharedParts {
  /** What the tier cannot give. */
  readonly limits: ReadonlySet<TierLimit>
  readonly access: SharedAccess
  /** What the tier has not taken waits here. */
  readonly outbox: Outbox
  readonly coherence: Coherence
  /** Reads that the tier is to be told of. */
  readonly notes: ReadNotes
  /** Writes to the source that are under way. */
  readonly writes: OpenWrites
  readonly leases: WakeCalls
  readonly locks: WakeCalls
}

/** @throws ClosedError */
export function checkOpen(engine: Engine): void {
  if (engine.closing.aborted) throw new ClosedError(engine.name)
}
