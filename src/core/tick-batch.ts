/**
 * Gathers the calls of one tick and carries them out together.
 *
 * A thousand reads that ask in the same tick become one round trip; a thousand missing keys become
 * one `loadMany`. Used for the shared tier (`shared-access.ts`) and for sources (`loads.ts`).
 */

import type { Clock } from '../contracts/clock.ts'

interface Waiting<I, O> {
  readonly item: I
  readonly resolve: (output: O) => void
  readonly reject: (error: unknown) => void
}

export interface TickBatchOptions<I, O> {
  readonly clock: Clock
  /** Items in one call at most; more travel in several calls. */
  readonly limit: number
  /** Of a call that waits for the network anyway: one that is asked alone need not wait for a turn. */
  readonly eager?: boolean
  /** Carries out one call; answers in the order of the items, with an error for one that failed. */
  readonly run: (items: readonly I[]) => Promise<readonly (O | Error)[]>
}

export class TickBatch<I, O> {
  readonly #options: TickBatchOptions<I, O>
  #waiting: Waiting<I, O>[] = []
  #underWay = 0

  constructor(options: TickBatchOptions<I, O>) {
    this.#options = options
  }

  add(item: I): Promise<O> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject })
      if (this.#waiting.length > 1) return
      const { clock, eager = false } = this.#options
      closeBatch(clock, !eager || this.#underWay > 0, () => this.#flush())
    })
  }

  #flush(): void {
    const all = this.#waiting
    this.#waiting = []
    for (let start = 0; start < all.length; start += this.#options.limit) {
      void this.#run(all.slice(start, start + this.#options.limit))
    }
  }

  async #run(waiting: readonly Waiting<I, O>[]): Promise<void> {
    this.#underWay += 1
    try {
      const outputs = await this.#options.run(waiting.map(({ item }) => item))
      for (const [index, { resolve, reject }] of waiting.entries()) {
        const output = outputs[index]
        if (output instanceof Error) reject(output)
        else resolve(output as O)
      }
    } catch (error) {
      for (const { reject } of waiting) reject(error)
    } finally {
      this.#underWay -= 1
    }
  }
}

/**
 * Closes a batch once all that is running has asked; where there is time, such as while another call is
 * under way, also what the rest of the turn brings.
 */
export function closeBatch(clock: Clock, thereIsTime: boolean, flush: () => void): void {
  if (thereIsTime || clock.defer === undefined) clock.schedule(0, flush)
  else clock.defer(flush)
}
