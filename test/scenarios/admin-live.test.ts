/** Who looks on over real connections: many, slow ones, and those who leave. */

import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { adminListener } from '../../src/admin/index.ts'
import { API, type OpenAdmin, openAdmin, READ, WRITE } from './open-admin.ts'

interface Listening extends OpenAdmin {
  /** A connection on which figures come; what it has said so far. */
  readonly look: () => Promise<{ readonly socket: Socket; readonly text: () => string }>
}

async function listen(): Promise<Listening> {
  const open = await openAdmin()
  const server = createServer(adminListener(open.admin)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  const { port } = server.address() as AddressInfo
  const look: Listening['look'] = async () => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    socket.on('error', () => {})
    const lines = [`GET ${API}live HTTP/1.1`, `Host: 127.0.0.1:${port}`]
    socket.write([...lines, `Authorization: Bearer ${READ}`, '', ''].join('\r\n'))
    await expect.poll(() => text).toMatch(/^HTTP\/1\.1 \d+/)
    return { socket, text: () => text }
  }
  return { ...open, look }
}

const statusOf = (text: string): number => Number(text.slice(9, 12))

describe('who looks on', () => {
  test('sees figures each second, until he leaves and makes room for another', async () => {
    const { look } = await listen()
    const [first, ...others] = await Promise.all(Array.from({ length: 32 }, look))
    await expect
      .poll(() => first?.text().match(/event: stats/g)?.length ?? 0, { timeout: 5_000 })
      .toBeGreaterThan(1)
    expect(others.map(({ text }) => statusOf(text()))).toEqual(Array(31).fill(200))
    expect(statusOf((await look()).text())).toBe(503)
    first?.socket.destroy()
    await expect.poll(async () => statusOf((await look()).text())).toBe(200)
  })

  test('is cut off if he does not read, while others go on', async () => {
    const { ask, look } = await listen()
    const quick = await look()
    const slow = await ask('live', { token: READ })
    const tags = Array.from({ length: 10 }, (_, n) => `tag ${n}`)
    const changes = 1_500
    for (let n = 0; n < changes; n += 1) {
      await ask('invalidate', { token: WRITE, body: { tags } })
      await turn()
    }
    await expect(slow.text()).rejects.toThrow('too slow')
    await expect
      .poll(() => quick.text().match(/event: audit/g)?.length, { timeout: 5_000 })
      .toBe(changes)
  })

  test('is let go when the API is closed', async () => {
    const { admin, look } = await listen()
    const { socket, text } = await look()
    const ended = once(socket, 'end')
    admin.close()
    await ended
    expect(text()).toMatch(/0\r\n\r\n$/)
  })
})

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
