/** Where an instance that writes behind has its shared tier and its source. Handed to processes as JSON. */

import type { WriteReceipt } from 'tiercel'
import type { DriverName } from './postgres-driver.ts'

export interface BehindPlace {
  /** Of the cache, and of the table. Instances of one place share their queue. */
  readonly name: string
  /** How long a write waits for others: `'1s'` is the default. */
  readonly delay: '1s' | '1h'
  readonly at: OnRedis | OnSqlite
}

export interface OnRedis {
  readonly kind: 'redis'
  readonly port: number
  /** What a receipt must say. */
  readonly durability: WriteReceipt['durability']
  /** Of PostgreSQL. */
  readonly url: string
  readonly driver: DriverName
}

export interface OnSqlite {
  readonly kind: 'sqlite'
  /** Of the files of both. */
  readonly folder: string
}

/** Writes in one call of the store at most: the default. */
export const batch = 100

/** What an instance has brought to the source since it was opened. */
export interface Drained {
  /** Asked of the database, whatever they are for. */
  readonly statements: number
  readonly rows: number
  /** When the store answered last, by the host's clock; 0: it was not asked yet. */
  readonly lastAt: number
}
