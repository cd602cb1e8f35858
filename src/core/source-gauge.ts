/**
 * How busy a source is, and who asks it: what warming goes by, so that it never stands in the way of
 * readers. Holds the bulkhead, which readers and warming share.
 */

import type { Clock } from '../contracts/clock.ts'
import type { SourceCall, SourcePressure } from '../contracts/warm-target.ts'
import { Bulkhead } from './bulkhead.ts'

/** For whom the source is asked. `shadow`: for nobody, and what comes of it tells nothing of the source. */
export type AskedFor = 'readers' | 'warming' | 'shadow'

export interface SourceGaugeOptions {
  readonly name: string
  readonly clock: Clock
  /** Calls at once. */
  readonly concurrency: number
}

export class SourceGauge implements SourcePressure {
  readonly limit: number
  readonly #clock: Clock
  readonly #bulkhead: Bulkhead
  #foreground = 0
  #listener: ((call: SourceCall) => void) | undefined

  constructor({ name, clock, concurrency }: SourceGaugeOptions) {
    this.#clock = clock
    this.#bulkhead = new Bulkhead(name, concurrency)
    this.limit = concurrency
  }

  get foreground(): number {
    return this.#foreground
  }

  get waiting(): number {
    return this.#bulkhead.waiting
  }

  listen(listener: (call: SourceCall) => void): void {
    this.#listener = listener
  }

  /** One call, when its turn has come. @throws QueueFullError; whatever `call` throws. */
  async run<T>(
    what: { readonly askedFor: AskedFor; readonly keys: number; readonly signal: AbortSignal },
    call: () => Promise<T>,
  ): Promise<T> {
    const { askedFor, keys, signal } = what
    if (askedFor === 'readers') this.#foreground += 1
    try {
      return await this.#bulkhead.run(async () => {
        const beganAt = this.#clock.monotonic()
        let failed = true
        try {
          const answer = await call()
          failed = false
          return answer
        } finally {
          const durationMs = this.#clock.monotonic() - beganAt
          // What nobody wanted any more says nothing of the source.
          if (!signal.aborted && askedFor !== 'shadow')
            this.#listener?.({ keys, durationMs, failed })
        }
      })
    } finally {
      if (askedFor === 'readers') this.#foreground -= 1
    }
  }

  /** The source was given a rest, and was not asked. */
  refused(keys: number): void {
    this.#listener?.({ keys, durationMs: 0, failed: true })
  }
}

/** Of a collection that no source stands behind: nothing there could be in anybody's way. */
export const NO_SOURCE: SourcePressure = {
  limit: Number.POSITIVE_INFINITY,
  foreground: 0,
  waiting: 0,
  listen: () => {},
}
