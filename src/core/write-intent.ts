/**
 * The intent that stands in an entry's place while the source is being written: nobody serves or fills
 * the key from the shared tier until it ends (protocol rule 4).
 *
 * Where the write names tags, one stands in every other shard too, in nobody's place: each shard then
 * removes the tags in the step that ends it, also if the writer has died.
 */

import { CacheError, ConflictError, TierError } from '../contracts/errors.ts'
import type {
  EndIntentAnswer,
  IntentAnswer,
  IntentRequest,
  IntentValue,
  ShardMoment,
  SharedKey,
} from '../contracts/shared-tier.ts'
import { checkOpen, type Engine, type SharedParts } from './engine.ts'
import { untilAborted } from './until-aborted.ts'

/** The intent outlives the source's own time by this, so that its end finds it standing. */
const INTENT_MARGIN_MS = 2_000
/** Between two looks at a write that waits. */
const FLUSH_LOOK_MS = 25
const PENDING =
  'A write of the key waits for the source, which could overwrite this one: flush the key before the transaction begins.'

export interface IntentParts {
  readonly key: SharedKey
  readonly tags: readonly string[]
  readonly hardMs: number
  /** What a write does whose key the tier cannot be asked about. */
  readonly whenUnprotected: 'allow' | 'reject'
  /** Writes of the key may wait for the source, and come before this one. */
  readonly ordered: boolean
  /**
   * Where one waits: it is waited for; or this one is refused, since its caller holds what the other needs,
   * such as a row in an open transaction.
   */
  readonly whenPending: 'wait' | 'refuse'
  /** Ends that wait. */
  readonly signal: AbortSignal | undefined
  /** What the wait ends with when there is no more time. */
  readonly late: () => Error
}

/** How the write ended in the shard of its key, and in those that only hold its tags. */
export interface EndedIntent {
  readonly own: EndIntentAnswer
  readonly others: readonly ShardMoment[]
  /** No numbers began anew between begin and end, so that nothing of what protected it was lost. */
  readonly protected: boolean
}

export class WriteIntent {
  readonly #engine: Engine
  readonly #parts: IntentParts
  readonly #token: string
  #begun: ShardMoment | undefined
  #others: readonly ShardMoment[] = []

  constructor(engine: Engine, parts: IntentParts) {
    this.#engine = engine
    this.#parts = parts
    this.#token = engine.random.id()
  }

  /** In the shard of the key; `undefined`: not in all shards. */
  get begun(): ShardMoment | undefined {
    return this.#begun
  }

  /**
   * @throws TierError where nothing unprotected is to be written; of the wait for a write of the key that
   * waits: the signal's reason, ClosedError, or what `late` makes; ConflictError where it is not waited for.
   */
  async begin(): Promise<void> {
    const { shared } = this.#engine
    if (shared === undefined) return
    const { key, tags, hardMs, whenUnprotected } = this.#parts
    const deadlineMs = hardMs + INTENT_MARGIN_MS
    const requests = [key, ...this.#elsewhere(shared)].map((place) => {
      return { ...place, token: this.#token, tags, deadlineMs }
    })
    try {
      const moments = await inAll(requests.map((request) => this.#beginOne(shared, request)))
      for (const [at, { shard }] of moments.entries()) {
        const request = requests[at]
        if (request !== undefined) shared.writes.add(shard, request)
      }
      const [own, ...others] = moments
      this.#begun = own
      this.#others = others
    } catch (error) {
      // Otherwise the write goes on: the source matters more than the cache. Its end is told, or kept.
      if (whenUnprotected === 'allow' && !(error instanceof ConflictError)) return
      // It may stand all the same, and would keep others from the key until its deadline.
      this.#engine.background.run('write', this.end(undefined))
      const { signal } = this.#parts
      if (error instanceof CacheError || (signal?.aborted && error === signal.reason)) throw error
      throw new TierError('shared', 'The write was not protected.', { cause: error })
    }
  }

  /**
   * Leaves `value` in the entry's place if nothing came between, else nothing. `undefined`: not every
   * shard answered; they are told by the outbox. `written`: the source is known to have the write.
   */
  async end(value: IntentValue | undefined, written = false): Promise<EndedIntent | undefined> {
    const { shared } = this.#engine
    if (shared === undefined) return undefined
    const { key, tags, ordered } = this.#parts
    const token = this.#token
    const begun = this.#begun && { epoch: this.#begun.epoch, number: this.#begun.sequence }
    const elsewhere = this.#elsewhere(shared).map((place) =>
      shared.access.endIntent({ ...place, token, tags, begun: undefined }),
    )
    try {
      const end = { ...key, token, tags, begun, value, written: ordered && written }
      const ended = shared.access.endIntent(end)
      const [own, ...others] = await inAll([ended, ...elsewhere])
      if (own === undefined) return undefined
      return { own, others, protected: this.#sameEpochs(own, others) }
    } catch {
      shared.outbox.add({ kind: 'keys', keys: [key], mode: 'delete' })
      if (tags.length > 0) shared.outbox.add({ kind: 'tags', tags, match: 'any', mode: 'delete' })
      return undefined
    } finally {
      shared.writes.end(token)
    }
  }

  /** A write of the key that waits is brought to the source first. @throws as `begin` */
  async #beginOne(shared: SharedParts, request: IntentRequest): Promise<IntentAnswer> {
    const { clock, behind } = this.#engine
    const { signal, late, hardMs, whenPending } = this.#parts
    const until = clock.monotonic() + hardMs
    for (;;) {
      const answer = await shared.access.beginIntent(request)
      if (answer.kind === 'begun') return answer
      behind?.wake(request.collection, answer.shard, 0)
      if (whenPending === 'refuse') throw new ConflictError(PENDING)
      if (clock.monotonic() >= until) throw late()
      await untilAborted(signal, () => {
        return new Promise<void>((resolve) => void clock.schedule(FLUSH_LOOK_MS, resolve))
      })
      checkOpen(this.#engine)
    }
  }

  #elsewhere({ access }: SharedParts): readonly SharedKey[] {
    const { key, tags } = this.#parts
    if (tags.length === 0 || access.shards === 1) return []
    const home = access.shardOf(key)
    const every = Array.from({ length: access.shards }, (_, shard) => shard)
    // No key of a user's has an id like this one.
    const id = `!${this.#token}`
    return every
      .filter((shard) => shard !== home)
      .map((shard) => ({ id, collection: key.collection, shard }))
  }

  #sameEpochs(own: EndIntentAnswer, others: readonly ShardMoment[]): boolean {
    if (this.#begun?.epoch !== own.epoch) return false
    return others.every(({ epoch }, at) => epoch === this.#others[at]?.epoch)
  }
}

/** Rejects if any of them does, after all have settled. */
async function inAll<T>(steps: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(steps)
  return await Promise.all(steps)
}
