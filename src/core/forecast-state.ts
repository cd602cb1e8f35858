/**
 * What the forecast of each collection has learned, as the shared tier keeps it for the next start: one
 * entry a collection, in a collection of its own that no user can name. Its bytes are bounded by whoever
 * writes it (`warming/predicted-warming.ts`).
 */

import type { Engine } from './engine.ts'
import { setValue } from './set-values.ts'
import type { Space } from './space.ts'

/** See `WARM_LIST`: no collection of a user is called so. */
export const FORECAST_STATE = '~forecast'
/** Older weeks would tell nothing of this one. */
const KEPT_MS = 30 * 86_400_000

export class ForecastState {
  readonly #engine: Engine
  readonly #space: Space

  constructor(engine: Engine, space: Space) {
    this.#engine = engine
    this.#space = space
  }

  /** What cannot be read is none. @throws TierError */
  async read(collection: string): Promise<string | undefined> {
    const key = this.#space.sharedKey(collection)
    const reading = await this.#engine.shared?.access.read(key)
    if (reading?.entry === undefined) return undefined
    const decoded = await this.#space.envelope.decode(key.id, reading.entry.envelope)
    const state = decoded.ok ? decoded.content.value : undefined
    return typeof state === 'string' ? state : undefined
  }

  /** @throws TierError */
  async write(collection: string, state: string): Promise<void> {
    const options = { ...this.#space.options, ttlMs: KEPT_MS }
    await setValue(this.#engine, this.#space, { key: collection, value: state, options })
  }
}
