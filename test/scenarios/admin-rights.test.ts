/** Who may do what: every route of the table that the router goes by, by every kind of caller. */

import { describe, expect, test } from 'vitest'
import type { Route } from '../../src/admin/route.ts'
import { adminRoutes } from '../../src/admin/routes/admin-routes.ts'
import { API, HOST, type OpenAdmin, openAdmin, READ, WRITE } from './open-admin.ts'

/** A request that succeeds, of each route that takes something. */
const QUERIES: Readonly<Record<string, string>> = { entry: '?key=greeting' }
const BODIES: Readonly<Record<string, object>> = {
  invalidate: { keys: ['greeting'] },
  warm: { collection: 'product' },
  modes: { collection: 'product', mode: 'memory' },
  shadow: { collection: 'product', share: 0.5 },
  session: { token: WRITE },
  'queues/:collection/drop': { keys: ['1'] },
}

const callers = ['nobody', 'a wrong token', 'read', 'write', 'cookie to read', 'cookie to write']
type Caller = (typeof callers)[number]

const named = adminRoutes.map((route) => [`${route.method} ${route.path}`, route] as const)

function addressOf({ path }: Route): string {
  const filled = path.replace(':collection', 'product').replace(':pattern', 'product%3A*')
  return `${API}${filled}${QUERIES[path] ?? ''}`
}

async function headersOf(open: OpenAdmin, caller: Caller): Promise<Record<string, string>> {
  if (caller === 'nobody') return {}
  if (caller === 'a wrong token') return { authorization: 'Bearer read-token-of-that-test' }
  if (caller === 'read') return { authorization: `Bearer ${READ}` }
  if (caller === 'write') return { authorization: `Bearer ${WRITE}` }
  const token = caller === 'cookie to read' ? READ : WRITE
  const answer = await open.ask('session', { body: { token } })
  const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';')
  return { cookie, origin: `http://${HOST}`, 'sec-fetch-site': 'same-origin' }
}

function expected({ role, status = 200 }: Route, caller: Caller): number {
  if (role === 'none') return status
  if (caller === 'nobody' || caller === 'a wrong token') return 401
  return role === 'write' && caller.endsWith('read') ? 403 : status
}

/** What a change would change. */
async function stateOf({ cache, admin }: OpenAdmin): Promise<unknown> {
  const { invalidations } = await cache.usage()
  const modes = await admin.fetch(
    new Request(`http://${HOST}${API}modes`, { headers: { authorization: `Bearer ${WRITE}` } }),
    { remoteAddress: '127.0.0.1' },
  )
  return { invalidations: invalidations.total, modes: await modes.json() }
}

describe('a route', () => {
  test.each(named)('%s answers those who may, and nobody else', async (_, route) => {
    for (const caller of callers) {
      const open = await openAdmin()
      await expect.poll(async () => (await open.cache.stats()).patterns.length).toBeGreaterThan(0)
      const before = await stateOf(open)
      const body = route.method === 'POST' ? (BODIES[route.path] ?? {}) : undefined
      const response = await open.ask(addressOf(route), {
        method: route.method,
        headers: await headersOf(open, caller),
        body,
      })
      const status = expected(route, caller)
      expect(response.status, caller).toBe(status)
      await response.body?.cancel()
      if (status >= 400) expect(await stateOf(open), caller).toEqual(before)
    }
  })

  test.each(named)('%s is not there where no token is set', async (_, route) => {
    for (const closed of [undefined, '']) {
      const open = await openAdmin({ token: closed, tokens: { read: closed, write: closed } })
      expect(open.admin.state).toBe('closed')
      const body = route.method === 'POST' ? {} : undefined
      const headers = { authorization: `Bearer ${WRITE}` }
      const asked = { method: route.method, body, headers }
      expect((await open.ask(addressOf(route), asked)).status).toBe(404)
    }
  })

  test('is told of to nobody who may not ask, whether it exists or not', async () => {
    const { ask } = await openAdmin()
    for (const path of ['stats', 'no-such-route', 'stats/', '', 'queues/product']) {
      expect((await ask(path)).status, path).toBe(401)
    }
    expect((await ask('no-such-route', { token: READ })).status).toBe(404)
    const other = await ask('stats', { token: READ, method: 'DELETE' })
    expect([other.status, other.headers.get('allow')]).toEqual([405, 'GET'])
  })
})

describe('liveness and readiness', () => {
  test.each(['live', 'ready'])('%s needs no token and shows no detail', async (name) => {
    for (const token of [undefined, '']) {
      const { ask } = await openAdmin(token === undefined ? {} : { token, tokens: {} })
      for (const path of [`/health/${name}`, `/tiercel/health/${name}`]) {
        // As orchestrators ask: by the address of the machine, from another one.
        const answer = await ask(path, { remoteAddress: '10.0.0.7', headers: { host: '10.0.0.9' } })
        expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }])
      }
    }
  })
})

describe('a cookie', () => {
  test('is given for a token, once for a one-time token, and ends when it is asked to', async () => {
    const { admin, ask } = await openAdmin()
    const once = admin.oneTimeToken('read')
    const first = await ask('session', { body: { token: once } })
    expect(first.status).toBe(200)
    expect(await first.json()).toMatchObject({ role: 'read', via: 'session' })
    expect((await ask('session', { body: { token: once } })).status).toBe(401)

    const given = first.headers.get('set-cookie') ?? ''
    expect(given).toMatch(
      /^tiercel-3000=[\w-]{43}; Path=\/tiercel; Max-Age=28800; HttpOnly; SameSite=Strict$/,
    )
    const [cookie = ''] = given.split(';')
    expect((await ask('stats', { headers: { cookie } })).status).toBe(200)
    const out = await ask('session', { method: 'DELETE', headers: { cookie } })
    expect(out.headers.get('set-cookie')).toContain('Max-Age=0')
    expect((await ask('stats', { headers: { cookie } })).status).toBe(401)
  })

  test('stays within TLS where the page has come by it, whoever has ended it', async () => {
    const { ask } = await openAdmin()
    const by = async (origin: string): Promise<string> => {
      const login = await ask('session', { body: { token: READ }, headers: { origin } })
      return login.headers.get('set-cookie') ?? ''
    }
    expect(await by(`https://${HOST}`)).toMatch(/; SameSite=Strict; Secure$/)
    expect(await by(`http://${HOST}`)).toMatch(/; SameSite=Strict$/)
  })

  test('changes nothing unless the browser says that the page is of here', async () => {
    const { ask, json } = await openAdmin()
    const login = await ask('session', { body: { token: WRITE } })
    const [cookie = ''] = (login.headers.get('set-cookie') ?? '').split(';')
    const body = { keys: ['greeting'] }
    const refused: Record<string, string>[] = [
      {},
      { origin: 'http://127.0.0.1:4000' },
      { origin: 'null' },
      { origin: `http://${HOST}`, 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site' },
    ]
    for (const headers of refused) {
      const answer = await ask('invalidate', { body, headers: { cookie, ...headers } })
      expect(answer.status, JSON.stringify(headers)).toBe(403)
    }
    expect(await json('entry?key=greeting')).toMatchObject({ found: true })
    const headers = { cookie, origin: `http://${HOST}` }
    expect((await ask('invalidate', { body, headers })).status).toBe(200)
    expect(await json('entry?key=greeting')).toMatchObject({ found: false })
  })
})
