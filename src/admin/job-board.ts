/** Work that was begun by a request and goes on after its answer: one of each name at a time. */

import type { Clock } from '../contracts/clock.ts'
import { nameOfError } from './problem-of.ts'

export type JobState =
  | { readonly state: 'never' }
  | { readonly state: 'running'; readonly begunAt: number }
  | {
      readonly state: 'done' | 'failed'
      readonly begunAt: number
      readonly endedAt: number
      /** Of `done`. */
      readonly report: unknown
      /** Of `failed`: its class and code alone; empty otherwise. */
      readonly error: string
    }

export class JobBoard {
  readonly #clock: Clock
  /** As many as there are collections, at most. */
  readonly #jobs = new Map<string, JobState>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  of(name: string): JobState {
    return this.#jobs.get(name) ?? { state: 'never' }
  }

  /**
   * Answers at once; `running`: one of that name has not ended, and no other is begun.
   *
   * @throws what the work throws before it has begun to wait for anything: it cannot be done at all.
   */
  async begin(name: string, work: () => Promise<unknown>): Promise<'begun' | 'running'> {
    if (this.of(name).state === 'running') return 'running'
    const begunAt = this.#clock.now()
    this.#jobs.set(name, { state: 'running', begunAt })
    const running = (async () => await work())()
    void this.#follow(name, begunAt, running)
    const turn = new Promise<void>((resolve) => this.#clock.schedule(0, resolve))
    await Promise.race([running, turn])
    return 'begun'
  }

  /** Never rejects. */
  async #follow(name: string, begunAt: number, running: Promise<unknown>): Promise<void> {
    const end = await running.then(
      (report) => ({ state: 'done', report, error: '' }) as const,
      (error: unknown) => ({ state: 'failed', report: null, error: nameOfError(error) }) as const,
    )
    this.#jobs.set(name, { ...end, begunAt, endedAt: this.#clock.now() })
  }
}
