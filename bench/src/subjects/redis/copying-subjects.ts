/** Who takes part where several processes keep copies: opened in each of them, by name. */

import type { Role } from '../../measure/contestant.ts'
import { openBentocacheOnRedis } from './bentocache-on-redis.ts'
import { openLayeredLoaderOnRedis } from './layered-loader-on-redis.ts'
import { openRawBus } from './raw-bus.ts'
import type { CopyingSubject, RedisSubjectOptions } from './redis-subject.ts'
import { openTiercelOnRedis } from './tiercel-on-redis.ts'

export interface CopyingEntrant {
  readonly role: Role
  readonly open: (options: RedisSubjectOptions) => Promise<CopyingSubject>
}

/** By the name that a question to another process bears. */
export const copyingEntrants: Readonly<Record<string, CopyingEntrant>> = {
  tiercel: { role: 'ours', open: openTiercelOnRedis },
  'raw pub/sub': { role: 'limit', open: openRawBus },
  bentocache: { role: 'peer', open: openBentocacheOnRedis },
  'layered-loader': { role: 'peer', open: openLayeredLoaderOnRedis },
}

/** Opens all of them, with an in-process tier of `entries`; `open` closes them. */
export async function openCopyingSubjects(
  options: Omit<RedisSubjectOptions, 'tiers'>,
  open: AsyncDisposableStack,
): Promise<ReadonlyMap<string, CopyingSubject>> {
  const subjects = new Map<string, CopyingSubject>()
  for (const [name, entrant] of Object.entries(copyingEntrants)) {
    const subject = await entrant.open({ ...options, tiers: 'memory and redis' })
    open.defer(() => subject.close())
    subjects.set(name, subject)
  }
  return subjects
}
