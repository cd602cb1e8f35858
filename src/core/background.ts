/**
 * Work that nobody waits for, with an owner: what it rejects with is handed to `onError` instead of
 * becoming an unhandled rejection, and `idle` tells when all of it has ended.
 */

export class Background {
  readonly #onError: (reason: string, error: unknown) => void
  readonly #running = new Set<Promise<void>>()

  constructor(onError: (reason: string, error: unknown) => void) {
    this.#onError = onError
  }

  run(reason: string, work: Promise<unknown>): void {
    const owned = work.then(
      () => {},
      (error: unknown) => this.#onError(reason, error),
    )
    this.#running.add(owned)
    void owned.finally(() => this.#running.delete(owned))
  }

  /** Counts work that somebody else waits for, who hears of its errors. */
  watch<T>(work: Promise<T>): Promise<T> {
    const over = work.then(
      () => {},
      () => {},
    )
    this.#running.add(over)
    void over.finally(() => this.#running.delete(over))
    return work
  }

  /** Resolves when nothing is running any more, including what was started meanwhile. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }
}
