/** The HTTP side of the shop: routes, checks and headers. Called by `build-shop.ts`. */

import fastify, { type FastifyInstance } from 'fastify'
import { documentRoutes } from '../documents/document-routes.ts'
import { activityRoutes } from '../feed/activity-routes.ts'
import { feedRoutes } from '../feed/feed-routes.ts'
import { frontRoutes } from '../front/front-routes.ts'
import { inventoryRoutes } from '../inventory/inventory-routes.ts'
import { adminRoutes } from '../operations/admin-routes.ts'
import { cacheRoutes } from '../operations/cache-routes.ts'
import { healthRoutes } from '../operations/health-routes.ts'
import { queueRoutes } from '../operations/queue-routes.ts'
import { orderRoutes } from '../orders/order-routes.ts'
import { productDetailsRoutes } from '../products/product-details-routes.ts'
import { productListRoutes } from '../products/product-list-routes.ts'
import { productRoutes } from '../products/product-routes.ts'
import { reviewRoutes } from '../products/review-routes.ts'
import type { Shop } from '../shop.ts'
import { statusRoutes } from '../status/status-routes.ts'
import { stockRoutes } from '../stocks/stock-routes.ts'
import { countryRoutes } from '../users/country-routes.ts'
import { sessionRoutes } from '../users/session-routes.ts'
import { trackActivity } from '../users/track-activity.ts'
import { userRoutes } from '../users/user-routes.ts'
import { answerErrors, refuse } from './answer-errors.ts'
import { addSchemas, FORMATS } from './api-schemas.ts'
import { describeApi } from './describe-api.ts'
import { endConnections } from './end-connections.ts'
import { readIntegers } from './read-integers.ts'
import { nameInstance, setAppTiming, timeAnswers } from './time-answers.ts'

/** The largest draft there can be takes less. */
const BODY_BYTES_AT_MOST = 16 * 1_024
/** A client that sends its request drop by drop holds a connection for this long at most. */
const REQUEST_MS_AT_MOST = 10_000
/** Of one part of the server. On a machine that is busy with something else, the usual 10 s are soon over. */
const START_MS_AT_MOST = 60_000

export async function buildServer(shop: Shop): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: BODY_BYTES_AT_MOST,
    requestTimeout: REQUEST_MS_AT_MOST,
    pluginTimeout: START_MS_AT_MOST,
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
  trackActivity(app, shop.customers.users)
  answerErrors(app)
  addSchemas(app)
  await describeApi(app)
  productRoutes(app, shop.catalogue, shop.writes)
  productListRoutes(app, shop.catalogue)
  productDetailsRoutes(app, shop.catalogue)
  reviewRoutes(app, shop.catalogue)
  inventoryRoutes(app, shop.catalogue, shop.inventoryWrites)
  userRoutes(app, shop.customers, shop.userWrites)
  sessionRoutes(app, shop.sessions)
  countryRoutes(app, shop.customers)
  orderRoutes(app, shop.orders, shop.orderWrites)
  stockRoutes(app, shop.stockPrices, shop.stockPriceWrites)
  documentRoutes(app, shop.documents, shop.documentWrites)
  feedRoutes(app, shop.feeds)
  activityRoutes(app, shop.feeds, shop.activityWrites)
  // Nothing waits where there is no cache to wait in.
  if (shop.caching === 'on') queueRoutes(app, shop.catalogue)
  frontRoutes(app)
  statusRoutes(app, shop)
  healthRoutes(app, shop)
  cacheRoutes(app, shop)
  adminRoutes(app, shop.administration)
  return app
}
