/** Puts the shop together, for `main.ts` and for tests that ask it in-process. */

import type { FastifyInstance } from 'fastify'
import { buildServer } from './build-server.ts'
import { openCatalogue } from './catalogue.ts'
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
  /** Stands in each answer's `Server-Timing`. @default 'shop' */
  readonly instance?: string
}

/**
 * A server that is ready and does not listen yet. Closing it closes the cache and the database too,
 * once the last request is answered.
 *
 * @throws StartError if a file cannot be used.
 */
export async function buildShop({
  dataDir,
  products,
  redisUrl,
  instance = 'shop',
}: BuildOptions): Promise<FastifyInstance> {
  const startedAt = Date.now()
  const source = await openSource(dataDir, products)
  try {
    const opened = await openCache({ dataDir, redisUrl, instance })
    const { cache, traffic, following } = opened
    const catalogue = openCatalogue(cache, source)
    const writes = new ProductWrites(catalogue, source)
    const app = await buildServer({
      ...opened,
      dataDir,
      instance,
      source,
      catalogue,
      writes,
      startedAt,
    })
    app.addHook('onClose', async () => {
      traffic.stop()
      following.stop()
      // The cache first: its last loads still ask the source.
      await cache.close()
      await source.close()
    })
    return app
  } catch (error) {
    await source.close()
    throw error
  }
}
