/** Takes the writes that wait from one shared tier to another, while no instance is at work on either. */

import { ConfigError } from './contracts/errors.ts'
import type { SharedSession, SharedTier } from './contracts/shared-tier.ts'
import type { ExportedWrite, ImportReport } from './contracts/write-queue.ts'
import { checkName } from './core/resolve-cache-options.ts'
import { SystemClock } from './memory/system-clock.ts'
import { SystemRandom } from './memory/system-random.ts'
import { exportQueue, importQueue } from './write-behind/index.ts'

export interface ExportOptions {
  /** Of the cache. */
  readonly name: string
  readonly collections: readonly string[]
}

/**
 * Tells every write that waits in these collections, and removes none. Only complete while no instance
 * of the cache is at work.
 *
 * @throws ConfigError for names that cannot be; TierError
 */
export async function* exportWrites(
  shared: SharedTier,
  options: ExportOptions,
): AsyncGenerator<ExportedWrite> {
  const { name, collections } = options
  checkName('name', name)
  for (const collection of collections) checkName('collection', collection)
  const session = open(shared, name)
  try {
    await session.ready
    for (const collection of collections) yield* exportQueue(session, collection)
  } finally {
    await session.close()
  }
}

/**
 * Queues exported writes, before any instance of the cache is at work on that tier. Asked again after an
 * error, it leaves out what waits already.
 *
 * @throws ArgumentError naming the line and the field of what is no exported write; ConfigError where the
 * tier has another number of shards, or an instance is at work on it; TierError
 */
export async function importWrites(
  shared: SharedTier,
  options: Pick<ExportOptions, 'name'>,
  writes: Iterable<unknown> | AsyncIterable<unknown>,
): Promise<ImportReport> {
  const { name } = options
  checkName('name', name)
  const session = open(shared, name)
  try {
    await session.ready
    // What an acknowledgement is worth there is asked first: a server that may evict writes takes none.
    await session.pending.durability
    await refuseInstances(session)
    return await importQueue(session, writes)
  } finally {
    await session.close()
  }
}

/** What they have written since would be overwritten. One that was killed counts for 10 s more. */
async function refuseInstances(session: SharedSession): Promise<void> {
  const shards = Array.from({ length: session.shards }, (_, shard) => shard)
  const standings = await Promise.all(shards.map((shard) => session.standings(shard)))
  const names = new Set(standings.flat().map(({ instance }) => instance))
  names.delete(OWN_NAME)
  if (names.size === 0) return
  throw new ConfigError({
    field: 'shared',
    expected: 'a tier on which no instance of the cache is at work',
    actual: [...names].join(', '),
    cure: 'Stop them first; one that was killed counts for 10 s more.',
  })
}

const OWN_NAME = 'move-writes'

function open(shared: SharedTier, name: string): SharedSession {
  return shared.open({
    name,
    instance: OWN_NAME,
    clock: new SystemClock(),
    random: new SystemRandom(),
    report: () => {},
    follow: 'poll',
  })
}
