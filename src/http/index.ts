/**
 * Door of `tiercel/http`: responses kept by the rules of HTTP, over web-standard requests and responses, and
 * the way there from Express, Fastify and Hono.
 */

export { createHttpCache } from './create-http-cache.ts'
export { expressCache } from './express-cache.ts'
export { fastifyCache } from './fastify-cache.ts'
export { honoCache } from './hono-cache.ts'
export type {
  ActiveKey,
  HandleOptions,
  HttpCache,
  HttpCacheOptions,
  HttpOverride,
  HttpPolicy,
  HttpRoute,
  Next,
} from './http-options.ts'
