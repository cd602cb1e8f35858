/** What is sent over a socket by somebody who means harm, to `node:http` as it listens for real. */

import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { adminListener } from '../../src/admin/index.ts'
import { API, type OpenAdmin, openAdmin, READ, WRITE } from './open-admin.ts'

interface Raw {
  readonly status: number
  readonly text: string
}

interface Listening extends OpenAdmin {
  readonly host: string
  /** Sends text as it is, and reads until the other side has ended or answered whole. */
  readonly send: (text: string) => Promise<Raw>
}

async function listen(): Promise<Listening> {
  const open = await openAdmin()
  const server = createServer(adminListener(open.admin)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  const send = async (text: string): Promise<Raw> => {
    const socket = connect(port, '127.0.0.1')
    socket.write(text)
    let answer = ''
    try {
      for await (const chunk of socket.setEncoding('utf8')) {
        answer += chunk
        if (isWhole(answer)) break
      }
    } catch {
      // Cut off; what came before counts.
    }
    socket.destroy()
    return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]), text: answer }
  }
  return { ...open, host: `127.0.0.1:${port}`, send }
}

function isWhole(answer: string): boolean {
  const [head = '', body] = answer.split('\r\n\r\n')
  const length = /content-length: (\d+)/i.exec(head)?.[1]
  if (length !== undefined) return (body?.length ?? 0) >= Number(length)
  return answer.endsWith('0\r\n\r\n')
}

interface Change {
  readonly host?: string
  readonly token?: string
  readonly headers?: readonly string[]
  readonly type?: string
  readonly body?: string
}

/** A change that would be carried out, but for one thing. */
function change(
  host: string,
  { token = WRITE, headers = [], type, body, ...other }: Change,
): string {
  const sent = body ?? JSON.stringify({ keys: ['greeting'] })
  return [
    `POST ${API}invalidate HTTP/1.1`,
    `Host: ${other.host ?? host}`,
    `Authorization: Bearer ${token}`,
    `Content-Type: ${type ?? 'application/json'}`,
    ...(headers.some((line) => /^content-length:/i.test(line))
      ? []
      : [`Content-Length: ${sent.length}`]),
    ...headers,
    '',
    sent,
  ].join('\r\n')
}

