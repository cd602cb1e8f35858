/** Single products: read, created, changed and removed. */

import type { FastifyInstance } from 'fastify'
import { answerOne, type OneResource } from '../server/answer-one.ts'
import { idParams } from '../server/api-schemas.ts'
import { oneResource, problems } from '../server/describe-answer.ts'
import { setServerTiming } from '../server/server-timing.ts'
import type { Catalogue } from './catalogue.ts'
import { noProduct } from './no-product.ts'
import type { Product, ProductDraft } from './product.ts'
import type { ProductWrites } from './product-writes.ts'

interface ById {
  Params: { readonly id: number }
}

interface WithDraft {
  Body: ProductDraft
}

const TAGS = ['products']

export function productRoutes(
  app: FastifyInstance,
  { products }: Catalogue,
  writes: ProductWrites,
): void {
  app.get<ById>('/products/:id', { schema: reading }, ({ params: { id } }, reply) =>
    answerOne(reply, noProduct('id', id), () => products.read(id)),
  )

  app.post<WithDraft>('/products', { schema: creating }, async ({ body }, reply) => {
    const startedAt = performance.now()
    const data = await writes.create(body)
    setServerTiming(reply, { tier: 'source', durationMs: performance.now() - startedAt })
    const answer: OneResource<Product> = { cached: false, data }
    return reply.code(201).header('location', `/products/${data.id}`).send(answer)
  })

  app.put<ById & WithDraft>('/products/:id', { schema: changing }, async (request, reply) => {
    const startedAt = performance.now()
    const { id, durability } = await writes.put(request.params.id, request.body)
    const durationMs = performance.now() - startedAt
    setServerTiming(reply, { tier: id === undefined ? 'source' : 'shared', durationMs })
    // With caching off, nothing waits: the source has it.
    if (id === undefined) return reply.code(204).send()
    // Accepted: everybody reads it from now on, and it reaches the source in about a second.
    return reply
      .code(202)
      .header('location', `/writes/${encodeURIComponent(id)}`)
      .send({ id, durability })
  })

  app.delete<ById>('/products/:id', { schema: removing }, async ({ params }, reply) => {
    const startedAt = performance.now()
    await writes.remove(params.id)
    setServerTiming(reply, { tier: 'source', durationMs: performance.now() - startedAt })
    return reply.code(204).send()
  })
}

const reading = {
  tags: TAGS,
  summary: 'One product',
  params: idParams,
  response: { 200: oneResource('Product', 'The product'), ...problems(400, 404, 503) },
}

const creating = {
  tags: TAGS,
  summary: 'A new product; the shop gives it its id',
  body: { $ref: 'ProductDraft#' },
  response: {
    201: {
      ...oneResource('Product', 'The new product'),
      headers: { location: { type: 'string', description: 'Its address' } },
    },
    ...problems(400, 409, 413, 415, 503),
  },
}

const changing = {
  tags: TAGS,
  summary: 'Replaces what a client may say about a product',
  params: idParams,
  body: { $ref: 'ProductDraft#' },
  response: {
    202: {
      description: 'Every read sees the change from now on; the source has it in about a second',
      $ref: 'WriteReceipt#',
      headers: { location: { type: 'string', description: 'What has become of it' } },
    },
    204: { description: 'Of a shop without a cache: the source has it', type: 'null' },
    ...problems(400, 404, 413, 415, 503),
  },
}

const removing = {
  tags: TAGS,
  summary: 'Removes a product with its reviews, stock and prices',
  params: idParams,
  response: {
    204: { description: 'Removed; the next read answers 404', type: 'null' },
    ...problems(400, 404, 503),
  },
}
