/**
 * Makes every failed request answer `{ error: { field, message } }`, so that a client can show the
 * message beside the input it belongs to. `build-server.ts` installs it.
 */

import type {
  FastifyError,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifySchemaValidationError,
} from 'fastify'
import { CacheError } from 'tiercel'
import { type Problem, RequestError } from './request-error.ts'

export function answerErrors(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({
      error: { field: 'path', message: `There is nothing at ${request.method} ${request.url}.` },
    }),
  )
  app.setErrorHandler((error: FastifyError, request, reply) => refuse(error, request, reply))
}

/** Answers one failed request; also for addresses that were never routed. */
export function refuse(
  error: FastifyError | RequestError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const status = statusOf(error)
  if (status >= 500) console.error(`${request.method} ${request.url}: ${error.message}`)
  if (status === 503) reply.header('retry-after', '1')
  return reply.code(status).send({ error: problemOf(error, status) })
}

function statusOf(error: FastifyError | RequestError): number {
  // The cache refuses what it cannot do right now: a full queue, a tier that cannot be asked.
  if (error instanceof CacheError) return error.code === 'conflict' ? 409 : 503
  return error.statusCode ?? 500
}

function problemOf(error: FastifyError | RequestError, status: number): Problem {
  if (error instanceof RequestError) return { field: error.field, message: error.message }
  if (status >= 500) return { field: 'server', message: 'The shop cannot do that now; try again.' }
  const [first] = 'validation' in error ? (error.validation ?? []) : []
  if (first !== undefined) return invalid(first, error)
  return { field: fieldOf(error), message: error.message }
}

function fieldOf(error: FastifyError | RequestError): string {
  if ('code' in error && error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return 'content-type'
  return 'code' in error && error.code === 'FST_ERR_BAD_URL' ? 'path' : 'body'
}

/** Names the member that was refused: the schema's own paths begin at the body or the query. */
function invalid(first: FastifySchemaValidationError, error: FastifyError): Problem {
  const { missingProperty, additionalProperty, allowedValues } = first.params
  const place = first.instancePath.slice(1).replaceAll('/', '.')
  const member = missingProperty ?? additionalProperty
  const field = [place, member].filter(Boolean).join('.') || (error.validationContext ?? 'body')
  if (missingProperty !== undefined) return { field, message: 'is missing' }
  if (additionalProperty !== undefined) return { field, message: 'is not known here' }
  if (Array.isArray(allowedValues)) {
    return { field, message: `must be one of ${allowedValues.join(', ')}` }
  }
  return { field, message: first.message ?? 'is not valid' }
}
