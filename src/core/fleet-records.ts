/**
 * What each instance leaves of itself in the shared tier, for all others to show: a record each, which
 * ends with its instance, and a list of who has one. No clock of two machines is compared.
 *
 * Two that write the list at once may lose one of them, which puts itself back at its next turn.
 */

import type { EnvelopeContent } from '../contracts/codec.ts'
import type { Engine, SharedParts } from './engine.ts'
import type { Space } from './space.ts'

/** See `WARM_LIST`: no collection of a user is called so. */
export const FLEET = '~fleet'

/** Records in the list; those of instances beyond it are not shown. */
const MAX_LISTED = 1_000
/** Keys are instances; none of them is called so, as each has a part that is drawn. */
const LIST = 'list'
const LIST_MS = 86_400_000

export class FleetRecords {
  readonly #shared: SharedParts
  readonly #space: Space
  readonly #own: string

  constructor({ random }: Engine, shared: SharedParts, space: Space) {
    this.#shared = shared
    this.#space = space
    this.#own = random.id()
  }

  /** Replaces what this instance has left before; it ends `ttlMs` from now. @throws TierError */
  async leave(report: unknown, ttlMs: number): Promise<void> {
    await this.#write(this.#own, report, ttlMs)
    const listed = await this.#listed()
    if (listed.includes(this.#own)) return
    const alive = await this.#records(listed)
    const others = listed.filter((_, at) => alive[at] !== undefined)
    await this.#write(LIST, [this.#own, ...others].slice(0, MAX_LISTED), LIST_MS)
  }

  /** What the others have left that has not ended. @throws TierError */
  async others(): Promise<readonly unknown[]> {
    const listed = await this.#listed()
    const records = await this.#records(listed.filter((one) => one !== this.#own))
    return records.filter((record) => record !== undefined)
  }

  async #listed(): Promise<readonly string[]> {
    const list = await this.#read(LIST)
    return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : []
  }

  async #records(names: readonly string[]): Promise<readonly unknown[]> {
    return await Promise.all(names.map((name) => this.#read(name)))
  }

  async #read(name: string): Promise<unknown> {
    const key = this.#space.sharedKey(name)
    const reading = await this.#shared.access.read(key)
    if (reading?.entry === undefined) return undefined
    const decoded = await this.#space.envelope.decode(key.id, reading.entry.envelope)
    if (!decoded.ok || typeof decoded.content.value !== 'string') return undefined
    return JSON.parse(decoded.content.value)
  }

  /** Past the outbox: what is not left now is left at the next turn. */
  async #write(name: string, value: unknown, ttlMs: number): Promise<void> {
    const key = this.#space.sharedKey(name)
    const content: EnvelopeContent = {
      kind: 'value',
      // As text, which every codec can keep.
      value: JSON.stringify(value),
      schemaVersion: 0,
      ttlMs,
      graceMs: 0,
      expiresAt: Number.POSITIVE_INFINITY,
      renewal: 'fixed',
      loadMs: undefined,
      etag: undefined,
      tags: [],
      size: 1,
      priority: 'normal',
    }
    const { bytes } = await this.#space.envelope.encode(key.id, content)
    await this.#shared.access.set({ ...key, envelope: bytes, ttlMs, graceMs: 0, tags: [] })
  }
}
