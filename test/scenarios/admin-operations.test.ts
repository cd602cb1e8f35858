/** What a person on call does with the admin API, on a real cache with a shared tier. */

import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { AdminAuditRecord } from '../../src/admin/index.ts'
import { createAdmin } from '../../src/admin/index.ts'
import { openAdmin, READ, requestOf, WRITE } from './open-admin.ts'

interface Invalidated {
  readonly matched: number | null
  readonly complete: boolean
  readonly done: boolean
  readonly state: string
}

interface Letters extends ReadonlyArray<{ readonly key: string; readonly error: string }> {}

const orders: readonly (readonly [string, object, number | null, readonly string[]])[] = [
  ['a key', { keys: ['greeting'] }, 1, ['greeting']],
  ['a key that is a number', { collection: 'product', keys: ['1', '9'] }, 1, ['1']],
  [
    'a key with its type',
    { collection: 'product', keys: [{ key: '1', keyType: 'number' }, { key: '2' }] },
    2,
    ['1', '2'],
  ],
  [
    'a key that is no text',
    { collection: 'product', keys: [{ key: '1', keyType: 'string' }] },
    0,
    [],
  ],
  ['a tag', { tags: ['lamp:1'] }, null, ['1', '3']],
  ['any of two tags', { tags: ['lamp:1', 'text'] }, null, ['1', '3', 'greeting']],
  ['all of two tags', { tags: ['lamp:1', 'text'], match: 'all' }, null, []],
  ['a pattern', { collection: 'product', pattern: '[12]' }, null, ['1', '2']],
  ['a pattern of plain keys', { pattern: 'gr*' }, null, ['greeting']],
  ['a collection', { collection: 'product', everything: true }, null, ['1', '2', '3']],
  ['everything', { everything: true }, null, ['1', '2', '3', 'greeting']],
]

describe('an invalidation', () => {
  test.each(orders)(
    'of %s counts first, and then takes just that',
    async (_, body, matched, gone) => {
      const { json } = await openAdmin()
      const left = async (): Promise<string[]> => {
        const found: string[] = []
        for (const key of ['1', '2', '3', 'greeting']) {
          const collection = key === 'greeting' ? '' : 'product'
          const { found: isThere } = await json<{ found: boolean }>(
            `entry?collection=${collection}&key=${key}`,
          )
          if (isThere) found.push(key)
        }
        return found
      }
      const dry = await json<Invalidated>('invalidate', { body: { ...body, dryRun: true } })
      expect(dry).toMatchObject({
        matched: gone.length,
        complete: true,
        done: false,
        state: 'dry-run',
      })
      expect(await left()).toEqual(['1', '2', '3', 'greeting'])

      const real = await json<Invalidated>('invalidate', { body })
      expect(real).toMatchObject({ matched, done: true, state: 'done' })
      expect(await left()).toEqual(['1', '2', '3', 'greeting'].filter((key) => !gone.includes(key)))
    },
  )

  test.each([
    [{}, 'body'],
    [{ keys: ['a'], tags: ['b'] }, 'body'],
    [{ collection: 'product', tags: ['b'] }, 'collection'],
    [{ keys: ['a'], match: 'all' }, 'match'],
    [{ keys: [] }, 'keys'],
    [{ keys: [{ key: 'x', keyType: 'number' }], collection: 'product' }, 'key'],
    [{ everything: false }, 'everything'],
    [{ tags: [''] }, 'tags[0]'],
    [{ pattern: '[' }, 'pattern'],
    [{ key: 'a' }, 'body'],
    [{ keys: ['\ud800'] }, 'keys[0]'],
  ])('%j is refused by naming %s', async (body, field) => {
    const { ask } = await openAdmin()
    const answer = await ask('invalidate', { token: WRITE, body })
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { field } }])
  })

  test('of a collection that there is not is refused', async () => {
    const { ask } = await openAdmin()
    const body = { collection: 'nobody', keys: ['a'] }
    expect((await ask('invalidate', { token: WRITE, body })).status).toBe(404)
  })

  test('of a tag is counted over all entries, and a key once however often it is named', async () => {
    const { cache, json } = await openAdmin()
    const entries = Array.from({ length: 250 }, (_, n) => [`key ${n}`, n] as const)
    await cache.setMany(entries, { tags: ['bulk'] })
    const byTag = { tags: ['bulk', 'text'], dryRun: true }
    expect(await json('invalidate', { body: byTag })).toMatchObject({
      matched: 251,
      complete: true,
    })
    const keys = [...entries.map(([key]) => key), 'key 1', 'nobody']
    const byKey = { keys, dryRun: true }
    expect(await json('invalidate', { body: byKey })).toMatchObject({
      matched: 250,
      complete: true,
    })
  })

  test('that is to count more than there is time for says so', async () => {
    const { cache, json } = await openAdmin({ countFor: 1 })
    await cache.setMany(Array.from({ length: 20_000 }, (_, n) => [`key ${n}`, n] as const))
    const body = { tags: ['text'], dryRun: true }
    expect(await json('invalidate', { body })).toMatchObject({ complete: false, done: false })
  })
})

