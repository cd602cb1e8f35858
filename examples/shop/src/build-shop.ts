/** Puts the shop together, for `main.ts` and for tests that ask it in-process. */

import type { FastifyInstance } from 'fastify'
import type { DrainReport, Schedule } from 'tiercel'
import { cron } from 'tiercel/warming'
import { openCache, type Stage } from './cache/open-cache.ts'
import { withoutVersions } from './cache/without-caching.ts'
import { openSource } from './database/open-source.ts'
import { Turns } from './database/turns.ts'
import { DocumentWrites } from './documents/document-writes.ts'
import { openDocuments } from './documents/documents.ts'
import { ActivityWrites } from './feed/activity-writes.ts'
import { openFeeds } from './feed/feed.ts'
import { InventoryWrites } from './inventory/inventory-writes.ts'
import { openAdministration } from './operations/administration.ts'
import { OrderWrites } from './orders/order-writes.ts'
import { openOrders } from './orders/orders.ts'
import { openCatalogue } from './products/catalogue.ts'
import { ProductWrites } from './products/product-writes.ts'
import { buildServer } from './server/build-server.ts'
import { StockPriceWrites } from './stocks/stock-price-writes.ts'
import { openStockPrices } from './stocks/stock-prices.ts'
import { openCustomers } from './users/customers.ts'
import { Sessions } from './users/sessions.ts'
import { UserWrites } from './users/user-writes.ts'

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
  /** Of whoever may administer the cache. Absent: only a link of `dashboard-link.ts` lets in. */
  readonly adminToken?: string | undefined
  /** `off`: every read asks the source, every write goes there at once. @default 'on' */
  readonly caching?: 'on' | 'off'
  /** What each call of the source takes longer, milliseconds. @default 0 */
  readonly sourceDelayMs?: number
  /** `off`: the cache holds what was asked for, and nothing else. @default 'on' */
  readonly warming?: 'on' | 'off'
  /** When what is warmed is loaded anew. @default every full hour */
  readonly hourly?: Schedule
  /** What tests put in place of the machine's clock, and of what the shop says of its cache. */
  readonly stage?: Stage
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
  adminToken,
  instance = 'shop',
  caching = 'on',
  sourceDelayMs = 0,
  warming = caching,
  hourly = cron('0 * * * *'),
  stage,
  onDrained,
}: BuildOptions): Promise<FastifyInstance> {
  const startedAt = Date.now()
  const given = await openSource({ dataDir, databaseUrl, products, delayMs: sourceDelayMs })
  const source = caching === 'on' ? given : withoutVersions(given)
  try {
    const opened = await openCache({ dataDir, redisUrl, instance, caching, warming, stage })
    const { cache, traffic, following, warmRuns } = opened
    const serving = Promise.withResolvers<void>()
    const catalogue = openCatalogue({ cache, source, hourly, serving: serving.promise })
    const customers = openCustomers(cache, source, hourly)
    const writes = new ProductWrites({ cache, catalogue, source })
    const turns = new Turns()
    const inventoryWrites = new InventoryWrites({ cache, source, catalogue, turns })
    const userWrites = new UserWrites(customers, source)
    const sessions = new Sessions({ cache, source, users: customers.users })
    const orders = openOrders(cache, source)
    const orderWrites = new OrderWrites({ source, catalogue, customers, orders, turns })
    const stockPrices = openStockPrices(cache, source)
    const documents = openDocuments(cache, source)
    const feeds = openFeeds(cache, source)
    const administration = openAdministration(cache, adminToken)
    const app = await buildServer({
      ...opened,
      administration,
      dataDir,
      instance,
      source,
      catalogue,
      customers,
      writes,
      inventoryWrites,
      userWrites,
      sessions,
      orders,
      orderWrites,
      stockPrices,
      stockPriceWrites: new StockPriceWrites(stockPrices, source),
      documents,
      documentWrites: new DocumentWrites({ documents, customers, source }),
      feeds,
      activityWrites: new ActivityWrites({ cache, feeds, customers, source }),
      caching,
      startedAt,
    })
    app.decorate('dashboardLink', administration.dashboardLink)
    app.addHook('onReady', async () => serving.resolve())
    // Pages that look on would otherwise keep their connections, and the shop.
    app.addHook('preClose', async () => administration.admin.close())
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
