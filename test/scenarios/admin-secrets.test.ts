/**
 * Secrets stand in keys, values, tags, errors and tokens. None of them may be read off what the admin API
 * tells without being asked for that very key, nor off logs.
 */

import { describe, expect, onTestFinished, test } from 'vitest'
import { createAdmin } from '../../src/admin/index.ts'
import { adminRoutes } from '../../src/admin/routes/admin-routes.ts'
import { type Cache, createCache, TierError } from '../../src/index.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { SystemClock } from '../../src/memory/system-clock.ts'
import { type ChaosPlan, chaosTier } from '../../src/testing/index.ts'
import { requestOf } from './open-admin.ts'

const CANARY = 'cAnArY7f3'
const secret = (where: string): string => `${CANARY}-${where}`
const TOKEN = secret('token-of-the-admin')
const ONCE = secret('one-time-token-that-is-wrong')

/** Whoever asks for one key, or for the letters of one queue, is shown them. */
const ASKED_FOR = ['entry', 'queues/:collection/dead-letters']

const CAUSE = {
  cause: new Error(`redis://me:${secret('password')}@host refused ${secret('tier')}`),
}

async function setup({ faults }: { readonly faults: 'some' | 'none' }) {
  const plan: ChaosPlan = (_, call) =>
    faults === 'some' && call % 7 === 6
      ? { kind: 'fail', error: new TierError('shared', 'The tier is away.', CAUSE) }
      : { kind: 'none' }
  const lines: string[] = []
  const line = (fields: object, message: string): void => {
    lines.push(JSON.stringify({ fields, message }))
  }
  const told: string[] = []
  const cache = createCache({
    name: 'shop',
    shared: chaosTier(memoryTier(), plan, new SystemClock()),
    idle: { after: '30d' },
    logger: { level: 'debug', debug: line, info: line, warn: line, error: line },
    slowAfter: 1,
    summaryEvery: '1m',
  })
  const accounts = cache.collection<string, { readonly pin: string }>('account', {
    store: {
      fencing: 'versioned',
      load: (key) => {
        if (key.endsWith('broken')) {
          throw Object.assign(
            new Error(`no ${secret('error')} at redis://me:${secret('url')}@host`),
            {
              command: { args: [secret('argument')] },
            },
          )
        }
        return { pin: secret('value') }
      },
      apply: async (writes) =>
        writes.map(() => ({
          kind: 'failed' as const,
          error: new Error(secret('store')),
          retry: 'permanent' as const,
        })),
    },
    write: { put: 'behind' },
    behind: { delay: 1 },
    tagsOf: () => [secret('tag')],
    warm: { start: { from: () => [secret('warmed'), secret('warmed-broken')] }, predict: 'on' },
  })
  const admin = createAdmin({
    cache,
    token: TOKEN,
    requestsPerSecond: 100_000,
    onAudit: (record) => told.push(JSON.stringify(record)),
  })
  onTestFinished(async () => {
    admin.close()
    await cache.close({ timeout: 100 })
  })
  const ask = (path: string, asked: object = {}): Promise<Response> =>
    admin.fetch(requestOf(path, { token: TOKEN, ...asked }), { remoteAddress: '127.0.0.1' })
  return { cache, accounts, admin, ask, lines, told }
}

type Accounts = Awaited<ReturnType<typeof setup>>['accounts']

async function use(cache: Cache, keys: Accounts): Promise<void> {
  const all: Promise<unknown>[] = [cache.ready()]
  for (let n = 0; n < 20; n += 1) {
    all.push(keys.get(`${secret('key')}-${n}`), keys.get(`${secret('key')}-${n}-broken`))
    all.push(keys.put(`${secret('key')}-${n}`, { pin: secret('put') }))
    all.push(
      cache.set(`session:${secret('plain')}-${n}`, secret('value'), { tags: [secret('tag')] }),
    )
    all.push(cache.get(`session:${secret('plain')}-${n}`), cache.get(secret(`bare-${n}`)))
    all.push(
      cache.getOrLoad(secret(`loaded-${n}`), () => Promise.reject(new Error(secret('load')))),
    )
  }
  await Promise.allSettled(all)
  await keys.flush().catch(() => {})
  await Promise.allSettled([
    cache.invalidateTags([secret('tag')]),
    cache.invalidatePattern(`session:${secret('plain')}*`),
    keys.delete(`${secret('key')}-1`),
    keys.refresh(`${secret('key')}-broken`),
    cache.audit(),
  ])
}

