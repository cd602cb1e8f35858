/**
 * A private `redis-server` process for a test, on a free port and in a folder of its own. Started by
 * `startRedis` and its neighbours; dies with the test process, also if that one is killed.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { askRedis } from './ask-redis.ts'
import { freePort } from './free-port.ts'
import type { RespReply } from './resp-reply.ts'
import { until } from './until.ts'

export type RedisConfig = Readonly<Record<string, string | number>>

export interface RedisServerOptions {
  /** Lines of the configuration file, over those of a server that keeps nothing. */
  readonly config?: RedisConfig
  /** Text of a sentinel's configuration: the server is a sentinel. */
  readonly sentinel?: string
}

const READY_MS = 15_000
/** Somebody else may take the port between the look and the start. */
const PORT_ATTEMPTS = 3
/** Of what the server has said, for messages. */
const LOG_CHARACTERS = 20_000

export class RedisServer implements AsyncDisposable {
  readonly #options: RedisServerOptions
  readonly #dir = mkdtempSync(join(tmpdir(), 'redis-'))
  #process: ChildProcess | undefined
  #port = 0
  #log = ''

  constructor(options: RedisServerOptions) {
    this.#options = options
  }

  get port(): number {
    return this.#port
  }

  get url(): string {
    return `redis://127.0.0.1:${this.#port}`
  }

  get isAlive(): boolean {
    const server = this.#process
    return server !== undefined && server.exitCode === null && server.signalCode === null
  }

  /** On the port and with the files of the last time, if there was one. */
  async start(): Promise<this> {
    for (let attempt = 1; ; attempt++) {
      const isNew = this.#port === 0
      if (isNew) this.#port = await freePort()
      this.#spawn()
      try {
        await this.#untilReady()
        return this
      } catch (error) {
        const taken = isNew && /in use/i.test(this.#log)
        if (!taken || attempt === PORT_ATTEMPTS) throw error
        this.#port = 0
      }
    }
  }

  /** One command over a connection of its own. */
  call(...command: readonly (string | number)[]): Promise<RespReply> {
    return askRedis(this.#port, command)
  }

  async info(section: string): Promise<Readonly<Record<string, string>>> {
    const lines = String(await this.call('INFO', section)).split('\r\n')
    return Object.fromEntries(
      lines
        .filter((line) => line.includes(':'))
        .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
    )
  }

  /** The process stands still, while its kernel still takes what is sent. */
  pause(): void {
    this.#process?.kill('SIGSTOP')
  }

  resume(): void {
    this.#process?.kill('SIGCONT')
  }

  /** As if the power had gone, but for what the kernel has. */
  async kill9(): Promise<void> {
    if (!this.isAlive || this.#process === undefined) return
    const exited = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await exited
  }

  async restart(): Promise<void> {
    await this.kill9()
    await this.start()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill9()
    rmSync(this.#dir, { recursive: true, force: true })
  }

  #spawn(): void {
    this.#log = ''
    const isSentinel = this.#options.sentinel !== undefined
    const server = ['redis-server', this.#writeConfig(), ...(isSentinel ? ['--sentinel'] : [])]
    this.#process = spawn('setpriv', ['--pdeathsig', 'KILL', ...server], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const keep = (chunk: Buffer): void => {
      this.#log = (this.#log + chunk).slice(-LOG_CHARACTERS)
    }
    this.#process.stdout?.on('data', keep)
    this.#process.stderr?.on('data', keep)
    this.#process.on('error', keep)
  }

  /** A sentinel writes what it has learnt into its file, which then stays. */
  #writeConfig(): string {
    const file = join(this.#dir, 'redis.conf')
    const { config, sentinel } = this.#options
    if (sentinel !== undefined && existsSync(file)) return file
    const lines = { port: this.#port, dir: this.#dir, bind: '127.0.0.1' }
    const all: RedisConfig =
      sentinel === undefined ? { ...lines, save: '""', appendonly: 'no', ...config } : lines
    const text = Object.entries(all).map(([name, value]) => `${name} ${value}\n`)
    writeFileSync(file, text.join('') + (sentinel ?? ''))
    return file
  }

  async #untilReady(): Promise<void> {
    const answers = async (): Promise<boolean> => (await this.call('PING')) === 'PONG'
    const over = async (): Promise<boolean> => !this.isAlive || (await answers())
    await until('redis-server answers', over, { withinMs: READY_MS, everyMs: 3 })
    if (!this.isAlive) throw new Error(`redis-server has ended at its start.\n${this.#log}`)
  }
}
