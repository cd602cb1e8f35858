/** The workers of one set-up, each in a slot, and the source they read and write. */

import { setTimeout as pause } from 'node:timers/promises'
import type { SeededRandom } from '../../src/testing/seeded-random.ts'
import type { FromWorker, Order, Row, TrafficLog, WorkerPlan } from './messages.ts'
import { monotonicMs } from './monotonic-ms.ts'
import type { RowSource } from './row-source.ts'
import { WorkerProcess } from './worker-process.ts'

/** The source takes up to so long, half of it before it reads or writes, half of it after. */
const SOURCE_MS = 6
/** Some answers to loads take longer: what they bring may be outdated by then. */
const SLOW_SHARE = 0.1
const SLOW_MS = 120
/** What a worker did past its cache this long before its death may not have been told. */
const UNTOLD_MS = 2000

export interface FleetParts {
  readonly source: RowSource
  readonly random: SeededRandom
  /** One for each slot; `instance` and `seed` are of the slot's first worker. */
  readonly plans: readonly Omit<WorkerPlan, 'instance' | 'seed'>[]
  readonly hear: (instance: string, log: TrafficLog) => void
  readonly trouble: (text: string) => void
}

export class Fleet {
  readonly #parts: FleetParts
  readonly #workers: WorkerProcess[] = []
  #born = 0
  #traffic: Order = { kind: 'traffic', reads: false, writes: false }

  private constructor(parts: FleetParts) {
    this.#parts = parts
  }

  static async start(parts: FleetParts): Promise<Fleet> {
    const fleet = new Fleet(parts)
    try {
      for (const slot of parts.plans.keys()) fleet.#workers[slot] = fleet.#spawn(slot)
      await Promise.all(fleet.#workers.map((worker) => worker.ready()))
    } catch (error) {
      await fleet.kill()
      throw error
    }
    return fleet
  }

  get slots(): readonly number[] {
    return [...this.#workers.keys()]
  }

  get instances(): readonly string[] {
    return this.#workers.map(({ instance }) => instance)
  }

  worker(slot: number): WorkerProcess {
    const worker = this.#workers[slot]
    if (worker === undefined) throw new RangeError(`There is no worker in slot ${slot}.`)
    return worker
  }

  instancesOf(slots: readonly number[]): string[] {
    return slots.map((slot) => this.worker(slot).instance)
  }

  /** What every worker answered, by slot. */
  order(order: Order): Promise<(readonly (Row | undefined)[])[]> {
    if (order.kind === 'traffic') this.#traffic = order
    return Promise.all(this.#workers.map((worker) => worker.order(order)))
  }

  /** With another worker in its place at the end. */
  async replace(slot: number): Promise<void> {
    const old = this.worker(slot)
    const killedAt = monotonicMs()
    await old.kill9()
    const next = this.#spawn(slot)
    await next.ready()
    this.#workers[slot] = next
    // What it had changed at the source and could not tell any more is its own to tell, not the cache's.
    const untold = old.outside.filter(({ at }) => at > killedAt - UNTOLD_MS)
    const keys = [...new Set(untold.flatMap((one) => one.keys))]
    await next.order({ kind: 'invalidate', keys })
    await next.order(this.#traffic)
  }

  async close(): Promise<void> {
    const problems = await Promise.all(this.#workers.map((worker) => worker.close()))
    for (const problem of problems) if (problem !== undefined) this.#parts.trouble(problem)
  }

  async kill(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.kill9()))
  }

  #spawn(slot: number): WorkerProcess {
    const { plans, random, trouble } = this.#parts
    const plan = plans[slot]
    if (plan === undefined) throw new RangeError(`There is no slot ${slot}.`)
    this.#born += 1
    const library = plan.client.split(' ')[0] ?? ''
    const instance = `w${this.#born}-${library}-${plan.policy}`
    return new WorkerProcess(
      { ...plan, instance, seed: random.below(1e9) },
      (worker, message) => this.#hear(worker, message),
      (worker) => trouble(`${worker.instance} died.\n${worker.output}`),
    )
  }

  #hear(worker: WorkerProcess, message: FromWorker): void {
    switch (message.kind) {
      case 'load':
        void this.#load(worker, message.id, message.key)
        break
      case 'write':
        if (message.by === 'outside') noteOutside(worker, message.rows)
        void this.#write(worker, message.id, message.rows)
        break
      case 'log':
        this.#parts.hear(worker.instance, message.log)
        break
      case 'trouble':
        this.#parts.trouble(message.text)
        break
      default:
    }
  }

  async #load(worker: WorkerProcess, id: number, key: string): Promise<void> {
    await this.#halfway()
    const row = this.#parts.source.read(key)
    const { random } = this.#parts
    if (random.next() < SLOW_SHARE) await pause(random.next() * SLOW_MS)
    else await this.#halfway()
    worker.send({ kind: 'loaded', id, row })
  }

  async #write(worker: WorkerProcess, id: number, rows: readonly Row[]): Promise<void> {
    await this.#halfway()
    this.#parts.source.write(rows)
    await this.#halfway()
    worker.send({ kind: 'written', id })
  }

  async #halfway(): Promise<void> {
    await pause((this.#parts.random.next() * SOURCE_MS) / 2)
  }
}

function noteOutside(worker: WorkerProcess, rows: readonly Row[]): void {
  worker.outside.push({ at: monotonicMs(), keys: rows.map(({ key }) => key) })
  // A worker makes some two a second.
  worker.outside.splice(0, worker.outside.length - 100)
}
