/**
 * Decides what happens next: a clock and a gate in one.
 *
 * Everything that is waited for, an answer of a contract or a timer, is held here, and one thing at a
 * time is let go, chosen by the seed. Since JavaScript runs one turn at a time, every interleaving of
 * a program lies in these choices; a seed that finds a fault finds it again.
 */

import type { Clock } from '../contracts/clock.ts'
import { SeededRandom } from './seeded-random.ts'

interface Timer {
  readonly dueAt: number
  readonly order: number
  readonly task: () => void
}

interface Step {
  readonly name: string
  readonly run: () => void
}

export interface SeededSchedulerOptions {
  readonly seed: number
  /** How often the next timer is let go although something else could be: slow answers. @default 0.02 */
  readonly timerShare?: number
  /** Steps after which a run is given up as endless. @default 1000000 */
  readonly maxSteps?: number
}

const FIRST_NOW = Date.UTC(2030, 0, 1)

export class SeededScheduler implements Clock {
  readonly random: SeededRandom
  readonly #options: Required<SeededSchedulerOptions>
  readonly #steps: Step[] = []
  readonly #timers = new Set<Timer>()
  #monotonic = 0
  #order = 0
  #taken = 0
  #digest = 0

  constructor(options: SeededSchedulerOptions) {
    this.#options = { timerShare: 0.02, maxSteps: 1_000_000, ...options }
    this.random = new SeededRandom(options.seed)
  }

  /** Steps let go so far. */
  get taken(): number {
    return this.#taken
  }

  /** Names the order in which things happened: alike for each run of a seed. */
  get digest(): number {
    return this.#digest
  }

  now(): number {
    return FIRST_NOW + this.#monotonic
  }

  monotonic(): number {
    return this.#monotonic
  }

  schedule(delayMs: number, task: () => void): () => void {
    if (delayMs <= 0) {
      const step = { name: 'tick', run: task }
      this.#steps.push(step)
      return () => this.#forget(step)
    }
    this.#order += 1
    const timer: Timer = { dueAt: this.#monotonic + delayMs, order: this.#order, task }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Resolves when the seed says so. */
  turn(name: string): Promise<void> {
    return new Promise((resolve) => this.#steps.push({ name, run: resolve }))
  }

  /**
   * The same object with a gate before each call of a function that answers with a promise, and one
   * before its answer: a request may be slow on its way, and so may its answer. `at once`: names of
   * functions that answer with something else.
   */
  gate<T extends object>(contract: T, name: string, atOnce: readonly string[] = []): T {
    return new Proxy(contract, {
      get: (target, property) => {
        const member: unknown = Reflect.get(target, property, target)
        if (typeof member !== 'function') return member
        if (atOnce.includes(String(property))) return member.bind(target)
        return (...input: unknown[]) => {
          const label = `${name}.${String(property)}`
          const call = async (): Promise<unknown> => {
            await this.turn(label)
            try {
              return await member.apply(target, input)
            } finally {
              await this.turn(`${label} answers`)
            }
          }
          return call()
        }
      },
    })
  }

  /**
   * Runs `work` to its end, letting one thing go at a time.
   *
   * @throws an error if nothing is left that could happen, or it never ends.
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    let settled = false
    const outcome = work().finally(() => {
      settled = true
    })
    outcome.catch(() => {})
    for (;;) {
      await rest()
      if (settled) return await outcome
      if (!this.#next())
        throw new Error('Nothing is left that could happen, and the work has not ended.')
      this.#taken += 1
      if (this.#taken > this.#options.maxSteps) {
        throw new Error(`The work has not ended after ${this.#options.maxSteps} steps.`)
      }
    }
  }

  #next(): boolean {
    const timer = this.#earliest()
    const early = timer !== undefined && this.random.next() < this.#options.timerShare
    if (this.#steps.length > 0 && !early) {
      const [step] = this.#steps.splice(this.random.below(this.#steps.length), 1)
      this.#note(step?.name ?? '')
      step?.run()
      return true
    }
    if (timer === undefined) return false
    this.#timers.delete(timer)
    this.#monotonic = Math.max(this.#monotonic, timer.dueAt)
    this.#note('timer')
    timer.task()
    return true
  }

  #earliest(): Timer | undefined {
    let earliest: Timer | undefined
    for (const timer of this.#timers) {
      const sooner =
        earliest === undefined ||
        timer.dueAt < earliest.dueAt ||
        (timer.dueAt === earliest.dueAt && timer.order < earliest.order)
      if (sooner) earliest = timer
    }
    return earliest
  }

  #forget(step: Step): void {
    const index = this.#steps.indexOf(step)
    if (index >= 0) this.#steps.splice(index, 1)
  }

  #note(name: string): void {
    for (let i = 0; i < name.length; i += 1) {
      this.#digest = (Math.imul(this.#digest, 31) + name.charCodeAt(i)) | 0
    }
  }
}

/** Until every promise that can go on without us has done so. */
function rest(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}
