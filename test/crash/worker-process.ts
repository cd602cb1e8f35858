/** One worker as its parent has it: started, ordered, stopped, killed. Made by the `Crew`. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { until } from '../servers/until.ts'
import type { FromWorker, Order, WorkerPlan } from './messages.ts'

const SCRIPT = fileURLToPath(new URL('./worker.ts', import.meta.url))
const READY_MS = 40_000
const EXIT_MS = 5000
/** Of what it has printed beside its lines. */
const OUTPUT_CHARACTERS = 10_000

export interface Hearing {
  line(worker: WorkerProcess, text: string): void
  trouble(text: string): void
}

export class WorkerProcess {
  readonly plan: WorkerPlan
  /** Writes that were asked for and not answered yet, and calls of the store. */
  readonly openWrites = new Set<string>()
  readonly openCalls = new Set<string>()
  /** Of its last call of the store: how many lines all workers had told before. */
  calls = 0
  durability = ''
  readonly #process: ChildProcess
  readonly #orders = new Map<number, (problem: string | undefined) => void>()
  readonly #ended: Promise<unknown>
  #ordered = 0
  #output = ''
  #isReady = false
  #isExpectedToEnd = false

  /** It dies with this process, also if that one is killed. */
  constructor(plan: WorkerPlan, hearing: Hearing) {
    this.plan = plan
    const node = [process.execPath, '--disable-warning=ExperimentalWarning', SCRIPT]
    const worker = spawn('setpriv', ['--pdeathsig', 'KILL', ...node, JSON.stringify(plan)], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#process = worker
    worker.stderr?.on('data', (chunk) => {
      this.#output = (this.#output + chunk).slice(-OUTPUT_CHARACTERS)
    })
    worker.on('message', (message) => this.#take(message as FromWorker, hearing))
    this.#ended = Promise.all([once(worker, 'exit'), this.#read(worker, hearing)])
    worker.on('exit', (code, signal) => {
      for (const settle of this.#orders.values()) settle('The worker has ended.')
      this.#orders.clear()
      if (this.#isExpectedToEnd) return
      hearing.trouble(`${this.instance} ended with ${code ?? signal}.\n${this.#output}`)
    })
  }

  get instance(): string {
    return this.plan.instance
  }

  get isAlive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null
  }

  async ready(): Promise<void> {
    const isOver = (): boolean => this.#isReady || !this.isAlive
    await until(`${this.instance} is ready`, isOver, { withinMs: READY_MS })
    if (!this.isAlive) throw new Error(`${this.instance} ended at its start.\n${this.#output}`)
  }

  /** Answers why it could not be carried out; of one that ends before it has answered, that. */
  order(order: Order): Promise<string | undefined> {
    if (!this.#process.connected) return Promise.resolve('The worker has ended.')
    this.#ordered += 1
    const id = this.#ordered
    return new Promise((resolve) => {
      this.#orders.set(id, resolve)
      this.#process.send({ kind: 'order', id, order }, () => {})
    })
  }

  pause(): void {
    this.#process.kill('SIGSTOP')
  }

  resume(): void {
    this.#process.kill('SIGCONT')
  }

  /** At once; `gone` resolves later. */
  kill9(): void {
    this.#isExpectedToEnd = true
    if (this.isAlive) this.#process.kill('SIGKILL')
  }

  /** Resolves when all that it ever told has been heard. */
  async gone(): Promise<void> {
    await this.#ended
  }

  /** Answers what is wrong if it does not end by itself, well. */
  async close(): Promise<string | undefined> {
    this.#isExpectedToEnd = true
    if (!this.isAlive) return undefined
    const problem = await this.order({ kind: 'close' })
    try {
      await until('the worker ends', () => !this.isAlive, { withinMs: EXIT_MS })
      await this.gone()
      return problem === undefined ? undefined : `${this.instance}: ${problem}\n${this.#output}`
    } catch {
      this.kill9()
      return `${this.instance} did not end ${EXIT_MS} ms after its cache was closed.\n${this.#output}`
    }
  }

  /** A last line that a kill has cut off counts for nothing: what it would have said was not done. */
  async #read(worker: ChildProcess, hearing: Hearing): Promise<void> {
    if (worker.stdout === null) return
    for await (const line of linesOf(worker.stdout)) {
      const [word, n = ''] = line.split(' ')
      if (word === 'ask') this.openWrites.add(n)
      else if (word === 'ack' || word === 'not') this.openWrites.delete(n)
      else if (word === 'begin') {
        this.openCalls.add(n)
        this.calls += 1
      } else if (word === 'end') this.openCalls.delete(n)
      hearing.line(this, line)
    }
  }

  #take(message: FromWorker, hearing: Hearing): void {
    if (message.kind === 'ready') {
      this.#isReady = true
      this.durability = message.durability
    } else if (message.kind === 'done') {
      this.#orders.get(message.id)?.(message.problem)
      this.#orders.delete(message.id)
    } else hearing.trouble(message.text)
  }
}

async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of stream) {
    const lines = (rest + chunk.toString('latin1')).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}
