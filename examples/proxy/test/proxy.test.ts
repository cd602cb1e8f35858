/** The proxy as it is started, before an origin that counts what comes there. */

import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { startRedis } from '../../../test/servers/start-redis.ts'
import { until } from '../../../test/servers/until.ts'
import { askAs } from './ask-as.ts'
import { startOrigin, startProxyProcess } from './start-proxies.ts'

const status = (response: Response): string => response.headers.get('cache-status') ?? ''

test('several processes on one Redis share answers and what invalidates them', async () => {
  await using redis = await startRedis()
  let price = 1
  const origin = await startOrigin((req, res) => {
    res.setHeader('cache-control', 'max-age=600')
    if (req.method === 'PUT') {
      price += 1
      return res.writeHead(204, { 'cache-invalidate-tags': 'products' }).end()
    }
    res.setHeader('cache-tags', 'products').end(`${req.url} costs ${price}`)
  })
  const args = ['--origin', origin.url, '--redis', redis.url]
  const [one, two] = await Promise.all([startProxyProcess(...args), startProxyProcess(...args)])

  // Whoever asks first fetches for both, as soon as both have found their Redis.
  await until('an answer of one is known to the other', async () => {
    const path = `/warm/${origin.asked.length}`
    await askAs('shop.test', `${one.url}${path}`)
    return (await askAs('shop.test', `${two.url}${path}`)).status.startsWith('http; hit')
  })
  const before = origin.asked.length
  expect((await askAs('shop.test', `${one.url}/products`)).body).toBe('/products costs 1')
  expect(await askAs('shop.test', `${two.url}/products`)).toEqual({
    body: '/products costs 1',
    status: expect.stringMatching(/^http; hit/),
  })
  expect(origin.asked.slice(before)).toEqual(['GET /products'])

  // The write goes by way of one, and the other hears of it.
  await askAs('shop.test', `${one.url}/products/7`, 'PUT')
  expect((await askAs('shop.test', `${one.url}/products`)).body).toBe('/products costs 2')
  await until('the other has heard of the write', async () => {
    return (await askAs('shop.test', `${two.url}/products`)).body === '/products costs 2'
  })
})

test('bytes pass as they are: compressed, with the fields of the origin, a 304 and a 206', async () => {
  const packed = gzipSync('a page')
  const origin = await startOrigin((req, res) => {
    if (req.headers.range !== undefined) {
      return res.writeHead(206, { 'content-range': 'bytes 0-1/6' }).end('a ')
    }
    const fields = { 'content-encoding': 'gzip', etag: '"a"', 'keep-alive': 'x', 'x-one': '1' }
    res.writeHead(200, { ...fields, 'cache-control': 'max-age=60' }).end(packed)
  })
  const proxy = await startProxyProcess('--origin', origin.url)
  for (const expected of [/^http; fwd=uri-miss; stored$/, /^http; hit; ttl=/]) {
    const response = await fetch(`${proxy.url}/page`)
    expect(await response.text()).toBe('a page')
    expect(status(response)).toMatch(expected)
    expect(response.headers.get('x-one')).toBe('1')
    expect(response.headers.get('via')).toBe('1.1 tiercel-proxy')
  }
  // Else `fetch` insists by `no-cache`.
  const conditional = { 'if-none-match': '"a"', 'cache-control': 'max-age=600' }
  const unchanged = await fetch(`${proxy.url}/page`, { headers: conditional })
  expect(unchanged.status).toBe(304)
  const part = await fetch(`${proxy.url}/page`, { headers: { range: 'bytes=0-1' } })
  expect([part.status, await part.text()]).toEqual([206, 'a '])
  expect(origin.asked).toEqual(['GET /page', 'GET /page'])
})

test('an origin that is gone, or answers with what is no status, is a 502; the proxy lives on', async () => {
  const origin = await startOrigin((req, res) => {
    if (req.url === '/gone') return void res.socket?.destroy()
    if (req.url === '/odd') return res.writeHead(999).end()
    if (req.url === '/broken') return void res.writeHead(200).write('half', () => res.destroy())
    res.end('fine')
  })
  const proxy = await startProxyProcess('--origin', origin.url)
  expect((await fetch(`${proxy.url}/gone`)).status).toBe(502)
  expect((await fetch(`${proxy.url}/odd`)).status).toBe(502)
  await expect(fetch(`${proxy.url}/broken`).then((response) => response.text())).rejects.toThrow()
  expect(await (await fetch(`${proxy.url}/fine`)).text()).toBe('fine')
  proxy.child.kill('SIGTERM')
  expect(await proxy.ended).toBe(0)
})

test('settings that cannot be used are named', async () => {
  await expect(startProxyProcess('--origin', 'ftp://a')).rejects.toThrow('--origin (or ORIGIN)')
  await expect(startProxyProcess('--port', '70000')).rejects.toThrow('--port (or PORT)')
})
