/** The HTTP side of the shop: routes, checks and headers. Called by `build-shop.ts`. */

import fastify, { type FastifyInstance } from 'fastify'
import { answerErrors, refuse } from './answer-errors.ts'
import { addSchemas, FORMATS } from './api-schemas.ts'
import { describeApi } from './describe-api.ts'
import { endConnections } from './end-connections.ts'
import { readIntegers } from './read-integers.ts'
import { countryRoutes } from './routes/country-routes.ts'
import { healthRoutes } from './routes/health-routes.ts'
import { inventoryRoutes } from './routes/inventory-routes.ts'
import { productDetailsRoutes } from './routes/product-details-routes.ts'
import { productListRoutes } from './routes/product-list-routes.ts'
import { productRoutes } from './routes/product-routes.ts'
import { queueRoutes } from './routes/queue-routes.ts'
import { reviewRoutes } from './routes/review-routes.ts'
import { statusRoutes } from './routes/status-routes.ts'
import { userRoutes } from './routes/user-routes.ts'
import type { Shop } from './shop.ts'
import { nameInstance, setAppTiming, timeAnswers } from './time-answers.ts'

/** The largest draft there can be takes less. */
const BODY_BYTES_AT_MOST = 16 * 1_024
/** A client that sends its request drop by drop holds a connection for this long at most. */
const REQUEST_MS_AT_MOST = 10_000

export async function buildServer(shop: Shop): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: BODY_BYTES_AT_MOST,
    requestTimeout: REQUEST_MS_AT_MOST,
    // Addresses that cannot be read come here, past all hooks.
    frameworkErrors: (error, request, reply) => {
      setAppTiming(reply, undefined)
      nameInstance(reply, shop.instance)
      refuse(error, request, reply)
    },
    ajv: {
      // As they come, all three would quietly repair a wrong request instead of naming the field.
      customOptions: { coerceTypes: false, removeAdditional: false, formats: FORMATS },
    },
  })
  timeAnswers(app, shop.instance)
  endConnections(app)
  app.addHook('preValidation', readIntegers)
  app.addHook('onSend', async (_, reply) => {
    reply.header('x-content-type-options', 'nosniff')
  })
  answerErrors(app)
  addSchemas(app)
  await describeApi(app)
  productRoutes(app, shop.catalogue, shop.writes)
  productListRoutes(app, shop.catalogue)
  productDetailsRoutes(app, shop.catalogue)
  reviewRoutes(app, shop.catalogue)
  inventoryRoutes(app, shop.catalogue)
  userRoutes(app, shop.customers)
  countryRoutes(app, shop.customers)
  queueRoutes(app, shop.catalogue)
  statusRoutes(app, shop)
  healthRoutes(app, shop)
  return app
}
