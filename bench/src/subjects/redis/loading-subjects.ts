/** Who takes part where several processes load the same keys: opened in each of them, by name. */

import type { Role } from '../../measure/contestant.ts'
import { openBentocacheOnRedis } from './bentocache-on-redis.ts'
import { openCacheableOnRedis } from './cacheable-on-redis.ts'
import { openLayeredLoaderOnRedis } from './layered-loader-on-redis.ts'
import { openCacheManagerOnRedis } from './nest-cache-on-redis.ts'
import { openRawLock } from './raw-lock.ts'
import type { LoadingSubject, RedisSubjectOptions } from './redis-subject.ts'
import { openTiercelOnRedis } from './tiercel-on-redis.ts'

export interface LoadingEntrant {
  readonly role: Role
  readonly open: (options: RedisSubjectOptions) => Promise<LoadingSubject>
}

/** By the name that a question to another process bears. */
export const loadingEntrants: Readonly<Record<string, LoadingEntrant>> = {
  tiercel: { role: 'ours', open: openTiercelOnRedis },
  'raw lock and message': { role: 'limit', open: ({ port }) => openRawLock(port) },
  bentocache: { role: 'peer', open: openBentocacheOnRedis },
  'layered-loader': { role: 'peer', open: openLayeredLoaderOnRedis },
  cacheable: { role: 'peer', open: openCacheableOnRedis },
  'cache-manager': { role: 'peer', open: openCacheManagerOnRedis },
}
