/**
 * A shared tier as a person looks at it: one entry, what waits, who is there, and removals that are
 * counted before they are carried out.
 *
 * It knows no collection's options, so it never decodes a value, and asks every shard for a key, since
 * a collection may place its keys by `shardBy`. Made by the command line, over a session of its own.
 */

import type { InstanceReport } from '../contracts/metrics.ts'
import type { SharedUsage } from '../contracts/shared-tier.ts'
import type { CacheKey } from '../contracts/source.ts'
import type { DeskParts } from './desk-parts.ts'
import { type EntryReport, reportEntry } from './entry-report.ts'
import { fleetReports } from './fleet-reports.ts'
import { type InstanceLine, instanceLines } from './instance-lines.ts'
import { QueueDesk } from './queue-lines.ts'
import { countRemoval, type RemovalOrder, type RemovalOutcome, remove } from './removal-order.ts'

/** @throws TierError from every call if the tier cannot be asked. */
export class Desk {
  readonly queues: QueueDesk
  readonly #parts: DeskParts

  constructor(parts: DeskParts) {
    this.#parts = parts
    this.queues = new QueueDesk(parts.session)
  }

  get shards(): number {
    return this.#parts.session.shards
  }

  /** Empty `collection`: plain keys. @throws ArgumentError for what can be no key. */
  inspect(collection: string, key: CacheKey): Promise<EntryReport> {
    return reportEntry(this.#parts, collection, key)
  }

  /** Entries that `remove` would make unservable, as they stand now. */
  count(order: RemovalOrder): Promise<number> {
    return countRemoval(this.#parts, order)
  }

  remove(order: RemovalOrder): Promise<RemovalOutcome> {
    return remove(this.#parts.session, order)
  }

  instances(): Promise<readonly InstanceLine[]> {
    return instanceLines(this.#parts.session)
  }

  /** What instances have told of themselves lately. */
  fleet(): Promise<readonly InstanceReport[]> {
    return fleetReports(this.#parts)
  }

  usage(): Promise<SharedUsage> {
    return this.#parts.session.usage()
  }
}
