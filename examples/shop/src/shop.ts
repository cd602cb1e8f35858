import type { Cache } from 'tiercel'
import type { Catalogue } from './catalogue.ts'
import type { Customers } from './customers.ts'
import type { Following } from './following.ts'
import type { Place } from './place.ts'
import type { ProductWrites } from './product-writes.ts'
import type { Source } from './source.ts'
import type { Traffic } from './traffic.ts'
import type { WarmRuns } from './warm-runs.ts'

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
  readonly sharedTier: Place<'redis' | 'sqlite'>
  readonly traffic: Traffic
  readonly following: Following
  readonly warmRuns: WarmRuns
  /** Epoch milliseconds. */
  readonly startedAt: number
}