describe('the key inspector', () => {
  test('shows where an entry lives and what it lives by, and no value unless that is asked for', async () => {
    const { json } = await openAdmin()
    const lives = {
      ageMs: expect.any(Number),
      freshUntil: expect.any(Number),
      graceUntil: expect.any(Number),
      sizeBytes: expect.any(Number),
    }
    expect(await json('entry?collection=product&key=1')).toEqual({
      collection: 'product',
      key: '1',
      keyType: 'number',
      found: true,
      entry: {
        tiers: ['memory', 'shared'],
        ...lives,
        memory: lives,
        shared: lives,
        loadMs: expect.any(Number),
        tags: ['lamp:1'],
        schemaVersion: 0,
        absent: false,
        pending: false,
      },
      value: null,
    })
    const shown = await openAdmin({ values: 'shown' })
    expect(await shown.json('entry?collection=product&key=1')).toMatchObject({
      value: { json: '{"name":"Lamp 1"}', truncated: false },
    })
    await shown.cache.set('long', 'x'.repeat(70_000))
    const long = await shown.json<{ value: { json: string } }>('entry?key=long')
    expect(long).toMatchObject({ value: { truncated: true } })
    expect(long.value.json).toHaveLength(65_536)
  })

  test('says that there is nothing', async () => {
    const { json } = await openAdmin()
    expect(await json('entry?collection=product&key=4711')).toEqual({
      collection: 'product',
      key: '4711',
      keyType: 'string',
      found: false,
      entry: null,
      value: null,
    })
  })
})

const hostile = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'; DROP TABLE users; --",
  '{{constructor.constructor("alert(1)")()}}',
  '__proto__',
  'constructor',
  '../../../etc/passwd',
  'a\r\nSet-Cookie: x=y',
  '\u0000\u001b[31m',
  '\u202etxt.exe',
  '*?[a-z]\\',
  '%2e%2e%2f&key=other#',
  '💥'.repeat(100),
]

describe('keys and tags that mean harm', () => {
  test.each(hostile)('are keys and tags like any other: %j', async (text) => {
    const { cache, json } = await openAdmin({ values: 'shown' })
    await cache.setMany(
      [text, `${text} other`].map((key) => [key, { [text]: text }] as const),
      {
        tags: [text],
      },
    )
    const entry = `entry?key=${encodeURIComponent(text)}`
    expect(await json(entry)).toMatchObject({
      key: text,
      found: true,
      entry: { tags: [text] },
      value: { json: JSON.stringify({ [text]: text }) },
    })
    const byKey = { keys: [text] }
    expect(await json('invalidate', { body: { ...byKey, dryRun: true } })).toMatchObject({
      matched: 1,
    })
    await json('invalidate', { body: byKey })
    expect(await json(entry)).toMatchObject({ found: false })
    const byTag = { tags: [text] }
    expect(await json('invalidate', { body: { ...byTag, dryRun: true } })).toMatchObject({
      matched: 1,
    })
    await json('invalidate', { body: byTag })
    expect(await json('invalidate', { body: { ...byTag, dryRun: true } })).toMatchObject({
      matched: 0,
    })
    expect(await cache.get('greeting')).toBe('hello')
    expect(Object.keys(Object.prototype)).toEqual([])
  })
})

describe('dead letters', () => {
  test('are listed, queued again and dropped', async () => {
    const { products, refused, rows, json } = await openAdmin({ values: 'shown' })
    refused.add(1).add(2)
    await products.put(1, { name: 'Dear' })
    await products.put(2, { name: 'Dearer' })
    await products.flush()
    expect(await json('queues')).toEqual([
      { collection: 'product', waiting: 0, bytes: 0, oldestMs: 0, deadLetters: 2, error: '' },
    ])
    const letters = await json<Letters>('queues/product/dead-letters')
    expect(letters.toSorted((a, b) => a.key.localeCompare(b.key))).toMatchObject([
      {
        key: '1',
        keyType: 'number',
        kind: 'put',
        error: 'Error: no 1',
        value: { json: '{"name":"Dear"}' },
      },
      { key: '2', keyType: 'number', kind: 'put', error: 'Error: no 2' },
    ])
    expect(await json('queues/product/dead-letters?limit=1')).toHaveLength(1)

    refused.clear()
    expect(await json('queues/product/retry', { body: { keys: ['1'] } })).toEqual({ retried: 1 })
    await products.flush()
    expect(rows.get(1)).toEqual({ name: 'Dear' })
    expect(await json('queues/product/drop', { body: { keys: ['2'] } })).toEqual({ dropped: 1 })
    expect(await json('queues')).toMatchObject([{ deadLetters: 0 }])
    expect(rows.get(2)).toEqual({ name: 'Lamp 2' })
  })
})

