/**
 * Lets a bounded number of calls into a source at a time; the others wait their turn.
 *
 * So an outage of the shared tier, after which every key is missing at once, reaches the database as
 * a queue and not as a flood.
 */

import { QueueFullError } from '../contracts/errors.ts'

/** Calls waiting for their turn at most. At 64 in flight of 10 ms each, 15 s of work. */
export const MAX_WAITING = 100_000

export class Bulkhead {
  readonly #name: string
  readonly #limit: number
  /** A queue with a moving head: `shift` of a long array moves every element. */
  #waiting: (() => void)[] = []
  #head = 0
  #running = 0

  constructor(name: string, limit: number) {
    this.#name = name
    this.#limit = limit
  }

  /** Calls that wait for their turn. */
  get waiting(): number {
    return this.#waiting.length - this.#head
  }

  /** @throws QueueFullError if too many wait already; whatever `task` throws. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit) await this.#turn()
    else this.#running += 1
    try {
      return await task()
    } finally {
      this.#next()
    }
  }

  #turn(): Promise<void> {
    if (this.waiting >= MAX_WAITING) {
      throw new QueueFullError(`calls to the source of ${this.#name}`, MAX_WAITING)
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** Hands the place to the next in line, so that no newcomer can slip in between. */
  #next(): void {
    const next = this.#waiting[this.#head]
    if (next === undefined) {
      this.#waiting = []
      this.#head = 0
      this.#running -= 1
      return
    }
    this.#head += 1
    // What was served is let go of, or a queue that never runs empty would hold it for ever.
    if (this.#head >= 1024 && this.#head * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head)
      this.#head = 0
    }
    next()
  }
}
