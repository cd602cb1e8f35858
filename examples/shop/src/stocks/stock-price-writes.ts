/** New prices, of one stock or of many. The routes call it. */

import type { Source } from '../database/source.ts'
import { RequestError } from '../server/request-error.ts'
import { noStock } from './no-stock.ts'
import type { Quote } from './stock.ts'
import type { StockPrices } from './stock-prices.ts'

export class StockPriceWrites {
  readonly #stocks: StockPrices
  readonly #source: Source

  constructor(stocks: StockPrices, source: Source) {
    this.#stocks = stocks
    this.#source = source
  }

  /** @throws RequestError with 404 if there is no such stock. */
  async put({ symbol, priceCents }: Quote): Promise<void> {
    const old = await this.#stocks.get(symbol)
    if (old === undefined) throw new RequestError(404, noStock('symbol', symbol))
    await this.#stocks.put(symbol, { ...old, priceCents, updatedAt: Date.now() })
  }

  /**
   * All of the prices or none: one transaction of the source, then one removal of all that was changed.
   * Of two prices of one stock, the later one counts.
   *
   * A process that is killed between the two leaves the old prices in the cache, for no longer than
   * they live: two minutes.
   *
   * @throws RequestError with 404 for the first stock that there is not.
   */
  async putMany(quotes: readonly Quote[]): Promise<void> {
    const known = await this.#stocks.getMany(quotes.map(({ symbol }) => symbol))
    for (const [index, { symbol }] of quotes.entries()) {
      if (!known.has(symbol)) throw new RequestError(404, noStock(`prices.${index}.symbol`, symbol))
    }
    const now = Date.now()
    // Two batches that lock the same rows in two orders would wait for each other for ever.
    const latest = new Map(quotes.map((quote) => [quote.symbol, quote]))
    const ordered = [...latest.values()].sort((a, b) => (a.symbol < b.symbol ? -1 : 1))
    await this.#source.transaction(
      ordered.map(({ symbol, priceCents }) => ({
        sql: 'UPDATE stocks SET "priceCents" = $1, "updatedAt" = $2 WHERE symbol = $3',
        params: [priceCents, now, symbol],
      })),
    )
    await this.#stocks.deleteMany(latest.keys())
  }
}
