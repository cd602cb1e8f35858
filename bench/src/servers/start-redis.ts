/** A private `redis-server` for one measuring process. Called by the groups that need Redis. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { Redis } from 'ioredis'
import { temporaryFolder } from '../measure/temporary-folder.ts'

export interface RedisServer extends AsyncDisposable {
  readonly port: number
}

/** Somebody else may take the port between the look and the start. */
const attempts = 3
/** Between two looks whether the server answers, and how many of them. */
const lookMs = 20
const looks = 250

/**
 * On a free port of the loopback interface, keeping nothing on disk. It ends when disposed of, and
 * with this process.
 *
 * @throws Error if `redis-server` is missing or does not answer within 5 s.
 */
export async function startRedis(): Promise<RedisServer> {
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await temporaryFolder())
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort()
    const server = started(port, folder.path)
    try {
      await answering(port, server)
      const kept = opened.move()
      return {
        port,
        [Symbol.asyncDispose]: async () => {
          await ended(server)
          await kept.disposeAsync()
        },
      }
    } catch (error) {
      await ended(server)
      if (attempt === attempts) throw error
    }
  }
}

function started(port: number, folder: string): ChildProcess {
  const settings = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder]
  const server = spawn('redis-server', [...settings, '--save', '', '--appendonly', 'no'], {
    stdio: 'ignore',
  })
  const kill = (): void => {
    server.kill('SIGKILL')
  }
  process.once('exit', kill)
  server.once('exit', () => process.off('exit', kill))
  // Told by `answering`, which finds the process gone.
  server.once('error', () => undefined)
  return server
}

async function answering(port: number, server: ChildProcess): Promise<void> {
  const options = { lazyConnect: true, maxRetriesPerRequest: looks, retryStrategy: () => lookMs }
  const client = new Redis(port, '127.0.0.1', options)
  // Each refused connection is one of the looks.
  client.on('error', () => {
    if (!alive(server)) client.disconnect()
  })
  try {
    await client.ping()
  } catch (error) {
    throw new Error('Expected `redis-server` to start; is it installed?', { cause: error })
  } finally {
    client.disconnect()
  }
}

function alive(server: ChildProcess): boolean {
  return server.pid !== undefined && server.exitCode === null && server.signalCode === null
}

async function ended(server: ChildProcess): Promise<void> {
  if (!alive(server)) return
  const exited = once(server, 'exit')
  server.kill('SIGKILL')
  await exited
}

async function freePort(): Promise<number> {
  const probe = createServer()
  probe.listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
