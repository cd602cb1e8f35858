/**
 * What the library itself keeps in the shared tier, for the next start or for other instances: one entry a
 * collection, in a collection of its own that no user can name. Its bytes are bounded by whoever writes it.
 */

import { encodeValue } from './commit.ts'
import type { Engine } from './engine.ts'
import { reserve, survives } from './reserve.ts'
import { setValue } from './set-values.ts'
import type { Space } from './space.ts'

/** A cache that nobody has started for longer has other readers by then. */
const KEPT_MS = 30 * 86_400_000

export class KeptRecord {
  readonly #engine: Engine
  readonly #space: Space

  constructor(engine: Engine, space: Space) {
    this.#engine = engine
    this.#space = space
  }

  /** `undefined`: there is none, it cannot be read, or the tier did not answer. */
  async read(collection: string): Promise<unknown> {
    return (await this.look(collection))?.value
  }

  /** The same, and `undefined` only where the tier did not answer. */
  async look(collection: string): Promise<{ readonly value: unknown } | undefined> {
    const key = this.#space.sharedKey(collection)
    const reading = await this.#engine.shared?.access.read(key)
    if (reading === undefined) return undefined
    if (reading.entry === undefined) return { value: undefined }
    const decoded = await this.#space.envelope.decode(key.id, reading.entry.envelope)
    return { value: decoded.ok ? decoded.content.value : undefined }
  }

  /** Taken before a look; what it answers tells whether nothing was heard since that may have changed it. */
  watch(collection: string): { stands(): boolean; end(): void } {
    const reservation = reserve(this.#engine, this.#space, collection)
    return {
      stands: () => survives(this.#engine, reservation),
      end: () => this.#space.reservations.release(reservation),
    }
  }

  /** In the shared tier, or not at all. @throws TierError, after which it may be written all the same */
  async put(collection: string, value: unknown): Promise<void> {
    const { shared, clock } = this.#engine
    const life = { ttlMs: KEPT_MS, graceMs: 0, expiresAt: clock.now() + KEPT_MS }
    const { options } = this.#space
    const fresh = { options, life, absent: false, value, loadMs: undefined }
    const key = this.#space.sharedKey(collection)
    const { bytes: envelope } = await encodeValue(this.#engine, this.#space, key, fresh)
    await shared?.access.set({ ...key, envelope, ttlMs: KEPT_MS, graceMs: 0, tags: [] })
  }

  /** Past the check of an open cache, since the last is kept while it closes. @throws TierError */
  async write(collection: string, value: unknown): Promise<void> {
    const options = { ...this.#space.options, ttlMs: KEPT_MS, memoryTtlMs: 1 }
    await setValue(this.#engine, this.#space, { key: collection, value, options })
  }
}
