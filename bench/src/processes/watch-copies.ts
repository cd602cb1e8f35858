/** Notes when copies disappear from this process. Called by the receivers. */

import type { CopyingSubject } from '../subjects/redis/redis-subject.ts'
import { hostNow } from './host-clock.ts'
import type { Disappearances } from './receiver-question.ts'

/** For copies that leave without a message: looked for so often. */
const lookMs = 5

/**
 * Watches the copies of `keys`, which are invalidated in this order: the oldest that is still there is
 * looked at whenever something may have left.
 */
export class CopyWatch {
  readonly #subject: Pick<CopyingSubject, 'holds'>
  readonly #keys: readonly string[]
  readonly #goneAt: number[] = []
  readonly #timer: NodeJS.Timeout
  #looking = false
  #asked = false

  constructor(subject: Pick<CopyingSubject, 'holds'>, keys: readonly string[]) {
    this.#subject = subject
    this.#keys = keys
    this.#timer = setInterval(() => this.look(), lookMs)
  }

  /** Something may have left. */
  look(): void {
    this.#asked = true
    if (this.#looking) return
    this.#looking = true
    void this.#lookOn()
  }

  /** Copies that have left so far. */
  get left(): number {
    return this.#goneAt.length
  }

  get done(): boolean {
    return this.left === this.#keys.length
  }

  /** Ends the watch. A copy that left without being noticed behind one that is there counts as there. */
  end(): Disappearances {
    clearInterval(this.#timer)
    return this.#keys.map((_, at) => this.#goneAt[at] ?? null)
  }

  async #lookOn(): Promise<void> {
    while (this.#asked) {
      this.#asked = false
      while (!this.done) {
        if (await this.#subject.holds(this.#keys[this.#goneAt.length] as string)) break
        this.#goneAt.push(hostNow())
      }
    }
    this.#looking = false
  }
}
