/** Changes that wait for the source, for those who made them and for the people on call. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ArgumentError } from 'tiercel'
import type { Catalogue } from '../products/catalogue.ts'
import { idParams, writeIdParams } from '../server/api-schemas.ts'
import { problems } from '../server/describe-answer.ts'
import { refuseOtherSites } from '../server/refuse-other-sites.ts'
import { RequestError } from '../server/request-error.ts'
import { deadLetters } from './dead-letters.ts'

interface ById {
  Params: { readonly id: number }
}

const TAGS = ['writes']
const LETTERS_AT_MOST = 100

export function queueRoutes(app: FastifyInstance, catalogue: Catalogue): void {
  const { queue } = catalogue.products

  app.get<{ Params: { readonly writeId: string } }>(
    '/writes/:writeId',
    { schema: asking },
    async ({ params: { writeId: id } }) => {
      try {
        return { id, state: await queue.state(id) }
      } catch (error) {
        if (!(error instanceof ArgumentError)) throw error
        throw new RequestError(404, { field: 'writeId', message: 'No change has this id.' })
      }
    },
  )

  app.get('/dead-letters', { schema: listing }, async () => {
    const [{ deadLetters: total }, letters] = await Promise.all([
      queue.status(),
      deadLetters(catalogue, LETTERS_AT_MOST),
    ])
    const items = letters.map(({ key, error, attempts, diedAt, id, value }) => ({
      productId: key,
      error,
      attempts,
      diedAt,
      writeId: id,
      product: value,
    }))
    return { total, items }
  })

  app.register((changing, _, ready) => {
    changing.addHook('onRequest', refuseOtherSites)
    // The buttons of the status page are forms without fields.
    changing.addContentTypeParser(FORM, { parseAs: 'string' }, async () => undefined)

    changing.post('/dead-letters/retry', { schema: retryingAll }, async (request, reply) => {
      await queue.retry()
      return done(request, reply)
    })

    changing.post<ById>('/dead-letters/:id/retry', { schema: retrying }, async (request, reply) => {
      const { id } = request.params
      if ((await queue.retry([id])) === 0) throw noLetter(id)
      return done(request, reply)
    })

    changing.post<ById>('/dead-letters/:id/drop', { schema: dropping }, async (request, reply) => {
      const { id } = request.params
      if ((await queue.drop([id])) === 0) throw noLetter(id)
      return done(request, reply)
    })
    ready()
  })
}

const FORM = 'application/x-www-form-urlencoded'

/** Browsers are led back to the page. */
function done({ headers }: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (headers.accept?.includes('text/html')) return reply.redirect('/', 303)
  return reply.code(204).send()
}

function noLetter(id: number): RequestError {
  return new RequestError(404, { field: 'id', message: `Product ${id} has no dead letter.` })
}

const asking = {
  tags: TAGS,
  summary: 'What has become of a change',
  params: writeIdParams,
  response: { 200: { description: 'Its state', $ref: 'Write#' }, ...problems(404, 503) },
}

const listing = {
  tags: TAGS,
  summary: 'Changes that the source has refused for good',
  response: { 200: { description: 'How many, and some', $ref: 'DeadLetters#' }, ...problems(503) },
}

const answers = {
  204: { description: 'Done', type: 'null' },
  303: { description: 'Done; for browsers, back to the page', type: 'null' },
}

const retryingAll = {
  tags: TAGS,
  summary: 'Queues all dead letters again, once what was wrong is mended',
  response: { ...answers, ...problems(403, 503) },
}

const retrying = {
  tags: TAGS,
  summary: 'Queues the dead letter of a product again',
  params: idParams,
  response: { ...answers, ...problems(400, 403, 404, 503) },
}

const dropping = {
  tags: TAGS,
  summary: 'Forgets the dead letter of a product; readers see what the source has already',
  params: idParams,
  response: { ...answers, ...problems(400, 403, 404, 503) },
}
