import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { WorkerTransport } from './worker-transport.ts'

/** A worker with an empty database, in memory unless a path is given. */
function setup(path = ':memory:') {
  const order = { kind: 'database', path, busyTimeoutMs: 0 } as const
  return new WorkerTransport(order, () => {})
}

const select = { kind: 'all', sql: 'SELECT 1 AS one', params: [] }

describe('WorkerTransport', () => {
  test('a worker that dies fails what is under way, and with it goes a database in memory', async () => {
    const transport = setup()
    expect(await transport.opened()).toBeUndefined()
    // No engine can make sense of this, and its promise never to throw is broken.
    const deadly = transport.send([null, null])
    const behind = transport.send([select])
    const failed = { ok: false, fault: { message: expect.stringContaining('failed') } }
    expect(await deadly).toMatchObject([failed, failed])
    expect(await behind).toMatchObject([failed])
    expect(await transport.send([select])).toMatchObject([failed])
    await transport.close()
  })

  test('a worker that dies is replaced after a pause, and the next one opens its file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tiercel-transport-'))
    const transport = setup(join(folder, 'shop.db'))
    let heard = 0
    transport.listen(() => {
      heard += 1
    })
    expect(await transport.send([select])).toMatchObject([{ ok: true }])
    await transport.send([null])
    expect(await transport.send([select])).toMatchObject([{ ok: false, fault: { resultCode: 9 } }])
    expect(await transport.opened()).toMatchObject({ message: expect.stringContaining('failed') })
    await vi.waitFor(async () => expect(await transport.opened()).toBeUndefined(), 5_000)
    expect(await transport.send([select])).toMatchObject([{ ok: true }])
    // Changes may have been missed meanwhile.
    expect(heard).toBe(1)
    await transport.send([null])
    await transport.close()
    expect(await transport.send([select])).toMatchObject([{ ok: false }])
    rmSync(folder, { recursive: true })
  })

  test('messages that queue up are answered each, in order', async () => {
    const transport = setup()
    const one = { ok: true, value: [{ one: 1 }] }
    const answers = await Promise.all([
      transport.send([select]),
      transport.send([select, { ...select, sql: 'nonsense' }]),
      transport.send([select]),
    ])
    expect(answers).toMatchObject([[one], [one, { ok: false }], [one]])
    await transport.close()
  })

  test('a process that forgets to close ends, with all it asked for answered', () => {
    const script = `
      const { openSqlite } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url))})
      const database = openSqlite(':memory:')
      const away = openSqlite('/proc/tiercel/none.db')
      await away.ready().catch(() => {})
      console.log(await database.all('SELECT 1 AS one'))`
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', script],
      { encoding: 'utf8', timeout: 10_000 },
    )
    expect({ stdout, stderr, status }).toEqual({
      stdout: '[ { one: 1 } ]\n',
      stderr: '',
      status: 0,
    })
  })
})
