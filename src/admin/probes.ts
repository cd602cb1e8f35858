/** Liveness and readiness, for whatever starts and ends processes. They show no detail. */

import type { Cache } from '../contracts/cache.ts'

/** Probes come every second or so; nobody who sends more makes the cache look more often. */
const JUDGED_FOR_MS = 500
/** A probe that gets no answer counts as failed after a second or so. */
const PATIENCE_MS = 800

export class Probes {
  readonly #cache: Cache
  readonly #now: () => number
  /** Once open it stays so: what is away later is told by its health. */
  #isOpen = false
  #judgement: { readonly at: number; readonly isReady: Promise<boolean> } | undefined

  /** `now`: by a monotonic clock. */
  constructor(cache: Cache, now: () => number) {
    this.#cache = cache
    this.#now = now
  }

  isReady(): Promise<boolean> {
    const now = this.#now()
    if (this.#judgement === undefined || now - this.#judgement.at >= JUDGED_FOR_MS) {
      this.#judgement = { at: now, isReady: this.#judge() }
    }
    return this.#judgement.isReady
  }

  /** Never rejects. */
  async #judge(): Promise<boolean> {
    try {
      const { state, reasons } = await this.#cache.health()
      if (state === 'unhealthy') return false
      this.#isOpen ||= await this.#opened()
      // Without its shared tier the service answers too, from the source.
      return this.#isOpen || reasons.some(({ code }) => code === 'shared-away')
    } catch {
      return false
    }
  }

  async #opened(): Promise<boolean> {
    const patience = AbortSignal.timeout(PATIENCE_MS)
    return await this.#cache.ready({ signal: patience }).then(
      () => true,
      (error: unknown) => {
        if (patience.aborted) return false
        throw error
      },
    )
  }
}
