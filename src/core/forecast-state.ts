/** What the forecast of each collection has learned, for the next start (`warming/predicted-warming.ts`). */

import type { KeptRecord } from './kept-record.ts'

/** See `WARM_LIST`: no collection of a user is called so. */
export const FORECAST_STATE = '~forecast'

export class ForecastState {
  readonly #record: KeptRecord

  constructor(record: KeptRecord) {
    this.#record = record
  }

  /** What cannot be read is none. @throws TierError */
  async read(collection: string): Promise<string | undefined> {
    const state = await this.#record.read(collection)
    return typeof state === 'string' ? state : undefined
  }

  /** @throws TierError */
  write(collection: string, state: string): Promise<void> {
    return this.#record.write(collection, state)
  }
}
