/** The shop as a program: what it prints, how it ends, and what it says when it cannot start. */

import { once } from 'node:events'
import { chmod, readFile, truncate, writeFile } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { openSqlite } from 'tiercel/sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { newFolder } from './new-folder.ts'
import { productDraft } from './product-draft.ts'
import { type StartOptions, startShop } from './start-shop.ts'

/** Runs to the end and answers the one line that it left. */
async function failure(options: StartOptions): Promise<string> {
  const { code, stdout, stderr } = await startShop(options).ended
  expect(code).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toMatch(/^Tiercel shop cannot start\. [^\n]+\n$/)
  return stderr
}

async function get(url: string): Promise<{ status: number; cached?: boolean; data?: unknown }> {
  const response = await fetch(url)
  return { status: response.status, ...((await response.json()) as object) }
}

/** A request whose head is sent and whose body is not: the shop waits for it. */
async function halfRequest(address: string): Promise<{ socket: Socket; body: string }> {
  const { hostname, port } = new URL(address)
  const socket = connect({ host: hostname, port: Number(port) })
  onTestFinished(() => {
    socket.destroy()
  })
  await once(socket, 'connect')
  const body = JSON.stringify(productDraft())
  socket.write(
    `POST /products HTTP/1.1\r\nhost: shop\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nexpect: 100-continue\r\n\r\n`,
  )
  // The answer to `expect` says that the request has reached the shop.
  await once(socket, 'data')
  socket.write(body.slice(0, 5))
  return { socket, body: body.slice(5) }
}

