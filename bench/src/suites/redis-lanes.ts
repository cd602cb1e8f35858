/** The caches of the suites `shared` and `batch`, open over one server, and what belongs to each row. */

import type { Measurement, Role, Series } from '../measure/contestant.ts'
import { openBentocacheOnRedis } from '../subjects/redis/bentocache-on-redis.ts'
import { openCacheableOnRedis } from '../subjects/redis/cacheable-on-redis.ts'
import { openLayeredLoaderOnRedis } from '../subjects/redis/layered-loader-on-redis.ts'
import { openCacheManagerOnRedis } from '../subjects/redis/nest-cache-on-redis.ts'
import type { RedisSubject } from '../subjects/redis/redis-subject.ts'
import {
  type ClientLibrary,
  openTiercelOnRedis,
  type TiercelOnRedis,
} from '../subjects/redis/tiercel-on-redis.ts'

/** Our rows come once for each; peers are the same in both, since each has one library of its own. */
export const clientLibraries: readonly ClientLibrary[] = ['ioredis', 'node-redis']

export interface RedisLane {
  readonly role: Role
  readonly subject: RedisSubject
}

export interface RedisLanes {
  /** Ours over each client library, then the peers. */
  readonly lanes: readonly RedisLane[]
  /** Ours over the first library. */
  readonly first: TiercelOnRedis
}

/** Opens all of them without an in-process tier; `open` closes them. */
export async function openRedisLanes(
  port: number,
  open: AsyncDisposableStack,
): Promise<RedisLanes> {
  const options = { port, tiers: 'redis', entries: 1 } as const
  const lanes: RedisLane[] = []
  const enter = async <T extends RedisSubject>(role: Role, opening: Promise<T>): Promise<T> => {
    const subject = await opening
    open.defer(() => subject.close())
    lanes.push({ role, subject })
    return subject
  }
  const first = await enter('ours', openTiercelOnRedis(options, 'ioredis'))
  await enter('ours', openTiercelOnRedis(options, 'node-redis'))
  await enter('peer', openBentocacheOnRedis(options))
  await enter('peer', openLayeredLoaderOnRedis(options))
  await enter('peer', openCacheableOnRedis(options))
  await enter('peer', openCacheManagerOnRedis(options))
  return { lanes, first }
}

/**
 * A row for each client library: our series over it, its own limit, and every peer. Series of ours
 * and of the limits are in the order of `clientLibraries`.
 */
export function rowsByLibrary(
  measurement: Omit<Measurement, 'series'>,
  series: readonly Series[],
): Measurement[] {
  const of = (role: Role): readonly Series[] => series.filter((each) => each.role === role)
  return clientLibraries.map((library, at) => ({
    ...measurement,
    case: library === 'ioredis' ? measurement.case : `${measurement.case}, ${library}`,
    series: [...of('ours').slice(at, at + 1), ...of('limit').slice(at, at + 1), ...of('peer')],
  }))
}
