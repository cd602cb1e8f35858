/**
 * Work that nobody waits for, with an owner: what it rejects with is handed to `onError` instead of
 * becoming an unhandled rejection, and `idle` tells when all of it has ended.
 *
 * A host that stops the process after an answer is handed each of them, to wait for it.
 */

export class Background {
  readonly #onError: (reason: string, error: unknown) => void
  readonly #waitUntil: ((work: Promise<void>) => void) | undefined
  readonly #loads = new Running()
  readonly #others = new Running()

  constructor(
    onError: (reason: string, error: unknown) => void,
    waitUntil?: (work: Promise<void>) => void,
  ) {
    this.#onError = onError
    this.#waitUntil = waitUntil
  }

  /** `load`: it changes nothing, and may hang where a loader does. */
  run(reason: string, work: Promise<unknown>, kind: 'load' | 'other' = 'other'): void {
    const owned = work.then(
      () => {},
      (error: unknown) => this.#onError(reason, error),
    )
    this.#own(owned, kind === 'load' ? this.#loads : this.#others)
  }

  /** Counts work that somebody else waits for, who hears of its errors. */
  watch<T>(work: Promise<T>): Promise<T> {
    const over = work.then(
      () => {},
      () => {},
    )
    this.#own(over, this.#others)
    return work
  }

  /** `work` never rejects. */
  #own(work: Promise<void>, among: Running): void {
    among.add(work)
    try {
      this.#waitUntil?.(work)
    } catch (error) {
      // Some hosts refuse what begins outside of a request.
      this.#onError('waitUntil', error)
    }
  }

  /** Resolves when nothing is running any more, including what was started meanwhile. */
  async idle(): Promise<void> {
    while (this.#loads.count + this.#others.count > 0) {
      await this.#others.idle()
      await this.#loads.idle()
    }
  }

  /** As `idle`, but for loads. */
  async changed(): Promise<void> {
    await this.#others.idle()
  }
}

/** Work under way of one kind. */
class Running {
  count = 0
  /** Settled when nothing is running any more; there is one only where somebody waits. */
  #idle: PromiseWithResolvers<void> | undefined

  /** `work` never rejects. */
  add(work: Promise<void>): void {
    this.count += 1
    void work.then(() => this.#ended())
  }

  async idle(): Promise<void> {
    while (this.count > 0) {
      this.#idle ??= Promise.withResolvers()
      await this.#idle.promise
    }
  }

  #ended(): void {
    this.count -= 1
    if (this.count > 0) return
    this.#idle?.resolve()
    this.#idle = undefined
  }
}
