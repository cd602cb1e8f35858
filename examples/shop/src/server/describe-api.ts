import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'

/** All from here. The plugin's own policy would send browsers of other machines to HTTPS. */
const POLICY =
  "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'none'"

/**
 * Serves the OpenAPI description as JSON at `/openapi.json` and as a page at `/docs`, with all its
 * assets from here. Has to be called before the routes are added, which it collects.
 */
export async function describeApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tiercel shop',
        description: 'A shop that reads and writes through Tiercel.',
        version: '1.0.0',
      },
      tags: [
        { name: 'products', description: 'The catalogue' },
        { name: 'reviews', description: 'What customers say' },
        { name: 'inventory', description: 'What is in stock' },
        { name: 'users', description: 'Customers, and where they live' },
        { name: 'orders', description: 'What customers have bought' },
        { name: 'stocks', description: 'Prices of stocks' },
        { name: 'documents', description: 'What several people work on' },
        { name: 'feed', description: 'What users tell those who follow them' },
        {
          name: 'writes',
          description: 'Changes that wait for the source, and those that it refused',
        },
        { name: 'cache', description: 'What is cached of users, for whoever has ADMIN_TOKEN' },
        { name: 'operations', description: 'Status and health' },
      ],
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    refResolver: { buildLocalReference: (schema) => String(schema['$id']) },
  })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: POLICY,
    // The page would otherwise ask a validator elsewhere.
    uiConfig: { validatorUrl: 'none' },
  })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
}
