/** The workers of one set-up, each in a slot; whoever is killed has another in its place. */

import type { SeededRandom } from '../../src/testing/seeded-random.ts'
import type { LedgerFile } from './ledger-file.ts'
import type { WorkerPlan } from './messages.ts'
import { WorkerProcess } from './worker-process.ts'

export type SlotPlan = Omit<WorkerPlan, 'instance' | 'seed' | 'client'>

export interface CrewParts {
  /** Of the instances, unlike those of other crews. */
  readonly name: string
  readonly plans: readonly SlotPlan[]
  readonly ledger: LedgerFile
  readonly random: SeededRandom
  readonly trouble: (text: string) => void
}

/** What was under way where a kill landed. */
export interface InFlight {
  readonly writes: number
  readonly calls: number
}

export class Crew {
  readonly #parts: CrewParts
  readonly #workers: WorkerProcess[] = []
  #born = 0
  #traffic = false

  private constructor(parts: CrewParts) {
    this.#parts = parts
  }

  static async start(parts: CrewParts): Promise<Crew> {
    const crew = new Crew(parts)
    try {
      for (const slot of parts.plans.keys()) crew.#workers[slot] = crew.#spawn(slot)
      await Promise.all(crew.#workers.map((worker) => worker.ready()))
    } catch (error) {
      crew.kill()
      throw error
    }
    return crew
  }

  get workers(): readonly WorkerProcess[] {
    return this.#workers
  }

  get inFlight(): InFlight {
    return inFlightOf(this.#workers)
  }

  /** Answers the problems. */
  async traffic(on: boolean): Promise<string[]> {
    this.#traffic = on
    const writers = this.#workers.filter(({ plan }) => plan.role === 'writer')
    const problems = await Promise.all(
      writers.map((worker) => worker.order({ kind: 'traffic', on })),
    )
    return problems.filter((problem) => problem !== undefined)
  }

  /** Answers what was under way, as far as these workers ever told. */
  async kill9(workers: readonly WorkerProcess[]): Promise<InFlight> {
    for (const worker of workers) worker.kill9()
    await Promise.all(workers.map((worker) => worker.gone()))
    return inFlightOf(workers)
  }

  /** For all that are gone; answers when the new ones are ready, and do as the others do. */
  async replace(): Promise<void> {
    const fresh: WorkerProcess[] = []
    for (const [slot, worker] of this.#workers.entries()) {
      if (worker.isAlive) continue
      const next = this.#spawn(slot)
      this.#workers[slot] = next
      fresh.push(next)
    }
    await Promise.all(
      fresh.map(async (worker) => {
        await worker.ready()
        if (worker.plan.role === 'writer')
          await worker.order({ kind: 'traffic', on: this.#traffic })
      }),
    )
  }

  async close(): Promise<void> {
    const problems = await Promise.all(this.#workers.map((worker) => worker.close()))
    for (const problem of problems) if (problem !== undefined) this.#parts.trouble(problem)
  }

  kill(): void {
    for (const worker of this.#workers) worker.kill9()
  }

  #spawn(slot: number): WorkerProcess {
    const { plans, random, name, ledger, trouble } = this.#parts
    const plan = plans[slot]
    if (plan === undefined) throw new RangeError(`There is no slot ${slot}.`)
    this.#born += 1
    const instance = `${name}${this.#born}`
    return new WorkerProcess(
      { ...plan, instance, seed: random.below(1e9), client: slot },
      { line: (worker, text) => ledger.add(worker.instance, text), trouble },
    )
  }
}

function inFlightOf(workers: readonly WorkerProcess[]): InFlight {
  const sum = (count: (worker: WorkerProcess) => number): number =>
    workers.reduce((total, worker) => total + count(worker), 0)
  return {
    writes: sum(({ openWrites }) => openWrites.size),
    calls: sum(({ openCalls }) => openCalls.size),
  }
}
