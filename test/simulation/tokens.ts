/** Tokens of the latest writes, as they travel from one process to another. */

import type { VersionToken } from '../../src/contracts/options.ts'

export interface WriteToken {
  readonly key: string
  readonly version: number
  readonly token: VersionToken
}

const KEPT = 6

export class Tokens {
  readonly #latest: WriteToken[] = []

  add(token: WriteToken): void {
    this.#latest.push(token)
    if (this.#latest.length > KEPT) this.#latest.shift()
  }

  /** `share` from 0 to 1. */
  pick(share: number): WriteToken | undefined {
    return this.#latest[Math.floor(share * this.#latest.length)]
  }
}