const attacks: readonly (readonly [string, number, (host: string) => string])[] = [
  ['a token that does not fit', 401, (host) => change(host, { token: `${WRITE.slice(0, -1)}x` })],
  ['a token of another length', 401, (host) => change(host, { token: 'short' })],
  ['a name that is made to point here', 421, (host) => change(host, { host: 'evil.example' })],
  [
    'a page of another site',
    403,
    (host) => change(host, { headers: ['Origin: https://evil.example'] }),
  ],
  [
    'a page of another site that hides where it is',
    403,
    (host) => change(host, { headers: ['Sec-Fetch-Site: cross-site'] }),
  ],
  ['a form, that any page may send', 415, (host) => change(host, { type: 'text/plain' })],
  [
    'a body of two lengths',
    400,
    (host) => change(host, { headers: ['Content-Length: 5', 'Transfer-Encoding: chunked'] }),
  ],
  ['two names at once', 400, (host) => change(host, { headers: ['Host: evil.example'] })],
  [
    'two names at once, the foreign one first',
    400,
    (host) => change(host, { host: 'evil.example', headers: [`Host: ${host}`] }),
  ],
  ['a token that may only read', 403, (host) => change(host, { token: READ })],
  ['more than fits', 413, (host) => change(host, { body: `{"keys":["${'x'.repeat(300_000)}"]}` })],
  [
    'more than fits, without saying so',
    413,
    (host) => {
      const chunk = 'x'.repeat(0x8000)
      const chunks = Array.from({ length: 12 }, () => `8000\r\n${chunk}\r\n`).join('')
      return [
        `POST ${API}invalidate HTTP/1.1`,
        `Host: ${host}`,
        `Authorization: Bearer ${WRITE}`,
        'Content-Type: application/json',
        'Transfer-Encoding: chunked',
        '',
        `${chunks}0\r\n\r\n`,
      ].join('\r\n')
    },
  ],
  [
    'an address for proxies',
    400,
    (host) => `GET http://evil.example/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  ],
  ['no name at all', 421, () => `GET ${API}stats HTTP/1.0\r\n\r\n`],
  ['a tunnel', 0, (host) => `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
  ['a name within a name', 400, (host) => change(host, { host: `evil.example@${host}` })],
  ['a path within a name', 421, (host) => change(host, { host: `${host}/tiercel/x?` })],
]

describe('over a socket', () => {
  test('a change with a token that fits is carried out', async () => {
    const { host, send, json } = await listen()
    const answer = await send(change(host, {}))
    expect(answer.status).toBe(200)
    expect(await json('entry?key=greeting')).toMatchObject({ found: false })
  })

  test.each(attacks)('%s is refused with %i, and changes nothing', async (_, status, attack) => {
    const { host, send, json } = await listen()
    const answer = await send(attack(host))
    // A connection that is cut without an answer has none.
    expect(answer.status || 0).toBe(status)
    expect(answer.text).not.toContain(WRITE)
    expect(await json('entry?key=greeting')).toMatchObject({ found: true })
  })

  test('what follows a refused body is not taken for a request', async () => {
    const { host, send, json } = await listen()
    const smuggled = change(host, {})
    const answer = await send(change(host, { type: 'text/plain', body: smuggled }))
    expect(answer.status).toBe(415)
    expect(answer.text.match(/HTTP\/1\.1/g)).toHaveLength(1)
    expect(await json('entry?key=greeting')).toMatchObject({ found: true })
  })
})

describe('tries', () => {
  test('to guess a token are few, from one address', async () => {
    const { ask } = await openAdmin()
    const statuses: number[] = []
    for (let n = 0; n < 40; n += 1) {
      statuses.push((await ask('stats', { token: `guess-number-${n}-of-many` })).status)
    }
    expect(statuses.slice(0, 30)).toEqual(Array(30).fill(401))
    expect(statuses.slice(31)).toEqual(Array(9).fill(429))
    // A right one would tell by its answer that the ones before were wrong.
    const right = await ask('stats', { token: WRITE })
    expect([right.status, Number(right.headers.get('retry-after'))]).toEqual([429, 1])
    expect((await ask('stats', { token: WRITE, remoteAddress: '127.0.0.2' })).status).toBe(200)
  })

  test('are no more where their bodies come all at once', async () => {
    const { admin } = await openAdmin()
    const release = Promise.withResolvers<void>()
    const guess = async (n: number): Promise<number> => {
      const body = new ReadableStream({
        async start(controller) {
          await release.promise
          controller.enqueue(Buffer.from(JSON.stringify({ token: `guess-number-${n}-of-many` })))
          controller.close()
        },
      })
      const headers = { 'content-type': 'application/json', origin: 'http://localhost' }
      const init = { method: 'POST', body, headers, duplex: 'half' }
      const request = new Request('http://localhost/tiercel/api/v1/session', init as RequestInit)
      return (await admin.fetch(request, { remoteAddress: '127.0.0.1' })).status
    }
    const statuses = Promise.all(Array.from({ length: 100 }, (_, n) => guess(n)))
    release.resolve()
    const wrong = (await statuses).filter((status) => status === 401)
    expect(wrong.length).toBeLessThanOrEqual(31)
    expect((await statuses).filter((status) => status === 429)).toHaveLength(100 - wrong.length)
  })

  test('of one address to ask are as many as it is given', async () => {
    const { ask } = await openAdmin({ requestsPerSecond: 5 })
    const statuses = await Promise.all(
      Array.from({ length: 12 }, async () => (await ask('modes', { token: READ })).status),
    )
    expect(statuses).toEqual([...Array(10).fill(200), 429, 429])
  })
})

describe('who asks from elsewhere', () => {
  test.each(['10.0.0.7', '::ffff:10.0.0.7', 'fe80::1', '', 'localhost', undefined])(
    'is refused: %s',
    async (remoteAddress) => {
      const { admin, cache } = await openAdmin()
      const request = new Request(`http://127.0.0.1${API}stats`, {
        headers: { authorization: `Bearer ${WRITE}` },
      })
      const answer = await admin.fetch(request, { remoteAddress })
      expect(answer.status).toBe(403)
      expect(cache.name).toBe('shop')
    },
  )

  test('is let in where that is asked for, by a name that is allowed', async () => {
    const { admin } = await openAdmin({ clients: 'any', hosts: ['admin.example.com'] })
    const by = async (name: string): Promise<number> => {
      const headers = { authorization: `Bearer ${WRITE}`, host: name }
      const request = new Request(`https://${name}${API}modes`, { headers })
      return (await admin.fetch(request, { remoteAddress: '10.0.0.7' })).status
    }
    expect(await by('admin.example.com')).toBe(200)
    expect(await by('admin.example.com:8443')).toBe(200)
    expect(await by('127.0.0.1')).toBe(421)
  })
})
