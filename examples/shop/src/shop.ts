import type { Cache } from 'tiercel'
import type { SqliteDatabase } from 'tiercel/sqlite'
import type { Catalogue } from './catalogue.ts'
import type { ProductWrites } from './product-writes.ts'
import type { Traffic } from './traffic.ts'

/** The open pieces that `build-shop.ts` puts together and the routes work with. */
export interface Shop {
  readonly dataDir: string
  readonly source: SqliteDatabase
  readonly cache: Cache
  readonly catalogue: Catalogue
  readonly writes: ProductWrites
  readonly traffic: Traffic
  /** Epoch milliseconds. */
  readonly startedAt: number
}
