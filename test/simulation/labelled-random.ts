/**
 * Chance for one instance, whose tokens tell which write they were drawn for: so the simulation knows
 * what a step on the server is about, while nothing in the library does.
 */

import { AsyncLocalStorage } from 'node:async_hooks'
import type { Random } from '../../src/contracts/random.ts'
import { SeededRandom } from '../../src/testing/seeded-random.ts'

export class LabelledRandom implements Random {
  readonly #random: SeededRandom
  readonly #version = new AsyncLocalStorage<number>()

  constructor(seed: number) {
    this.#random = new SeededRandom(seed)
  }

  next(): number {
    return this.#random.next()
  }

  id(): string {
    const id = this.#random.id()
    const version = this.#version.getStore()
    return version === undefined ? id : `${id}V${version}`
  }

  pick<T>(choices: readonly T[]): T {
    return this.#random.pick(choices)
  }

  /** Of the write that is being called. */
  get label(): number | undefined {
    return this.#version.getStore()
  }

  /** Ids that are drawn for `call`, now or later, carry the version. */
  labelled<T>(version: number, call: () => T): T {
    return this.#version.run(version, call)
  }
}

/** `undefined`: the token is of no write. */
export function versionOf(token: string): number | undefined {
  const at = token.indexOf('V')
  return at === -1 ? undefined : Number(token.slice(at + 1))
}
