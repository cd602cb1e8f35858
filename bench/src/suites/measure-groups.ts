/** Everything that can be measured in one process, by the name that the plan calls it by. */

import type { Measurement } from '../measure/contestant.ts'
import { batchBulk } from './batch-bulk.ts'
import { batchTurns } from './batch-turns.ts'
import { freshReads } from './fresh-reads.ts'
import { hitBytes } from './hit-bytes.ts'
import { hitTime } from './hit-time.ts'
import { invalidationDelay } from './invalidation-delay.ts'
import { invalidationRate } from './invalidation-rate.ts'
import { invalidationResets } from './invalidation-resets.ts'
import { l1Bytes } from './l1-bytes.ts'
import { l1Reads } from './l1-reads.ts'
import { l1Structures } from './l1-structures.ts'
import type { MeasureSettings } from './measure-settings.ts'
import { sharedMisses } from './shared-misses.ts'
import { sharedReads } from './shared-reads.ts'
import { stampede } from './stampede.ts'
import { statsBytes, statsTime } from './stats-cost.ts'
import { warmStart } from './warm-start.ts'
import { writeDrain } from './write-drain.ts'
import { writeRedis } from './write-redis.ts'
import { writeSqlite } from './write-sqlite.ts'

export type GroupName =
  | 'hit-time'
  | 'hit-bytes'
  | 'l1-structures'
  | 'l1-reads'
  | 'l1-bytes'
  | 'shared-reads'
  | 'shared-misses'
  | 'batch-bulk'
  | 'batch-turns'
  | 'invalidation-delay'
  | 'invalidation-rate'
  | 'invalidation-resets'
  | 'stampede'
  | 'write-redis'
  | 'write-sqlite'
  | 'write-drain'
  | 'fresh-reads'
  | 'warm-start'
  | 'stats-time'
  | 'stats-bytes'

export const measureGroups: Readonly<
  Record<GroupName, (settings: MeasureSettings) => Promise<Measurement[]>>
> = {
  'hit-time': hitTime,
  'hit-bytes': hitBytes,
  'l1-structures': l1Structures,
  'l1-reads': l1Reads,
  'l1-bytes': l1Bytes,
  'shared-reads': sharedReads,
  'shared-misses': sharedMisses,
  'batch-bulk': batchBulk,
  'batch-turns': batchTurns,
  'invalidation-delay': invalidationDelay,
  'invalidation-rate': invalidationRate,
  'invalidation-resets': invalidationResets,
  stampede,
  'write-redis': writeRedis,
  'write-sqlite': writeSqlite,
  'write-drain': writeDrain,
  'fresh-reads': freshReads,
  'warm-start': warmStart,
  'stats-time': statsTime,
  'stats-bytes': statsBytes,
}
