/**
 * Work that nobody waits for, with an owner: what it rejects with is handed to `onError` instead of
 * becoming an unhandled rejection, and `idle` tells when all of it has ended.
 *
 * A host that stops the process after an answer is handed each of them, to wait for it.
 */

export class Background {
  readonly #onError: (reason: string, error: unknown) => void
  readonly #waitUntil: ((work: Promise<void>) => void) | undefined
  #running = 0
  /** Settled when nothing is running any more; there is one only where somebody waits. */
  #idle: PromiseWithResolvers<void> | undefined

  constructor(
    onError: (reason: string, error: unknown) => void,
    waitUntil?: (work: Promise<void>) => void,
  ) {
    this.#onError = onError
    this.#waitUntil = waitUntil
  }

  run(reason: string, work: Promise<unknown>): void {
    const owned = work.then(
      () => {},
      (error: unknown) => this.#onError(reason, error),
    )
    this.#own(owned)
  }

  /** Counts work that somebody else waits for, who hears of its errors. */
  watch<T>(work: Promise<T>): Promise<T> {
    const over = work.then(
      () => {},
      () => {},
    )
    this.#own(over)
    return work
  }

  /** `work` never rejects. */
  #own(work: Promise<void>): void {
    this.#running += 1
    void work.then(() => this.#ended())
    try {
      this.#waitUntil?.(work)
    } catch (error) {
      // Some hosts refuse what begins outside of a request.
      this.#onError('waitUntil', error)
    }
  }

  /** Resolves when nothing is running any more, including what was started meanwhile. */
  async idle(): Promise<void> {
    while (this.#running > 0) {
      this.#idle ??= Promise.withResolvers()
      await this.#idle.promise
    }
  }

  #ended(): void {
    this.#running -= 1
    if (this.#running > 0) return
    this.#idle?.resolve()
    this.#idle = undefined
  }
}
