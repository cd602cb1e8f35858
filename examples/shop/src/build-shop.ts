/** Puts the shop together, for `main.ts` and for tests that ask it in-process. */

import type { FastifyInstance } from 'fastify'
import type { DrainReport, Schedule } from 'tiercel'
import { cron } from 'tiercel/warming'
import { buildServer } from './build-server.ts'
import { openCatalogue } from './catalogue.ts'
import { openCustomers } from './customers.ts'
import { openCache } from './open-cache.ts'
import { openSource } from './open-source.ts'
import { ProductWrites } from './product-writes.ts'

export interface BuildOptions {
  /** A folder that exists and can be written to; holds `source.db` and `cache.db`. */
  readonly dataDir: string
  /** Products of a new shop; an old one keeps what it has. */
  readonly products: number
  /** Absent: the shared tier is `cache.db`. */
  readonly redisUrl?: string | undefined
  /** Absent: the products are in `source.db`. */
  readonly databaseUrl?: string | undefined
  /** Stands in each answer's `Server-Timing`. @default 'shop' */
  readonly instance?: string
  /** `off`: the cache holds what was asked for, and nothing else. @default 'on' */
  readonly warming?: 'on' | 'off'
  /** When what is warmed is loaded anew. @default every full hour */
  readonly hourly?: Schedule
  /** Told at the end what became of the changes that still waited for the source. */
  readonly onDrained?: (report: DrainReport) => void
}

/** What waits longer is kept by the shared tier, for the next start or another instance. */
const DRAIN_FOR = '2s'

/**
 * A server that is ready and does not listen yet. Closing it closes the cache and the database too,
 * once the last request is answered.
 *
 * @throws StartError if a file or the database cannot be used.
 */
export async function buildShop({
  dataDir,
  products,
  redisUrl,
  databaseUrl,
  instance = 'shop',
  warming = 'on',
  hourly = cron('0 * * * *'),
  onDrained,
}: BuildOptions): Promise<FastifyInstance> {
  const startedAt = Date.now()
  const source = await openSource({ dataDir, databaseUrl, products })
  try {
    const opened = await openCache({ dataDir, redisUrl, instance, warming })
    const { cache, traffic, following, warmRuns } = opened
    const serving = Promise.withResolvers<void>()
    const catalogue = openCatalogue({ cache, source, hourly, serving: serving.promise })
    const customers = openCustomers(cache, source, hourly)
    const writes = new ProductWrites({ cache, catalogue, source })
    const app = await buildServer({
      ...opened,
      dataDir,
      instance,
      source,
      catalogue,
      customers,
      writes,
      startedAt,
    })
    app.addHook('onReady', async () => serving.resolve())
    app.addHook('onClose', async () => {
      traffic.stop()
      following.stop()
      warmRuns.stop()
      // The cache first: its last loads and writes still ask the source.
      const drained = await cache.close({ timeout: DRAIN_FOR })
      onDrained?.(drained)
      await source.close()
    })
    return app
  } catch (error) {
    await source.close()
    throw error
  }
}
