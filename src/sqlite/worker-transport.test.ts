import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { WorkerTransport } from './worker-transport.ts'

/** A worker with an empty database in memory. */
function setup() {
  const order = { kind: 'database', path: ':memory:', busyTimeoutMs: 0 } as const
  return new WorkerTransport(order, () => {})
}

const select = { kind: 'all', sql: 'SELECT 1 AS one', params: [] }

describe('WorkerTransport', () => {
  test('a worker that dies fails what is under way and all that comes after', async () => {
    const transport = setup()
    expect(await transport.opened).toBeUndefined()
    // No engine can make sense of this, and its promise never to throw is broken.
    const deadly = transport.send([null, null])
    const behind = transport.send([select])
    const failed = { ok: false, fault: { message: expect.stringContaining('failed') } }
    expect(await deadly).toMatchObject([failed, failed])
    expect(await behind).toMatchObject([failed])
    expect(await transport.send([select])).toMatchObject([failed])
    await transport.close()
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
