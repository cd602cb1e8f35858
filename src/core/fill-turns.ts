/**
 * Keeps what warming has loaded from going to the shared tier all at once: one shard after the other, each
 * when the one before is kept. A reader then waits for the thread and for the tier behind a part of a
 * batch, and not behind all of it.
 */

import type { Clock } from '../contracts/clock.ts'

/** A part that takes longer, such as one that waits for the lease of another process, is not waited for. */
const MOST_WAIT_MS = 5

interface Part {
  readonly work: Promise<unknown>[]
  turn: Promise<void> | undefined
}

export class FillTurns {
  readonly #clock: Clock
  readonly #parts = new Map<number, Part>()
  /** When the part before is kept. */
  #before: Promise<void> = Promise.resolve()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `work` is handed what resolves when its shard has its turn. All work of a batch begins in one tick. */
  run<T>(shard: number, work: (turn: () => Promise<void>) => Promise<T>): Promise<T> {
    let part = this.#parts.get(shard)
    if (part === undefined) {
      part = { work: [], turn: undefined }
      this.#parts.set(shard, part)
    }
    const own = part
    const running = work(() => this.#turnOf(own))
    own.work.push(running)
    return running
  }

  #turnOf(part: Part): Promise<void> {
    if (part.turn === undefined) {
      const turn = this.#before
      part.turn = turn
      this.#before = turn.then(() => this.#kept(part))
    }
    return part.turn
  }

  #kept({ work }: Part): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.schedule(MOST_WAIT_MS, resolve)
      void Promise.allSettled(work).then(() => {
        cancel()
        resolve()
      })
    })
  }
}
