/**
 * The intent that stands in an entry's place while the source is being written: nobody serves or fills
 * the key from the shared tier until it ends (protocol rule 4).
 */

import { TierError } from '../contracts/errors.ts'
import type {
  EndIntentAnswer,
  IntentValue,
  ShardMoment,
  SharedKey,
} from '../contracts/shared-tier.ts'
import type { Engine } from './engine.ts'

/** The intent outlives the source's own time by this, so that its end finds it standing. */
const INTENT_MARGIN_MS = 2_000

export interface IntentParts {
  readonly key: SharedKey
  readonly tags: readonly string[]
  readonly hardMs: number
  /** What a write does whose key the tier cannot be asked about. */
  readonly whenUnprotected: 'allow' | 'reject'
}

export class WriteIntent {
  readonly #engine: Engine
  readonly #parts: IntentParts
  readonly #token: string
  #begun: ShardMoment | undefined

  constructor(engine: Engine, parts: IntentParts) {
    this.#engine = engine
    this.#parts = parts
    this.#token = engine.random.id()
  }

  get begun(): ShardMoment | undefined {
    return this.#begun
  }

  /** @throws TierError where nothing unprotected is to be written. */
  async begin(): Promise<void> {
    const { shared } = this.#engine
    if (shared === undefined) return
    const { key, tags, hardMs, whenUnprotected } = this.#parts
    const request = { ...key, token: this.#token, tags, deadlineMs: hardMs + INTENT_MARGIN_MS }
    try {
      this.#begun = await shared.access.beginIntent(request)
      shared.writes.add(this.#begun.shard, request)
    } catch (error) {
      // Otherwise the write goes on: the source matters more than the cache. Its end is told, or kept.
      if (whenUnprotected === 'allow') return
      // It may stand all the same, and would keep others from the key until its deadline.
      this.#engine.background.run('write', this.end(undefined))
      throw error instanceof TierError
        ? error
        : new TierError('shared', 'The write was not protected.')
    }
  }

  /**
   * Leaves `value` in the entry's place if nothing came between, else nothing. `undefined`: the tier
   * did not answer, and is told by the outbox.
   */
  async end(value: IntentValue | undefined): Promise<EndIntentAnswer | undefined> {
    const { shared } = this.#engine
    if (shared === undefined) return undefined
    const { key, tags } = this.#parts
    const begun = this.#begun && { epoch: this.#begun.epoch, number: this.#begun.sequence }
    try {
      return await shared.access.endIntent({ ...key, token: this.#token, tags, begun, value })
    } catch {
      shared.outbox.add({ kind: 'keys', keys: [key], mode: 'delete' })
      if (tags.length > 0) shared.outbox.add({ kind: 'tags', tags, match: 'any', mode: 'delete' })
      return undefined
    } finally {
      shared.writes.end(this.#token)
    }
  }
}