describe('a start', () => {
  test('prints the address once the shop answers, and that of the description', async () => {
    const { address, child, ended } = startShop({ env: { DATA_DIR: await newFolder() } })
    const url = await address
    expect((await fetch(`${url}/health/ready`)).status).toBe(200)
    child.kill('SIGTERM')
    const { stdout, stderr } = await ended
    const [shop, front, dashboard, description] = stdout.split('\n')
    expect([shop, front, description]).toEqual([
      `Tiercel shop: ${url}`,
      `To click through: ${url}/shop`,
      `API description: ${url}/docs`,
    ])
    expect(dashboard).toMatch(/^Dashboard: http:\/\/127\.0\.0\.1:\d+\/tiercel\/#token=[\w-]{43}$/)
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(stderr).toBe('')
  })

  test.each(['http', '-1', '65536', '80.5', '1e3', ' '])(
    'with PORT %j says what a port is',
    async (PORT) => {
      const said = await failure({ env: { DATA_DIR: await newFolder(), PORT } })
      expect(said).toContain('PORT must be a whole number from 0 to 65535')
    },
  )

  test('on a port that is in use says so', async () => {
    const other = createServer()
    onTestFinished(() => {
      other.close()
    })
    other.listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const said = await failure({ env: { DATA_DIR: await newFolder(), PORT: String(port) } })
    expect(said).toContain(`Port ${port} of 127.0.0.1 is in use`)
  })

  test('on an address of another machine says so', async () => {
    const said = await failure({ env: { DATA_DIR: await newFolder(), HOST: '192.0.2.1' } })
    expect(said).toContain('HOST 192.0.2.1 is not an address of this machine')
  })

  test('with a data folder that is a file, or lies below one, says so', async () => {
    const file = join(await newFolder(), 'file')
    await writeFile(file, '')
    for (const dataDir of [file, join(file, 'below')]) {
      const said = await failure({ env: { DATA_DIR: dataDir } })
      expect(said).toContain(`${dataDir} is a file or lies below one`)
    }
  })

  test('with a data folder that cannot be written to says so', async () => {
    const folder = await newFolder()
    await chmod(folder, 0o555)
    const said = await failure({ env: { DATA_DIR: folder }, rights: 'bound' })
    expect(said).toContain(`${folder} cannot be written to`)
  })

  test.each(['source.db', 'cache.db'])('with a %s that is no database says so', async (name) => {
    const folder = await newFolder()
    const path = join(folder, name)
    await writeFile(path, 'This was a database once.\n'.repeat(400))
    const said = await failure({ env: { DATA_DIR: folder } })
    expect(said).toContain(path)
    expect(said).toContain('not an SQLite database')
    expect(await readFile(path, 'utf8')).toContain('This was a database once.')
  })

  test('with a source.db that was cut off says so', async () => {
    const folder = await newFolder()
    const first = startShop({ env: { DATA_DIR: folder, SEED_PRODUCTS: '500' } })
    await first.address
    first.child.kill('SIGTERM')
    await first.ended
    await truncate(join(folder, 'source.db'), 40_000)
    const said = await failure({ env: { DATA_DIR: folder } })
    expect(said).toContain('damaged')
  })
})

describe('a restart on the same folder', () => {
  test.each([
    ['in order', 'SIGTERM'],
    ['by Ctrl-C', 'SIGINT'],
    ['by kill -9', 'SIGKILL'],
  ] as const)('after an end %s serves from the cache', async (_, signal) => {
    const env = { DATA_DIR: await newFolder() }
    const first = startShop({ env })
    const before = await get(`${await first.address}/products/7/details`)
    expect(before.cached).toBe(false)
    first.child.kill(signal)
    await first.ended

    const second = startShop({ env })
    const after = await get(`${await second.address}/products/7/details`)
    expect(after).toEqual({ ...before, cached: true })
  })
})

describe('an end', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    'by %s finishes the request that is being made, then exits with 0',
    async (signal) => {
      const { address, child, ended } = startShop({ env: { DATA_DIR: await newFolder() } })
      const url = await address
      const { socket, body } = await halfRequest(url)
      let answer = ''
      socket.setEncoding('utf8').on('data', (text: string) => {
        answer += text
      })
      child.kill(signal)
      // It has begun to stop as soon as it takes no new connection.
      await expect.poll(() => fetch(url).catch(() => 'refused')).toBe('refused')
      const asked = performance.now()
      socket.write(body)

      expect(await ended).toMatchObject({ code: 0, stderr: '' })
      expect(answer).toMatch(/^HTTP\/1\.1 201 /)
      // It does not wait for the client to hang up either.
      expect(performance.now() - asked).toBeLessThan(2_000)
    },
  )

  test('does not wait for a request that never comes to its end', { timeout: 15_000 }, async () => {
    const { address, child, ended } = startShop({ env: { DATA_DIR: await newFolder() } })
    await halfRequest(await address)
    const asked = performance.now()
    child.kill('SIGTERM')
    expect((await ended).code).toBe(0)
    expect(performance.now() - asked).toBeLessThan(5_000)
  })

  test('writes the changes that wait for the source, and says so', async () => {
    const dataDir = await newFolder()
    const { address, child, ended } = startShop({ env: { DATA_DIR: dataDir } })
    const draft = productDraft({ name: 'Loud Kettle' })
    const { status } = await fetch(`${await address}/products/7`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(draft),
    })
    expect(status).toBe(202)
    child.kill('SIGTERM')
    const { code, stdout } = await ended
    expect(code).toBe(0)
    expect(stdout).toContain(
      'Changes that waited: 1 written, 0 left for the next start, 0 given up.',
    )
    await using source = openSqlite(join(dataDir, 'source.db'))
    expect(await source.all('SELECT name FROM products WHERE id = 7')).toEqual([
      { name: 'Loud Kettle' },
    ])
  })

  test('comes at once with the second signal', async () => {
    const { address, child, ended } = startShop({ env: { DATA_DIR: await newFolder() } })
    const url = await address
    await halfRequest(url)
    child.kill('SIGTERM')
    await expect.poll(() => fetch(url).catch(() => 'refused')).toBe('refused')
    const asked = performance.now()
    child.kill('SIGTERM')
    expect((await ended).code).toBe(143)
    expect(performance.now() - asked).toBeLessThan(1_000)
  })
})
