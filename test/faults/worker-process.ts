/** One worker as its parent has it: started, ordered, stopped, killed. Made by the `Fleet`. */

import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { until } from '../servers/until.ts'
import type { FromWorker, Order, Row, ToWorker, WorkerPlan } from './messages.ts'

const SCRIPT = fileURLToPath(new URL('./worker.ts', import.meta.url))
const READY_MS = 20_000
const EXIT_MS = 5000
/** Of what it has printed. */
const OUTPUT_CHARACTERS = 10_000

export type Hear = (worker: WorkerProcess, message: FromWorker) => void

export class WorkerProcess {
  readonly plan: WorkerPlan
  /** Rows that it wrote past its cache, and when: the cache may not have been told. */
  readonly outside: { readonly keys: readonly string[]; readonly at: number }[] = []
  readonly #process: ChildProcess
  readonly #orders = new Map<number, (rows: readonly (Row | undefined)[]) => void>()
  #ordered = 0
  #output = ''
  #isReady = false
  #isExpectedToEnd = false

  /** It dies with this process, also if that one is killed. */
  constructor(plan: WorkerPlan, hear: Hear, died: (worker: WorkerProcess) => void) {
    this.plan = plan
    const node = [process.execPath, '--disable-warning=ExperimentalWarning', SCRIPT]
    this.#process = spawn('setpriv', ['--pdeathsig', 'KILL', ...node, JSON.stringify(plan)], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
    })
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk).slice(-OUTPUT_CHARACTERS)
    }
    this.#process.stdout?.on('data', keep)
    this.#process.stderr?.on('data', keep)
    this.#process.on('error', (error) => keep(Buffer.from(String(error))))
    this.#process.on('message', (message) => this.#take(message as FromWorker, hear))
    this.#process.on('exit', () => {
      for (const settle of this.#orders.values()) settle([])
      this.#orders.clear()
      if (!this.#isExpectedToEnd) died(this)
    })
  }

  get instance(): string {
    return this.plan.instance
  }

  get isAlive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null
  }

  /** What it has printed, for messages. */
  get output(): string {
    return this.#output
  }

  async ready(): Promise<void> {
    const isOver = (): boolean => this.#isReady || !this.isAlive
    await until(`${this.instance} is ready`, isOver, { withinMs: READY_MS })
    if (!this.isAlive) throw new Error(`${this.instance} ended at its start.\n${this.#output}`)
  }

  send(message: ToWorker): void {
    if (this.#process.connected) this.#process.send(message, () => {})
  }

  /** Resolves with nothing if it ends before it has answered. */
  order(order: Order): Promise<readonly (Row | undefined)[]> {
    if (!this.#process.connected) return Promise.resolve([])
    this.#ordered += 1
    const id = this.#ordered
    return new Promise((resolve) => {
      this.#orders.set(id, resolve)
      this.send({ kind: 'order', id, order })
    })
  }

  pause(): void {
    this.#process.kill('SIGSTOP')
  }

  resume(): void {
    this.#process.kill('SIGCONT')
  }

  async kill9(): Promise<void> {
    this.#isExpectedToEnd = true
    if (!this.isAlive) return
    this.#process.kill('SIGKILL')
    await until('a worker is gone', () => !this.isAlive)
  }

  /** Answers what is wrong if it does not end by itself, well, once its cache is closed. */
  async close(): Promise<string | undefined> {
    this.#isExpectedToEnd = true
    if (!this.isAlive) return undefined
    const closing = this.order({ kind: 'close' })
    const ended = until('the worker ends', () => !this.isAlive, { withinMs: EXIT_MS })
    try {
      await Promise.all([closing, ended])
      if (this.#process.exitCode === 0) return undefined
      return `${this.instance} ended with ${this.#process.exitCode ?? this.#process.signalCode}.\n${this.#output}`
    } catch {
      await this.kill9()
      return `${this.instance} did not end ${EXIT_MS} ms after its cache was closed: something was left.\n${this.#output}`
    }
  }

  #take(message: FromWorker, hear: Hear): void {
    if (message.kind === 'ready') this.#isReady = true
    else if (message.kind === 'done') {
      this.#orders.get(message.id)?.(message.rows)
      this.#orders.delete(message.id)
    } else hear(this, message)
  }
}