describe('work that goes on', () => {
  test('is answered at once, and tells later how it came out', async () => {
    const { json, ask } = await openAdmin()
    expect(await json('clean-up')).toEqual({ state: 'never' })
    const answer = await ask('clean-up', { token: WRITE, body: {} })
    expect([answer.status, await answer.json()]).toEqual([202, { state: 'begun' }])
    await expect
      .poll(() => json('clean-up'))
      .toMatchObject({ state: 'done', report: { outcome: 'done', removed: 0 }, error: '' })
    const body = { collection: 'product' }
    expect(await json('warm', { body })).toEqual({ state: 'begun' })
  })

  test('that cannot be done at all is refused', async () => {
    const { ask } = await openAdmin()
    const body = { collection: 'nobody' }
    expect((await ask('warm', { token: WRITE, body })).status).toBe(404)
  })
})

describe('every change', () => {
  test('is told and remembered, without the keys it names', async () => {
    const told: AdminAuditRecord[] = []
    const { ask, json } = await openAdmin({
      onAudit: (record) => {
        told.push(record)
        throw new Error('a listener that fails')
      },
    })
    await ask('invalidate', { token: WRITE, body: { keys: ['greeting'], dryRun: true } })
    await ask('invalidate', { token: WRITE, body: { keys: ['greeting', 'other'] } })
    await ask('modes', { token: READ, body: { collection: 'product', mode: 'off' } })
    await ask('modes', { token: WRITE, body: { collection: 'product', mode: 'off' } })
    await ask('clean-up', { token: WRITE, body: {} })
    await ask('stats', { token: WRITE })
    const digest = createHash('sha256').update('greeting').digest('hex').slice(0, 16)
    const by = { role: 'write', via: 'token', remoteAddress: '127.0.0.1' }
    expect(told).toMatchObject([
      {
        number: 1,
        action: 'invalidate',
        ...by,
        what: 'keys',
        count: 2,
        outcome: 'done',
        status: 200,
      },
      { number: 2, action: 'modes', role: 'read', what: '', outcome: 'refused', status: 403 },
      { number: 3, action: 'modes', collection: 'product', what: 'off, instance', outcome: 'done' },
      { number: 4, action: 'clean-up', outcome: 'begun', status: 202 },
    ])
    expect(told[0]?.names).toEqual([digest, expect.stringMatching(/^[\da-f]{16}$/)])
    expect(await json('audit')).toEqual(told.toReversed())
    expect(await json('audit?limit=1')).toEqual([told[3]])
  })

  test('names its keys where that is asked for', async () => {
    const { ask, json } = await openAdmin({ auditKeys: 'shown' })
    await ask('invalidate', { token: WRITE, body: { keys: ['greeting'] } })
    expect(await json('audit')).toMatchObject([{ names: ['greeting'] }])
  })
})

describe('what is live', () => {
  test('tells of an eviction by tag within a second, and of who has made it', async () => {
    const { ask, cache } = await openAdmin()
    const answer = await ask('live', { token: READ })
    expect(answer.headers.get('content-type')).toBe('text/event-stream')
    const events: [string, Record<string, unknown>][] = []
    const reading = (async () => {
      const decoder = new TextDecoder()
      for await (const chunk of answer.body ?? []) {
        const [, event = '', data = ''] =
          /^event: (.*)\ndata: (.*)\n\n$/.exec(decoder.decode(chunk)) ?? []
        if (event !== '') events.push([event, JSON.parse(data)])
      }
    })()
    const askedAt = performance.now()
    await ask('invalidate', { token: WRITE, body: { tags: ['lamp:1'] } })
    await expect.poll(() => events.map(([event]) => event)).toContain('invalidation')
    expect(performance.now() - askedAt).toBeLessThan(1_000)
    const found = Object.fromEntries(events)
    expect(found['invalidation']).toMatchObject({ kind: 'tags', origin: 'local', calls: 1 })
    expect(found['audit']).toMatchObject({ action: 'invalidate', what: 'tags' })
    expect(found['stats']).toMatchObject({ cache: 'shop', instance: 'shop-1' })
    await cache.close()
    await ask('live', { token: READ, method: 'HEAD' })
    await answer.body?.cancel().catch(() => {})
    void reading
  })
})

