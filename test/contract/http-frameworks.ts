/** The service of `http-cases.ts`, once in each framework. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { serve } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { expressCache, fastifyCache, type HttpCache, honoCache } from '../../src/http/index.ts'

/** One answer of the service, whatever serves it. */
export interface Served {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Readable
}

export interface Asking {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly header: (name: string) => string | undefined
}

export type Service = (asking: Asking) => Promise<Served>

export interface Listening {
  readonly port: number
  readonly close: () => Promise<void>
}

export type Framework = (http: HttpCache, service: Service) => Promise<Listening>

export const frameworks: Readonly<Record<string, Framework>> = {
  async 'Express 5'(http, service) {
    const app = express()
    app.use((_req, res, next) => {
      res.setHeader('x-outer', 'yes')
      next()
    })
    app.use(expressCache(http))
    app.use(async (req, res) => {
      const {
        status = 200,
        headers = {},
        body,
      } = await service({
        method: req.method,
        path: req.path,
        query: req.originalUrl.split('?')[1] ?? '',
        header: (name) => req.get(name),
      })
      res.status(status).set(headers)
      if (body instanceof Readable) body.pipe(res)
      else if (body === undefined) res.end()
      else res.send(body)
    })
    // Else it prints each error.
    app.use((_error: unknown, _req: unknown, res: express.Response, _next: unknown) => {
      res.status(500).send('broken')
    })
    const server = createServer(app)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return {
      port: (server.address() as AddressInfo).port,
      close: () => new Promise((resolve) => server.close(() => resolve())),
    }
  },

  async 'Fastify 5'(http, service) {
    const app = fastify()
    app.addHook('onRequest', (_request, reply, done) => {
      reply.raw.setHeader('x-outer', 'yes')
      done()
    })
    app.addHook('onRequest', fastifyCache(http))
    app.all('*', async (request, reply) => {
      const {
        status = 200,
        headers = {},
        body,
      } = await service({
        method: request.method,
        path: request.url.split('?')[0] ?? '',
        query: request.url.split('?')[1] ?? '',
        header: (name) => request.headers[name]?.toString(),
      })
      return await reply.code(status).headers(headers).send(body)
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    return { port: (app.server.address() as AddressInfo).port, close: () => app.close() }
  },

  async 'Hono 4'(http, service) {
    const app = new Hono()
    app.use(async (context, next) => {
      await next()
      context.res.headers.set('x-outer', 'yes')
    })
    app.use(honoCache(http, app))
    app.all('*', async (context) => {
      const {
        status = 200,
        headers = {},
        body,
      } = await service({
        method: context.req.method,
        path: context.req.path,
        query: context.req.url.split('?')[1] ?? '',
        header: (name) => context.req.header(name),
      })
      const stream = body instanceof Readable ? (Readable.toWeb(body) as ReadableStream) : body
      return new Response(stream ?? null, { status, headers })
    })
    app.onError((_error, context) => context.text('broken', 500))
    const { promise, resolve } = Promise.withResolvers<AddressInfo>()
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, resolve)
    const { port } = await promise
    return { port, close: () => new Promise((done) => void server.close(() => done())) }
  },
}
