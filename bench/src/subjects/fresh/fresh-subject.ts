/** Who takes part where a working set is kept warm: opened in each process of the suite `fresh`, by name. */

import type { Item } from '../item.ts'

export interface FreshSubject {
  /** The record's id. */
  readonly get: (key: string) => Promise<number>
  readonly close: () => Promise<unknown>
}

export interface FreshOptions {
  readonly port: number
  readonly ttlMs: number
  /** Entries in the process. */
  readonly entries: number
  readonly load: (key: string) => Promise<Item>
}
