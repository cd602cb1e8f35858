import type { FastifyInstance } from 'fastify'
import { answerOne } from '../server/answer-one.ts'
import { oneResource, problems } from '../server/describe-answer.ts'
import { timeWrite } from '../server/time-write.ts'
import { noStock } from './no-stock.ts'
import type { Quote } from './stock.ts'
import type { StockPriceWrites } from './stock-price-writes.ts'
import type { StockPrices } from './stock-prices.ts'
import { symbolParams } from './stock-schemas.ts'

interface BySymbol {
  Params: { readonly symbol: string }
}

const TAGS = ['stocks']

/** Prices of stocks: one is read, one is changed, many are changed at once. */
export function stockRoutes(
  app: FastifyInstance,
  stocks: StockPrices,
  writes: StockPriceWrites,
): void {
  app.get<BySymbol>('/stocks/:symbol', { schema: reading }, ({ params: { symbol } }, reply) =>
    answerOne(reply, noStock('symbol', symbol), () => stocks.read(symbol)),
  )

  app.put<BySymbol & { Body: Pick<Quote, 'priceCents'> }>(
    '/stocks/:symbol',
    { schema: changing },
    async ({ params: { symbol }, body: { priceCents } }, reply) => {
      await timeWrite(reply, () => writes.put({ symbol, priceCents }))
      return reply.code(204).send()
    },
  )

  app.post<{ Body: { readonly prices: readonly Quote[] } }>(
    '/stocks/batch',
    { schema: changingMany },
    async ({ body: { prices } }, reply) => {
      await timeWrite(reply, () => writes.putMany(prices))
      return reply.code(204).send()
    },
  )
}

const reading = {
  tags: TAGS,
  summary: 'The price of a stock, at most two minutes old',
  params: symbolParams,
  response: { 200: oneResource('Stock', 'The stock'), ...problems(400, 404, 503) },
}

const changing = {
  tags: TAGS,
  summary: 'A new price of a stock',
  params: symbolParams,
  body: { $ref: 'StockPrice#' },
  response: {
    204: { description: 'The source has it; the next read loads it', type: 'null' },
    ...problems(400, 404, 413, 415, 503),
  },
}

const changingMany = {
  tags: TAGS,
  summary: 'New prices of many stocks, all of them or none',
  body: { $ref: 'StockPrices#' },
  response: {
    204: { description: 'The source has all of them; the next reads load them', type: 'null' },
    ...problems(400, 404, 413, 415, 503),
  },
}
