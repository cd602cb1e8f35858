/** The page at `/shop`, for people: they click, and watch the dashboard beside it. */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname } from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { CATEGORIES } from '../products/product.ts'

/** Everything from here, and no text ever becomes HTML or script. */
const POLICY = [
  ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"],
  ...["base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"],
  "require-trusted-types-for 'script'",
].join('; ')

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
}

interface Asset {
  readonly body: string
  readonly type: string
  readonly etag: string
}

export function frontRoutes(app: FastifyInstance): void {
  const assets = readAssets()
  for (const [name, asset] of assets) {
    const path = name === 'index.html' ? '/shop' : `/shop/${name}`
    app.get(path, { schema: { hide: true } }, async (request, reply) => give(asset, request, reply))
  }
}

/** A browser keeps what it has, and asks whether it still is what is there. */
function give(asset: Asset, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.headers({
    'content-security-policy': POLICY,
    'cache-control': 'no-cache',
    etag: asset.etag,
  })
  if (request.headers['if-none-match'] === asset.etag) return reply.code(304).send()
  return reply.type(asset.type).send(asset.body)
}

/** By their names. Few and small, so they are read once. */
function readAssets(): ReadonlyMap<string, Asset> {
  const folder = new URL('page/', import.meta.url)
  const names = readdirSync(folder).filter((name) => extname(name) in TYPES)
  return new Map(
    names.map((name) => {
      const text = readFileSync(new URL(name, folder), 'utf8')
      const body = text.replace('{{categories}}', CATEGORIES.join(' '))
      const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
      return [name, { body, type: TYPES[extname(name)] ?? '', etag }]
    }),
  )
}
