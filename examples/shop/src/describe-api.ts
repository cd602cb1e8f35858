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
        description: 'A product catalogue that reads and writes through Tiercel.',
        version: '1.0.0',
      },
      tags: [
        { name: 'products', description: 'The catalogue' },
        { name: 'reviews', description: 'What customers say' },
        { name: 'inventory', description: 'What is in stock' },
        { name: 'users', description: 'Customers, and where they live' },
        {
          name: 'writes',
          description: 'Changes that wait for the source, and those that it refused',
        },
        { name: 'operations', description: 'Status and health' },
      ],
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
