/** Which shared tier the shop uses. Called by `open-cache.ts`. */

import { join } from 'node:path'
import { Redis } from 'ioredis'
import type { SharedTier } from 'tiercel'
import { redisTier } from 'tiercel/redis'
import { sqliteTier } from 'tiercel/sqlite'

export interface SharedTierPlace {
  readonly kind: 'redis' | 'sqlite'
  /** The server without its password, or the file. */
  readonly name: string
}

/** More than the shop ever fills; it shows where the bound is set. */
const MAX_BYTES = 256 * 1_024 * 1_024

/** Redis where there is an address, otherwise `cache.db` in the data folder. */
export function openSharedTier(
  dataDir: string,
  redisUrl: string | undefined,
): { readonly tier: SharedTier; readonly place: SharedTierPlace } {
  if (redisUrl === undefined) {
    const path = join(dataDir, 'cache.db')
    return {
      tier: sqliteTier(path, { maxBytes: MAX_BYTES }),
      place: { kind: 'sqlite', name: path },
    }
  }
  // The tier opens connections of its own after this client's example; it itself never connects.
  const client = new Redis(redisUrl, { lazyConnect: true })
  const { host, port, db } = client.options
  return {
    tier: redisTier(client, { maxBytes: MAX_BYTES }),
    place: { kind: 'redis', name: `${host}:${port}/${db}` },
  }
}
