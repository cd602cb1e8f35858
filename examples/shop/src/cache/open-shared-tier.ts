/** Which shared tier the shop uses. Called by `open-cache.ts`. */

import { join } from 'node:path'
import { Redis } from 'ioredis'
import type { Duration, SharedTier } from 'tiercel'
import { redisTier } from 'tiercel/redis'
import { sqliteTier } from 'tiercel/sqlite'
import type { Place } from '../database/place.ts'

export interface OpenedTier {
  readonly tier: SharedTier
  readonly place: Place<'redis' | 'sqlite'>
  /** What one call may take. A busy disk has its moments; from a server that stands still, better the source. */
  readonly timeout: Duration
}

/** More than the shop ever fills; it shows where the bound is set. */
const MAX_BYTES = 256 * 1_024 * 1_024

/** Redis where there is an address, otherwise `cache.db` in the data folder. */
export function openSharedTier(dataDir: string, redisUrl: string | undefined): OpenedTier {
  if (redisUrl === undefined) {
    const path = join(dataDir, 'cache.db')
    return {
      tier: sqliteTier(path, { maxBytes: MAX_BYTES }),
      place: { kind: 'sqlite', name: path },
      timeout: '5s',
    }
  }
  // The tier opens connections of its own after this client's example; it itself never connects.
  const client = new Redis(redisUrl, { lazyConnect: true })
  const { host, port, db } = client.options
  return {
    tier: redisTier(client, { maxBytes: MAX_BYTES }),
    place: { kind: 'redis', name: `${host}:${port}/${db}` },
    timeout: '200ms',
  }
}
