import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { askTiercel, runTiercel } from '../../test/cli/run-tiercel.ts'
import { serveAdmin } from '../../test/cli/serve-admin.ts'
import { startRedis } from '../../test/servers/start-redis.ts'
import { createCache } from '../index.ts'
import { redisTier } from '../redis/index.ts'
import { sqliteTier } from '../sqlite/index.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} }
const EVERY = ['--every', '20ms'] as const

function setup() {
  const cache = createCache({ name: 'shop', instance: 'shop-1\u001b[31m', logger: SILENT })
  const products = cache.collection('product', {
    source: (id: number) => ({ id }),
    workload: 'read-heavy',
  })
  const read = async (): Promise<void> => {
    for (let id = 0; id < 40; id += 1) await products.get(id % 10)
  }
  return { cache, products, read }
}

describe('watch', () => {
  test('writes one line each time where its output is no terminal, and ends when it is told', async () => {
    const { cache, read } = setup()
    await using served = await serveAdmin(cache)
    await read()
    const { code, out, err } = await runTiercel(['watch', ...EVERY, '--count', '3', ...served.read])
    expect([code, err]).toEqual([0, ''])
    const lines = out.trimEnd().split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d {2}healthy {2}reads .*\/s {2}hits 75\.0 % {2}loads/)
    // Nothing was read between the looks.
    expect(lines[2]).toContain('reads 0/s  hits -')
    await cache.close()
  })

  test('answers with one object each time for programs', async () => {
    const { cache, read } = setup()
    await using served = await serveAdmin(cache)
    await read()
    const args = ['watch', ...EVERY, '--count', '2', '--json', ...served.read]
    const { out } = await runTiercel(args)
    const looks = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(looks).toHaveLength(2)
    expect(looks[0]).toMatchObject({
      via: 'admin',
      cache: 'shop',
      total: { hits: 30, misses: 10, hitRate: 0.75 },
      health: { state: 'healthy' },
    })
    await cache.close()
  })

  test('draws over its own picture on a terminal, cuts what does not fit, and gives it back', async () => {
    const { cache, read } = setup()
    await using served = await serveAdmin(cache)
    await read()
    const ending = new AbortController()
    const terminal = { size: () => ({ columns: 40, rows: 8 }), colours: true }
    const { code, out } = await runTiercel(['watch', ...EVERY, ...served.read], {
      terminal,
      signal: ending.signal,
      heard: (text) => {
        if (text.split('\u001b[H').length > 3) ending.abort()
      },
    })
    expect(code).toBe(0)
    expect(out.startsWith('\u001b[?1049h\u001b[?25l\u001b[H')).toBe(true)
    const [pictures = '', left = ''] = out.split('\u001b[?25h\u001b[?1049l')
    const [, ...drawn] = pictures.split('\u001b[H')
    for (const picture of drawn) {
      const lines = picture.split('\r\n')
      expect(lines.length).toBeLessThanOrEqual(8)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is taken out
      const plain = lines.map((line) => line.replaceAll(/\u001b\[[\d;]*[mKJ]/g, ''))
      for (const line of plain) expect(line.length).toBeLessThanOrEqual(40)
    }
    // The name of the instance is text, and no colour.
    expect(pictures).toContain('shop-1\\u{1b}[31m')
    expect(left).toMatch(/^shop {2}shop-1/)
    expect(left).toContain('product:*')
    await cache.close()
  })

  test('says since when its figures are old once nobody answers', async () => {
    const { cache } = setup()
    const served = await serveAdmin(cache)
    let gone: Promise<void> | undefined
    const ending = new AbortController()
    const { code, out } = await runTiercel(['watch', ...EVERY, '--json', ...served.read], {
      signal: ending.signal,
      heard: (text) => {
        gone ??= served[Symbol.asyncDispose]() as Promise<void>
        if (text.includes('oldSince')) ending.abort()
      },
    })
    await gone
    expect(code).toBe(0)
    const last = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '')
    expect(last).toMatchObject({ error: { code: 'unreachable' }, oldSince: expect.any(Number) })
    await cache.close()
  })

  test('does not begin where nobody answers', async () => {
    const { code, out } = await runTiercel(['watch', '--url', 'http://127.0.0.1:1'])
    expect([code, out]).toEqual([3, ''])
  })

  test('shows a shared tier without any instance that is asked', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tiercel-watch-'))
    const path = join(folder, 'cache.db')
    const cache = createCache({ name: 'shop', shared: sqliteTier(path), logger: SILENT })
    // A set that comes before the file is open is told to it later.
    await cache.ready()
    await cache.set('a', 1)
    const where = ['--sqlite', path, '--name', 'shop']
    const { code, out } = await runTiercel(['watch', ...EVERY, '--count', '2', ...where])
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^\d\d:\d\d:\d\d {2}entries 1 {2}.* {2}instances 1 {2}waiting 0/),
    ])
    await cache.close()
    rmSync(folder, { recursive: true, force: true })
  })
})

describe('stats', () => {
  test('shows an instance, one pattern, and all instances', async () => {
    await using server = await startRedis()
    const client = new Redis(server.port, '127.0.0.1', { lazyConnect: true })
    const cache = createCache({
      name: 'shop',
      instance: 'one',
      shared: redisTier(client),
      logger: SILENT,
    })
    const products = cache.collection('product', { source: (id: number) => ({ id }) })
    for (let id = 0; id < 20; id += 1) await products.get(id % 5)
    await using served = await serveAdmin(cache)
    const all = await runTiercel(['stats', ...served.read])
    expect(all.code).toBe(0)
    expect(all.out).toMatch(/^shop {2}one {2}for /)
    expect(all.out).toContain('hit rate   75.0 % of 20 reads')
    expect(all.out).toMatch(/^product:\* +20 +75\.0 %/m)
    const one = await askTiercel(['stats', '--pattern', 'product:*', ...served.read])
    expect(one.json).toMatchObject({ pattern: 'product:*', hits: 15, misses: 5 })
    const pattern = await runTiercel(['stats', '--pattern', 'product:*', ...served.read])
    expect(pattern.out).toContain('loads      5 loaded')
    const none = await runTiercel(['stats', '--pattern', 'produkt:*', ...served.read])
    expect([none.code, none.err]).toEqual([2, expect.stringContaining('there is product:*')])
    const fleet = await runTiercel(['stats', '--fleet', ...served.read])
    expect(fleet.out).toMatch(/^one \(asked\) +healthy/m)
    const doctor = await askTiercel(['doctor', ...served.read])
    expect([doctor.code, doctor.json['findings']]).toEqual([0, []])
    await cache.close()
    client.disconnect()
  })

  test('of what may not be seen is refused', async () => {
    const { cache } = setup()
    await using served = await serveAdmin(cache)
    const none = await runTiercel(['stats', '--url', served.url])
    expect([none.code, none.err]).toEqual([5, expect.stringContaining('TIERCEL_ADMIN_TOKEN')])
    const environment = { TIERCEL_ADMIN_URL: served.url, TIERCEL_ADMIN_TOKEN: served.read[3] ?? '' }
    expect((await runTiercel(['stats'], { environment })).code).toBe(0)
    const elsewhere = await runTiercel(['stats', '--url', `${served.url}/elsewhere`])
    expect(elsewhere.code).toBe(1)
    expect(elsewhere.err).toContain('Is the path right')
    await cache.close()
  })
})
