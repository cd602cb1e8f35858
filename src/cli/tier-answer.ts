/** What the shared tier tells of a cache by itself, without any instance. */

import type { InstanceLine, QueueLine } from '../desk/index.ts'
import type { InstanceReport } from '../index.ts'
import type { OpenDesk } from './open-desk.ts'

/** Stable; `null`: nothing bounds it. */
export interface TierAnswer {
  readonly via: 'redis' | 'sqlite'
  readonly where: string
  readonly cache: string
  readonly at: number
  readonly shards: number
  readonly entries: number
  readonly bytes: number
  readonly maxBytes: number | null
  readonly collections: readonly string[]
  readonly instances: readonly InstanceLine[]
  /** What they have left of their figures for each other; of those that share them. */
  readonly fleet: readonly InstanceReport[]
  /** That have something in them. */
  readonly queues: readonly QueueLine[]
}

/** @throws TierError */
export async function tierAnswer(open: OpenDesk): Promise<TierAnswer> {
  const { desk, kind, where, name, collections, queued } = open
  const [{ entries, bytes, maxBytes }, instances, fleet, ...queues] = await Promise.all([
    desk.usage(),
    desk.instances(),
    desk.fleet(),
    ...queued.map((collection) => desk.queues.status(collection)),
  ])
  return {
    via: kind,
    where,
    cache: name,
    at: Date.now(),
    shards: desk.shards,
    entries,
    bytes,
    // The file was opened without a bound; what bounds it the instances know.
    maxBytes: kind === 'sqlite' || !Number.isFinite(maxBytes) ? null : maxBytes,
    collections,
    instances,
    fleet,
    queues: queues.filter(({ waiting, deadLetters }) => waiting + deadLetters > 0),
  }
}
