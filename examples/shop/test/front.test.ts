/** The page for people, as it is served. What it does is clicked through in `test/dashboard/`. */

import fastify from 'fastify'
import { describe, expect, test } from 'vitest'
import { frontRoutes } from '../src/front/front-routes.ts'

/** The routes of the page alone. */
function setup() {
  const app = fastify()
  frontRoutes(app)
  return {
    get: async (url: string, headers: Readonly<Record<string, string>> = {}) => {
      const { statusCode, body, headers: sent } = await app.inject({ url, headers })
      return { status: statusCode, body, headers: sent }
    },
  }
}

describe('the front page', () => {
  test('has all that it refers to here, and lets nothing else in', async () => {
    const shop = setup()
    const left = ['/shop']
    const types = new Set<string>()
    const seen = new Set(left)
    for (let path = left.pop(); path !== undefined; path = left.pop()) {
      const { status, body, headers } = await shop.get(path)
      expect(status, path).toBe(200)
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/)
      types.add(String(headers['content-type']))
      for (const [, one = ''] of body.matchAll(/(?:from '|(?:src|href)=")([^'"]+\.\w+)['"]/g)) {
        const next = new URL(one, `http://shop/shop/`).pathname
        if (!seen.has(next)) left.push(next)
        seen.add(next)
      }
    }
    expect(seen.size).toBeGreaterThan(8)
    expect([...types].sort()).toEqual(
      ['css', 'html', 'javascript'].map((type) => `text/${type}; charset=utf-8`),
    )
  })

  test('is not sent again to whoever has it', async () => {
    const shop = setup()
    const { headers } = await shop.get('/shop/main.js')
    const again = await shop.get('/shop/main.js', { 'if-none-match': String(headers['etag']) })
    expect([again.status, again.body]).toEqual([304, ''])
    const other = await shop.get('/shop/main.js', { 'if-none-match': '"another"' })
    expect(other.status).toBe(200)
  })

  test('offers every category', async () => {
    const shop = setup()
    expect((await shop.get('/shop')).body).toContain('data-categories="audio books cycling ')
  })
})
