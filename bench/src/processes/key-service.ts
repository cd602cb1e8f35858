/** Reads keys through a subject all the time, as a program does that serves them. For the receivers. */

import { setTimeout as pause } from 'node:timers/promises'
import { type Item, item } from '../subjects/item.ts'
import type { CopyingSubject } from '../subjects/redis/redis-subject.ts'
import { Truth } from './truth.ts'

/** Some hundreds to some thousands of reads a second: enough that copies are there to go stale. */
const readsAtOnce = 20
const pauseMs = 5
/** Keys that are compared at once. */
const comparedAtOnce = 200

export class KeyService {
  readonly #subject: CopyingSubject
  readonly #keys: readonly string[]
  readonly #truth: Truth
  readonly #reading: Promise<void>
  #ended = false

  constructor(subject: CopyingSubject, port: number, keys: readonly string[]) {
    this.#subject = subject
    this.#keys = keys
    this.#truth = new Truth(port)
    this.#reading = this.#readOn()
  }

  /** While nobody changes the source: how many keys are served older than it has them. */
  async countStale(): Promise<number> {
    let stale = 0
    for (let from = 0; from < this.#keys.length; from += comparedAtOnce) {
      const some = this.#keys.slice(from, from + comparedAtOnce)
      const versions = await this.#truth.read(some)
      const served = await Promise.all(some.map((key) => this.#serve(key)))
      stale += served.filter((version, at) => version !== versions[at]).length
    }
    return stale
  }

  async end(): Promise<void> {
    this.#ended = true
    await this.#reading
    this.#truth.close()
  }

  #serve(key: string): Promise<number> {
    return this.#subject.getOrLoad(key, () => this.#load(key))
  }

  async #load(key: string): Promise<Item> {
    const [version = 0] = await this.#truth.read([key])
    return item(version)
  }

  async #readOn(): Promise<void> {
    for (let next = 0; !this.#ended; next += readsAtOnce) {
      const some = Array.from(
        { length: readsAtOnce },
        (_, at) => this.#keys[(next + at) % this.#keys.length] as string,
      )
      // A connection that is being reset fails calls of those who do not go round it.
      await Promise.allSettled(some.map((key) => this.#serve(key)))
      await pause(pauseMs)
    }
  }
}
