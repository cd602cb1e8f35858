import { join } from 'node:path'
import { type Cache, createCache } from 'tiercel'
import { sqliteTier } from 'tiercel/sqlite'
import { StartError } from './start-error.ts'

/** More than the shop ever fills; it shows where the bound is set. */
const MAX_BYTES = 256 * 1_024 * 1_024

/**
 * Opens the cache with `cache.db` as its shared tier, which is why it is warm after a restart.
 *
 * @throws StartError
 */
export async function openCache(dataDir: string): Promise<Cache> {
  const path = join(dataDir, 'cache.db')
  const cache = createCache({
    name: 'shop',
    shared: sqliteTier(path, { maxBytes: MAX_BYTES }),
    memory: { entries: 20_000, bytes: 64 * 1_024 * 1_024 },
  })
  try {
    await cache.ready()
    return cache
  } catch (error) {
    await cache.close()
    const why = error instanceof Error ? error.message : String(error)
    throw new StartError(`The cache in ${path} cannot be used. ${why}`, { cause: error })
  }
}
