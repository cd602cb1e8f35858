import { describe, expect, test } from 'vitest'
import { openShop } from './open-shop.ts'

interface OpenApi {
  readonly openapi: string
  readonly paths: Readonly<
    Record<
      string,
      Readonly<Record<string, { readonly responses: Readonly<Record<string, object>> }>>
    >
  >
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

describe('the API description', () => {
  test('has every route with its answers', async () => {
    const shop = await openShop()
    const { paths } = (await shop.get('/openapi.json')).json() as OpenApi
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, { responses }]) =>
          `${method.toUpperCase()} ${path} ${Object.keys(responses).join(' ')}`,
      ),
    )
    expect(described.sort()).toEqual([
      'DELETE /admin/cache/user/{id} 204 400 401 403 404 429 503',
      'DELETE /products/{id} 204 400 404 503',
      'DELETE /users/{id} 204 400 404 503',
      'GET /activities/{id} 200 400 404 503',
      'GET /admin/cache/stats 200 401 403 404 429 503',
      'GET /admin/cache/user/{id} 200 400 401 403 404 429 503',
      'GET /countries 200 503',
      'GET /dead-letters 200 503',
      'GET /documents/{id} 200 400 404 503',
      'GET /documents/{id}/active-users 200 400 404 503',
      'GET /documents/{id}/versions 200 400 404 503',
      'GET /feed/{userId} 200 400 404 503',
      'GET /health/live 200',
      'GET /health/ready 200 503',
      'GET /inventory/{productId} 200 400 404 503',
      'GET /orders/{id} 200 400 404 503',
      'GET /products 200 400 503',
      'GET /products/{id} 200 400 404 503',
      'GET /products/{id}/details 200 400 404 503',
      'GET /products/{id}/reviews 200 400 404 503',
      'GET /sessions/{id} 200 400 404 503',
      'GET /status 200',
      'GET /stocks/{symbol} 200 400 404 503',
      'GET /users 200 400 503',
      'GET /users/{id} 200 400 404 503',
      'GET /users/{id}/latest-order 200 400 404 503',
      'GET /users/{id}/welcome 200 400 404 503',
      'GET /writes/{writeId} 200 404 503',
      'POST /activities 201 400 404 409 413 415 503',
      'POST /activities/{id}/like 204 400 404 503',
      'POST /admin/cache/cleanup 202 401 403 404 429 503',
      'POST /dead-letters/retry 204 303 403 503',
      'POST /dead-letters/{id}/drop 204 303 400 403 404 503',
      'POST /dead-letters/{id}/retry 204 303 400 403 404 503',
      'POST /documents/{id}/join 204 400 404 413 415 503',
      'POST /inventory/{productId}/reserve 200 400 404 409 413 415 503',
      'POST /inventory/{productId}/restore 200 400 404 409 413 415 503',
      'POST /orders 201 400 404 409 413 415 503',
      'POST /products 201 400 409 413 415 503',
      'POST /sessions 201 400 404 413 415 503',
      'POST /stocks/batch 204 400 404 413 415 503',
      'POST /users 201 400 413 415 503',
      'PUT /documents/{id} 204 400 404 413 415 503',
      'PUT /products/{id} 202 204 400 404 413 415 503',
      'PUT /stocks/{symbol} 204 400 404 413 415 503',
      'PUT /users/{id} 200 400 404 413 415 503',
    ])
  })

  test('names every schema that it refers to', async () => {
    const shop = await openShop()
    const { body } = await shop.get('/openapi.json')
    const { components } = JSON.parse(body) as OpenApi
    const referred = [...body.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)]
    expect(referred.length).toBeGreaterThan(10)
    for (const [, name] of referred) expect(components.schemas).toHaveProperty(String(name))
    expect(Object.keys(components.schemas)).toContain('Product')
  })

  test('is a page whose assets all come from the shop', async () => {
    const shop = await openShop()
    const page = await shop.get('/docs/')
    expect(page.status).toBe(200)
    const addresses = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url)
    expect(addresses.length).toBeGreaterThan(3)
    for (const url of addresses) {
      expect(url).not.toMatch(/^(https?:)?\/\//)
      const asset = new URL(String(url), 'http://shop/docs/').pathname
      expect((await shop.get(asset)).status).toBe(200)
    }
    expect(page.headers['content-security-policy']).toMatch(/default-src 'self'/)
  })
})