const bodies: Readonly<Record<string, object>> = {
  invalidate: { keys: [secret('key-of-invalidate')] },
  warm: { collection: 'account' },
  modes: { collection: 'account', mode: 'on' },
  shadow: { collection: 'account', share: 0 },
  session: { token: ONCE },
  'queues/:collection/retry': { keys: [secret('key-of-retry')] },
  'queues/:collection/drop': { keys: [secret('key-of-drop')] },
}

describe('no secret', () => {
  test('stands in what the API tells of all, in its problems, its audit or the logs', async () => {
    const { cache, accounts, ask, lines, told } = await setup({ faults: 'some' })
    await use(cache, accounts)
    const texts: string[] = []
    const read = async (path: string, asked: object = {}): Promise<void> => {
      const answer = await ask(path, asked)
      const headers = [...answer.headers].filter(([name]) => name !== 'set-cookie')
      const isLive = path === 'live'
      const reader = answer.body?.getReader()
      let body = ''
      for (let n = 0; reader !== undefined && (!isLive || n < 4); n += 1) {
        const { done, value } = await reader.read()
        if (done) break
        body += new TextDecoder().decode(value)
      }
      await reader?.cancel()
      texts.push(`${asked} ${path.replaceAll(CANARY, '')} ${JSON.stringify(headers)} ${body}`)
    }
    for (const { method, path } of adminRoutes) {
      if (ASKED_FOR.includes(path) || path === 'live') continue
      const address = path.replace(':collection', 'account').replace(':pattern', 'account%3A*')
      const asked = method === 'POST' ? { method, body: bodies[path] ?? {} } : { method }
      await read(address, asked)
      // What is wrong is named, and not shown.
      if (method === 'POST')
        await read(address, { method, body: { [secret('member')]: secret('x') } })
      if (method === 'POST') await read(address, { method, body: `{"${secret('no json')}` })
      if (method === 'GET') await read(`${address}?${secret('name')}=${secret('text')}`)
      await read(address, { method, token: secret('wrong') })
    }
    const live = read('live')
    await cache.invalidateTags([secret('tag')]).catch(() => {})
    await live
    await read(`patterns/${secret('pattern')}`)
    await read(`entry?key=${secret('x')}&keyType=number`)
    await read(`entry?key=a&collection=${secret('collection')}`)
    await read(`queues/${secret('collection')}/dead-letters`)
    await read(secret('path'))
    await read('invalidate', { body: { tags: [''], pattern: secret('pattern') } })
    await read('modes', { body: { mode: secret('mode') } })

    expect(texts.length).toBeGreaterThan(90)
    for (const text of [...texts, ...told, ...lines]) expect(text).not.toContain(CANARY)
    // The test looks at something: events were told, and lines were written.
    expect(told.length).toBeGreaterThan(3)
    expect(lines.length).toBeGreaterThan(50)
  })

  test('is what is shown to whoever asks for that very key', async () => {
    const { cache, accounts, ask } = await setup({ faults: 'none' })
    await use(cache, accounts)
    await expect
      .poll(async () => (await ask('queues/account/dead-letters')).text())
      .toContain(secret('key'))
    await cache.set(secret('shown'), 1)
    const entry = await (await ask(`entry?key=${secret('shown')}`)).text()
    expect(entry).toContain('"found":true')
    expect(entry).not.toContain(secret('value'))
  })
})
