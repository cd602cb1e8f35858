/** What one seed did, line by line, where somebody wants to read it. */

export class Trace {
  readonly #now: () => number
  readonly #lines: string[] | undefined

  constructor(now: () => number, kept: boolean) {
    this.#now = now
    this.#lines = kept ? [] : undefined
  }

  get lines(): readonly string[] {
    return this.#lines ?? []
  }

  /** Not called where nobody reads. */
  say(line: () => string): void {
    this.#lines?.push(`${(this.#now() / 1000).toFixed(4).padStart(8)}  ${line()}`)
  }
}
