/** A private `redis-server` for one measuring process. Called by the groups that need Redis. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Redis } from 'ioredis'
import { temporaryFolder } from '../measure/temporary-folder.ts'
import { freePort } from './free-port.ts'

export interface RedisServer extends AsyncDisposable {
  readonly port: number
}

/** When what is appended reaches the disk. */
export type AppendFsync = 'everysec' | 'always'

/** Somebody else may take the port between the look and the start. */
const attempts = 3
/** Between two looks whether the server answers, and how many of them. */
const lookMs = 20
const looks = 250

/**
 * On a free port of the loopback interface, keeping nothing on disk unless `appendFsync` says how. It
 * ends when disposed of, and with this process.
 *
 * @throws Error if `redis-server` is missing or does not answer within 5 s.
 */
export async function startRedis(appendFsync?: AppendFsync): Promise<RedisServer> {
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await temporaryFolder())
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort()
    const server = started(port, folder.path, appendFsync)
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

function started(port: number, folder: string, appendFsync?: AppendFsync): ChildProcess {
  const settings = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '']
  const kept = appendFsync === undefined ? ['no'] : ['yes', '--appendfsync', appendFsync]
  const server = spawn('redis-server', [...settings, '--appendonly', ...kept], { stdio: 'ignore' })
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
