import type { Cache } from 'tiercel'
import type { Following } from './cache/following.ts'
import type { Traffic } from './cache/traffic.ts'
import type { WarmRuns } from './cache/warm-runs.ts'
import type { Place } from './database/place.ts'
import type { Source } from './database/source.ts'
import type { DocumentWrites } from './documents/document-writes.ts'
import type { Documents } from './documents/documents.ts'
import type { ActivityWrites } from './feed/activity-writes.ts'
import type { Feeds } from './feed/feed.ts'
import type { InventoryWrites } from './inventory/inventory-writes.ts'
import type { Administration } from './operations/administration.ts'
import type { OrderWrites } from './orders/order-writes.ts'
import type { Orders } from './orders/orders.ts'
import type { Catalogue } from './products/catalogue.ts'
import type { ProductWrites } from './products/product-writes.ts'
import type { StockPriceWrites } from './stocks/stock-price-writes.ts'
import type { StockPrices } from './stocks/stock-prices.ts'
import type { Customers } from './users/customers.ts'
import type { Sessions } from './users/sessions.ts'
import type { UserWrites } from './users/user-writes.ts'

/** The open pieces that `build-shop.ts` puts together and the routes work with. */
export interface Shop {
  /** How this process is called where it says who answered. */
  readonly instance: string
  readonly dataDir: string
  readonly source: Source
  readonly cache: Cache
  readonly catalogue: Catalogue
  readonly customers: Customers
  readonly writes: ProductWrites
  readonly inventoryWrites: InventoryWrites
  readonly userWrites: UserWrites
  readonly sessions: Sessions
  readonly orders: Orders
  readonly orderWrites: OrderWrites
  readonly stockPrices: StockPrices
  readonly stockPriceWrites: StockPriceWrites
  readonly documents: Documents
  readonly documentWrites: DocumentWrites
  readonly feeds: Feeds
  readonly activityWrites: ActivityWrites
  readonly administration: Administration
  /** `undefined`: there is none, since caching is off. */
  readonly sharedTier: Place<'redis' | 'sqlite'> | undefined
  readonly caching: 'on' | 'off'
  readonly traffic: Traffic
  readonly following: Following
  readonly warmRuns: WarmRuns
  /** Epoch milliseconds. */
  readonly startedAt: number
}
