/**
 * A private PostgreSQL for a test, on a free port and in a folder of its own. Started by
 * `startPostgres`; dies with the test process, also if that one is killed.
 *
 * PostgreSQL refuses to run as root, so root runs it as the user `postgres`.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chownSync,
  existsSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { freePort } from './free-port.ts'
import { until } from './until.ts'

export interface PostgresOptions {
  /** Settings, over those of the server's own. */
  readonly config?: Readonly<Record<string, string>>
}

const READY_MS = 20_000
/** Of what the server has said, for messages. */
const LOG_CHARACTERS = 20_000
const USER = 'tiercel'

export class PostgresServer implements AsyncDisposable {
  readonly #options: PostgresOptions
  readonly #dir = mkdtempSync(join(tmpdir(), 'postgres-'))
  #process: ChildProcess | undefined
  #port = 0
  #log = ''

  constructor(options: PostgresOptions) {
    this.#options = options
  }

  get url(): string {
    return `postgres://${USER}@127.0.0.1:${this.#port}/postgres`
  }

  /** With the files of the last time, if there was one: after `kill9` it recovers. */
  async start(): Promise<this> {
    if (this.#port === 0) await this.#create()
    this.#log = ''
    const config = {
      listen_addresses: '127.0.0.1',
      port: String(this.#port),
      unix_socket_directories: '',
      ...this.#options.config,
    }
    const settings = Object.entries(config).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const command = asOwner([program('postgres'), '-D', this.#dir, ...settings])
    let server = this.#spawn(command)
    try {
      await until(
        'PostgreSQL is ready',
        async () => {
          // Of one that was killed, a process may still be ending, which keeps the next from its memory.
          if (server.exitCode !== null) server = this.#spawn(command)
          return await answers(this.#port)
        },
        { withinMs: READY_MS },
      )
    } catch (cause) {
      throw new Error(`PostgreSQL has not started:\n${this.#log}`, { cause })
    }
    return this
  }

  #spawn([command = '', ...args]: readonly string[]): ChildProcess {
    const server = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: '/' })
    this.#process = server
    for (const stream of [server.stdout, server.stderr]) {
      stream.on('data', (chunk) => {
        this.#log = (this.#log + chunk).slice(-LOG_CHARACTERS)
      })
    }
    return server
  }

  /** Its processes stand still, while their kernel still takes what is sent. */
  pause(): void {
    // The parent first: it starts no others then.
    this.#process?.kill('SIGSTOP')
    for (const pid of this.#children()) signal(pid, 'SIGSTOP')
  }

  resume(): void {
    for (const pid of this.#children()) signal(pid, 'SIGCONT')
    this.#process?.kill('SIGCONT')
  }

  /** As if the power had gone, but for what the kernel has. */
  async kill9(): Promise<void> {
    this.#process?.kill('SIGSTOP')
    // Killed with their parent: those that outlive it would go on for a while.
    for (const pid of this.#children()) signal(pid, 'SIGKILL')
    await this.#end('SIGKILL')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end('SIGQUIT')
    rmSync(this.#dir, { recursive: true, force: true })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const server = this.#process
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return
    const exited = once(server, 'exit')
    server.kill(signal)
    await exited
  }

  #children(): readonly number[] {
    const parent = this.#process?.pid
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => parent !== undefined && parentOf(pid) === parent)
  }

  async #create(): Promise<void> {
    this.#port = await freePort()
    const { uid, gid } = owner
    chownSync(this.#dir, uid, gid)
    const [command = '', ...args] = asOwner([
      program('initdb'),
      ...['-D', this.#dir, '-U', USER, '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C'],
    ])
    const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', cwd: '/' })
    if (status !== 0) throw new Error(`initdb has failed:\n${stderr}${stdout}`)
  }
}

const isRoot = process.getuid?.() === 0
const owner = { uid: idOf('-u'), gid: idOf('-g') }

function idOf(flag: '-u' | '-g'): number {
  if (!isRoot) return (flag === '-u' ? process.getuid?.() : process.getgid?.()) ?? 0
  const { stdout } = spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' })
  // Nobody, on nearly every system.
  return Number(stdout.trim() || 65_534)
}

function asOwner(command: readonly string[]): readonly string[] {
  const { uid, gid } = owner
  const user = isRoot ? [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'] : []
  return ['setpriv', ...user, '--pdeathsig', 'KILL', ...command]
}

/** Debian keeps the server's programs out of the path, in a folder for each version. */
function program(name: string): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const found = folders.map((folder) => join(folder, name)).find(existsSync)
  const [newest] = globSync(`/usr/lib/postgresql/*/bin/${name}`).toSorted().toReversed()
  const path = found ?? newest
  if (path === undefined) {
    throw new Error(`\`${name}\` is missing. On Debian: apt-get install postgresql`)
  }
  return path
}

/** `undefined`: it has ended meanwhile. */
function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name before it, in brackets, may have spaces.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has ended by itself.
  }
}

/** Whether a greeting is answered by anything but "starting up". */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const done = (ready: boolean): void => {
      socket.destroy()
      resolve(ready)
    }
    socket.on('error', () => done(false))
    socket.on('close', () => resolve(false))
    socket.on('connect', () => {
      const body = Buffer.from(`user\0${USER}\0database\0postgres\0\0`)
      const head = Buffer.alloc(8)
      head.writeInt32BE(body.length + 8, 0)
      // Version 3.0 of its protocol.
      head.writeInt32BE(196_608, 4)
      socket.write(Buffer.concat([head, body]))
    })
    socket.on('data', (data) => done(data[0] === 'R'.charCodeAt(0)))
  })
}
