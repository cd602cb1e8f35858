/**
 * The memory tier put together: spaces over one table, with its bounds, its expiry and its events.
 *
 * Made by `create-cache.ts`; called by `core/` alone.
 */

import type { Clock } from '../contracts/clock.ts'
import type { RemovalCause, Report } from '../contracts/events.ts'
import type { MemorySpace, MemoryTier } from '../contracts/memory-tier.ts'
import type { ReplacementPolicyFactory } from '../contracts/replacement-policy.ts'
import { type CopyMode, copyMode } from './copy-mode.ts'
import { duelFifoPolicy } from './duel-fifo-policy.ts'
import { EntrySpace } from './entry-space.ts'
import { EntryTable } from './entry-table.ts'
import { ExpiryScan } from './expiry-scan.ts'
import type { MemoryBounds } from './memory-bounds.ts'
import { PriorityLanes } from './priority-lanes.ts'
import { RemovalTally } from './removal-tally.ts'

export interface MemoryTierParts {
  readonly bounds: MemoryBounds
  readonly clock: Clock
  /** Receives 'removal' events, one a tick for each pattern and cause. */
  readonly report: Report
  /** @default duelFifoPolicy */
  readonly policy?: ReplacementPolicyFactory
}

export function createMemoryTier(parts: MemoryTierParts): MemoryTier {
  return new BoundedMemoryTier(parts)
}

class BoundedMemoryTier implements MemoryTier {
  readonly #clock: Clock
  readonly #table: EntryTable
  readonly #scan: ExpiryScan
  readonly #copy: CopyMode
  readonly #spaces = new Map<string, MemorySpace>()

  constructor({ bounds, clock, report, policy = duelFifoPolicy }: MemoryTierParts) {
    this.#clock = clock
    const lanes = new PriorityLanes(policy, bounds.entries)
    this.#table = new EntryTable({ bounds, clock, lanes, tally: new RemovalTally(clock, report) })
    this.#scan = new ExpiryScan(clock, this.#table, bounds.expiryScanMs)
    this.#copy = copyMode(bounds.copy)
  }

  get entries(): number {
    return this.#table.entries
  }

  get bytes(): number {
    return this.#table.bytes
  }

  get weight(): number {
    return this.#table.weight
  }

  space(
    name: string,
    { noteEveryMs }: { readonly noteEveryMs?: number | undefined } = {},
  ): MemorySpace {
    const known = this.#spaces.get(name)
    if (known !== undefined) return known
    const space = new EntrySpace({
      table: this.#table,
      space: this.#table.addSpace(name === '' ? '*' : `${name}:*`, noteEveryMs),
      copy: this.#copy,
      stored: () => this.#scan.arm(),
    })
    this.#spaces.set(name, space)
    return space
  }

  doubt(which: 'tagged' | 'all'): void {
    this.#table.doubt(which)
  }

  trustUntil(moment: number): void {
    this.#table.trustedUntil = moment
  }

  clear(cause: RemovalCause): number {
    return this.#table.clear(cause)
  }

  compact(share: number): number {
    const count = Math.ceil(this.#table.entries * share)
    return this.#table.shrink(count, this.#clock.monotonic())
  }

  /** Lets go of all entries and of the timer. A load that ends later finds a tier that keeps nothing. */
  close(): void {
    this.#scan.disarm()
    this.#table.close()
  }
}