describe('the figures', () => {
  test('are those of the cache, and of each pattern with its verdict', async () => {
    const { products, json } = await openAdmin()
    for (let n = 0; n < 10; n += 1) await products.get(1)
    await expect
      .poll(() => json('patterns/product%3A*'))
      .toMatchObject({
        pattern: 'product:*',
        workload: null,
        expectedRange: { excellent: 0.95, good: 0.85, fair: 0.7 },
        hits: 10,
        misses: 3,
        total: 13,
        hitRate: 10 / 13,
        averageLatencyMs: expect.any(Number),
        verdict: 'unknown',
        timestamp: expect.any(Number),
      })
    expect(await json('fleet')).toMatchObject([{ instance: 'shop-1', own: true }])
    expect(await json('health')).toEqual({ state: 'healthy', reasons: [] })
    expect(await json('patterns/nobody%3A*')).toMatchObject({ error: { field: 'pattern' } })
  })
})

describe('the description', () => {
  test('names every route once, with what it takes', async () => {
    const { json, ask } = await openAdmin()
    const { openapi, paths } = await json<{
      openapi: string
      paths: Record<string, Record<string, { operationId: string }>>
    }>('openapi.json')
    expect(openapi).toBe('3.1.0')
    const ids = Object.values(paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    )
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toContain('post-queues-collection-retry')
    expect(paths['/tiercel/api/v1/patterns/{pattern}']).toHaveProperty('get')

    const page = await ask('docs', { token: READ })
    const html = await page.text()
    expect(html).not.toMatch(/<script|style=|\son\w+=/)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    for (const path of Object.keys(paths)) {
      if (path.includes('/health/')) continue
      expect(html).toContain(path.replaceAll(/\{(\w+)\}/g, ':$1'))
    }
  })
})

describe('pages', () => {
  const files = new Map([
    ['', { body: '<!doctype html>', type: 'text/html; charset=utf-8', etag: '"1"' }],
    ['app-1.js', { body: 'void 0', type: 'text/javascript', caching: 'immutable' as const }],
  ])
  const dashboard = { asset: (path: string) => files.get(path) }

  test('are served without a token, to this machine alone, and hold to a policy', async () => {
    const { ask } = await openAdmin({ dashboard })
    const page = await ask('/tiercel/')
    expect([page.status, await page.text()]).toEqual([200, '<!doctype html>'])
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'")
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe')
    const known = await ask('/tiercel/', { headers: { 'if-none-match': '"1"' } })
    expect([known.status, await known.text()]).toEqual([304, ''])
    const script = await ask('/tiercel/app-1.js')
    expect(script.headers.get('cache-control')).toContain('immutable')
    expect((await ask('/tiercel')).headers.get('location')).toBe('/tiercel/')
    expect((await ask('/tiercel/other.js')).status).toBe(404)
    expect((await ask('/tiercel/', { method: 'POST', body: {} })).status).toBe(404)
    expect((await ask('/tiercel/', { remoteAddress: '10.0.0.7' })).status).toBe(403)
    expect((await ask('/tiercel/', { headers: { host: 'evil.example' } })).status).toBe(421)
  })

  test('are not there where no token is set', async () => {
    const { ask } = await openAdmin({ dashboard, tokens: {}, token: '' })
    for (const path of ['/tiercel/', '/tiercel', '/tiercel/app-1.js']) {
      expect((await ask(path)).status).toBe(404)
    }
  })
})

describe('a route of the application', () => {
  test('is guarded by the same right', async () => {
    const { admin } = await openAdmin()
    const origin = { remoteAddress: '127.0.0.1' }
    const refused = (token: string | undefined, method = 'GET'): number | undefined =>
      admin.refusal(requestOf('/own/route', { token, method }), 'write', origin)?.status
    expect([refused(undefined), refused('wrong-token-of-this'), refused(READ)]).toEqual([
      401, 401, 403,
    ])
    expect([refused(WRITE), refused(WRITE, 'DELETE')]).toEqual([undefined, undefined])
    const elsewhere = requestOf('/own/route', { token: WRITE, headers: { host: 'evil.example' } })
    expect(admin.refusal(elsewhere, 'read', origin)?.status).toBe(421)
  })

  test('is closed where the API is', async () => {
    const { cache } = await openAdmin()
    const closed = createAdmin({ cache: cache as never })
    expect(closed.refusal(requestOf('/own', { token: WRITE }), 'read')?.status).toBe(404)
    expect(() => closed.oneTimeToken()).toThrow('token')
  })
})
