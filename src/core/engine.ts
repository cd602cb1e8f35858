/**
 * What all collections of one cache share. Put together by `createCache`; the engine's files take
 * from it what they need and never make any of it themselves.
 */

import type { Clock } from '../contracts/clock.ts'
import { ClosedError } from '../contracts/errors.ts'
import type { Report } from '../contracts/events.ts'
import type { Random } from '../contracts/random.ts'
import type { Background } from './background.ts'
import type { EventLog } from './event-log.ts'
import type { LocalOrder } from './local-order.ts'
import type { Outbox } from './outbox.ts'
import type { SharedAccess } from './shared-access.ts'

export interface Engine {
  readonly name: string
  readonly clock: Clock
  readonly random: Random
  readonly report: Report
  readonly log: EventLog
  readonly order: LocalOrder
  readonly background: Background
  /** Together or not at all: what the shared tier does not take waits in the outbox. */
  readonly shared: { readonly access: SharedAccess; readonly outbox: Outbox } | undefined
  readonly maxBlindnessMs: number
  /** Aborts when the cache is closed. */
  readonly closing: AbortSignal
}

/** @throws ClosedError */
export function checkOpen(engine: Engine): void {
  if (engine.closing.aborted) throw new ClosedError(engine.name)
}
