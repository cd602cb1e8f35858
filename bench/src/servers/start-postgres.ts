/**
 * A private PostgreSQL for one measuring process, on a free port and in a folder of its own. Called by
 * the groups that write into one.
 *
 * It refuses to run as root, so root runs it as the user `postgres`.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, globSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { temporaryFolder } from '../measure/temporary-folder.ts'
import { freePort } from './free-port.ts'

export interface PostgresServer extends AsyncDisposable {
  readonly url: string
}

/** Between two looks whether the server answers, and how many of them. */
const lookMs = 50
const looks = 200
const owner = 'bench'
/** Pools of every subject in two processes stay open beside each other. */
const connections = 300

/**
 * With the settings it comes with, so a commit is on the disk before it is answered. It ends when
 * disposed of, and with this process. `undefined`: it is not installed, which standard error is told.
 *
 * @throws Error if it is there and does not start within 10 s.
 */
export async function startPostgres(): Promise<PostgresServer | undefined> {
  const initdb = program('initdb')
  const postgres = program('postgres')
  const user = serverUser()
  if (initdb === undefined || postgres === undefined || user === undefined) {
    process.stderr.write(
      '\nPostgreSQL is not installed, so nothing is measured that writes into it; SQLite is. On Debian: apt-get install postgresql\n',
    )
    return undefined
  }
  await using opened = new AsyncDisposableStack()
  const { path } = opened.use(await temporaryFolder())
  if (user.uid !== undefined) chownSync(path, user.uid, user.gid)
  const asUser = { ...user, cwd: '/' }
  const created = ['-D', path, '-U', owner, '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C']
  const { status, stderr } = spawnSync(initdb, created, { ...asUser, encoding: 'utf8' })
  if (status !== 0) throw new Error(`\`initdb\` has failed: ${stderr}`)
  const port = await freePort()
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: connections,
  }
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server = spawn(postgres, ['-D', path, ...args], { ...asUser, stdio: 'ignore' })
  opened.defer(() => ended(server))
  // At once, and with its children; what it has written is removed anyway.
  const kill = (): void => void server.kill('SIGQUIT')
  process.once('exit', kill)
  server.once('exit', () => process.off('exit', kill))
  // Told by `answering`, which finds the process gone.
  server.once('error', () => undefined)
  const url = `postgres://${owner}@127.0.0.1:${port}/postgres`
  await answering(url, server)
  const kept = opened.move()
  return { url, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

async function answering(url: string, server: ChildProcess): Promise<void> {
  for (let look = 1; ; look += 1) {
    const client = new pg.Client(url)
    try {
      await client.connect()
      await client.end()
      return
    } catch (error) {
      if (look === looks || !alive(server)) {
        throw new Error('Expected PostgreSQL to start.', { cause: error })
      }
      await pause(lookMs)
    }
  }
}

function alive(server: ChildProcess): boolean {
  return server.pid !== undefined && server.exitCode === null && server.signalCode === null
}

async function ended(server: ChildProcess): Promise<void> {
  if (!alive(server)) return
  const exited = once(server, 'exit')
  server.kill('SIGQUIT')
  await exited
}

/** Nobody else, unless this is root. `undefined`: root has no user to run it as. */
function serverUser(): { readonly uid?: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return { gid: process.getgid?.() ?? 0 }
  const [uid, gid] = ['-u', '-g'].map((flag) => {
    const { status, stdout } = spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' })
    return status === 0 ? Number(stdout.trim()) : undefined
  })
  return uid === undefined || gid === undefined ? undefined : { uid, gid }
}

/** Debian keeps the server's programs out of the path, in a folder for each version. */
function program(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const found = folders.map((folder) => join(folder, name)).find(existsSync)
  const [newest] = globSync(`/usr/lib/postgresql/*/bin/${name}`).toSorted().toReversed()
  return found ?? newest
}
