import type { Cache } from 'tiercel'
import type { SqliteDatabase } from 'tiercel/sqlite'
import type { Catalogue } from './catalogue.ts'
import type { Following } from './following.ts'
import type { SharedTierPlace } from './open-shared-tier.ts'
import type { ProductWrites } from './product-writes.ts'
import type { Traffic } from './traffic.ts'

/** The open pieces that `build-shop.ts` puts together and the routes work with. */
export interface Shop {
  /** How this process is called where it says who answered. */
  readonly instance: string
  readonly dataDir: string
  readonly source: SqliteDatabase
  readonly cache: Cache
  readonly catalogue: Catalogue
  readonly writes: ProductWrites
  readonly sharedTier: SharedTierPlace
  readonly traffic: Traffic
  readonly following: Following
  /** Epoch milliseconds. */
  readonly startedAt: number
}
