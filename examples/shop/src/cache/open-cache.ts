import { setTimeout as pause } from 'node:timers/promises'
import { type Cache, type CacheOptions, type Clock, createCache } from 'tiercel'
import type { Place } from '../database/place.ts'
import { StartError } from '../process/start-error.ts'
import { Following } from './following.ts'
import { openSharedTier } from './open-shared-tier.ts'
import { Traffic } from './traffic.ts'
import { WarmRuns } from './warm-runs.ts'
import { withoutCaching } from './without-caching.ts'

/** A Redis that is not there yet is waited for this long; then the shop starts without it. */
const PATIENCE_MS = 2_000

export interface OpenOptions {
  readonly dataDir: string
  readonly redisUrl: string | undefined
  readonly instance: string
  readonly caching: 'on' | 'off'
  readonly warming: 'on' | 'off'
  readonly stage: Stage | undefined
}

/** A time that somebody else drives, and options over the shop's own: a shared tier that goes by it. */
export interface Stage {
  readonly clock?: Clock
  readonly options: Partial<CacheOptions>
}

/** The cache with those who listen to it from its first moment on. */
export interface OpenedCache {
  readonly cache: Cache
  readonly traffic: Traffic
  readonly following: Following
  readonly warmRuns: WarmRuns
  readonly sharedTier: Place<'redis' | 'sqlite'> | undefined
}

/**
 * Opens the cache with its shared tier, which is why it is warm after a restart and why several
 * instances are one shop.
 *
 * @throws StartError if no cache can ever work there. A Redis that does not answer yet is no reason:
 * until it does, the source answers.
 */
export async function openCache(options: OpenOptions): Promise<OpenedCache> {
  const { dataDir, redisUrl, instance, caching, warming, stage } = options
  if (caching === 'off') {
    const cache = createCache({ name: 'shop', instance, warming: 'off' })
    return { ...listened(withoutCaching(cache)), sharedTier: undefined }
  }
  const { tier, place, timeout } = openSharedTier(dataDir, redisUrl)
  const cache = createCache(
    {
      name: 'shop',
      shared: tier,
      sharedTimeout: timeout,
      instance,
      ...(warming === 'off' && { warming }),
      // A page of a feed weighs as many as it has activities, everything else weighs one.
      memory: { entries: 20_000, weight: 40_000, bytes: 64 * 1_024 * 1_024 },
      ...stage?.options,
    },
    stage?.clock && { clock: stage.clock },
  )
  const opened = { ...listened(cache), sharedTier: place }
  try {
    const isOpen = await openInTime(cache)
    if (!isOpen) {
      const name = place.kind === 'redis' ? `Redis at ${place.name}` : place.name
      console.error(`${name} does not answer; the shop starts without.`)
    }
    return opened
  } catch (error) {
    await cache.close()
    const why = error instanceof Error ? error.message : String(error)
    throw new StartError(`The cache in ${place.name} cannot be used. ${why}`, { cause: error })
  }
}

function listened(cache: Cache): Omit<OpenedCache, 'sharedTier'> {
  return {
    cache,
    traffic: new Traffic(cache),
    following: new Following(cache),
    warmRuns: new WarmRuns(cache),
  }
}

async function openInTime(cache: Cache): Promise<boolean> {
  const ended = new AbortController()
  const { signal } = ended
  const late = pause(PATIENCE_MS, false, { signal }).catch(() => false)
  try {
    return await Promise.race([cache.ready().then(() => true), late])
  } finally {
    ended.abort()
  }
}
