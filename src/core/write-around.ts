/**
 * Writing the source and invalidating the cache (P4).
 *
 * While the write is under way an intent stands in the entry's place, so that nobody fills the key
 * with what the source held before. It ends when the source has answered, whatever it said: an error
 * may hide a write that was carried out. A writer that dies is replaced by the intent's deadline.
 */

import type { WriteReceipt } from '../contracts/cache.ts'
import { ConflictError } from '../contracts/errors.ts'
import type { MemoryTier } from '../contracts/memory-tier.ts'
import type { WriteOptions } from '../contracts/options.ts'
import type { SharedKey } from '../contracts/shared-tier.ts'
import type { CacheKey, Store, StoreOutcome, StoreWrite } from '../contracts/source.ts'
import { checkOpen, type Engine } from './engine.ts'
import { checkTags, refuseArgument } from './field-check.ts'
import { encodeKey } from './key-encoding.ts'
import { dropTags, forget } from './removals.ts'
import type { Space } from './space.ts'
import { within } from './within.ts'

/** The intent outlives the source's own time by this, so that its end finds it standing. */
const INTENT_MARGIN_MS = 2_000

export interface AroundWrite {
  readonly store: Store<CacheKey, unknown>
  readonly write: StoreWrite<CacheKey, unknown>
  readonly options: WriteOptions | undefined
  readonly hardMs: number
}

export class WriteAround {
  readonly #engine: Engine
  readonly #space: Space
  readonly #memory: MemoryTier | undefined

  constructor(engine: Engine, space: Space, memory: MemoryTier | undefined) {
    this.#engine = engine
    this.#space = space
    this.#memory = memory
  }

  /**
   * @throws ConflictError if the source refused the write; ArgumentError; whatever the store throws;
   * an error at the hard timeout, after which the write may still have been carried out.
   */
  async run(what: AroundWrite): Promise<WriteReceipt> {
    checkOpen(this.#engine)
    const { key, kind } = what.write
    const tags = checkTags(what.options?.invalidateTags ?? [], {
      field: 'invalidateTags',
      refuse: refuseArgument,
    })
    what.options?.signal?.throwIfAborted()
    const intent = { ...encodeKey(this.#space.name, key), token: this.#engine.random.id(), tags }
    const startedAt = this.#engine.clock.monotonic()
    const begun = await this.#begin(intent, what.hardMs)
    let error: unknown
    let ended = false
    try {
      check(kind, await this.#apply(what))
    } catch (thrown) {
      error = thrown
      throw thrown
    } finally {
      ended = await this.#end(intent)
      forget(this.#space, key)
      dropTags(this.#engine, this.#memory, tags)
      this.#report(kind, startedAt, error)
    }
    return { protected: begun && ended }
  }

  async #begin(
    intent: SharedKey & { readonly token: string; readonly tags: readonly string[] },
    hardMs: number,
  ): Promise<boolean> {
    const { shared } = this.#engine
    if (shared === undefined) return true
    try {
      await shared.access.beginIntent({ ...intent, deadlineMs: hardMs + INTENT_MARGIN_MS })
      return true
    } catch {
      // The write goes on: the source matters more than the cache. Its end is told, or kept to tell.
      return false
    }
  }

  /** The store's own promise is awaited no longer than the hard timeout; its signal aborts then. */
  async #apply({ store, write, options, hardMs }: AroundWrite): Promise<StoreOutcome | undefined> {
    const controller = new AbortController()
    const abort = (): void => controller.abort(options?.signal?.reason)
    options?.signal?.addEventListener('abort', abort, { once: true })
    try {
      const applying = store.apply([write], { signal: controller.signal })
      const outcomes = await within(this.#engine.clock, hardMs, applying, () => {
        const late = new Error(`The store took longer than ${hardMs} ms for a ${write.kind}.`)
        controller.abort(late)
        return late
      })
      return outcomes[0]
    } finally {
      options?.signal?.removeEventListener('abort', abort)
    }
  }

  async #end(
    intent: SharedKey & { readonly token: string; readonly tags: readonly string[] },
  ): Promise<boolean> {
    const { shared } = this.#engine
    if (shared === undefined) return true
    try {
      await shared.access.endIntent(intent)
      return true
    } catch {
      shared.outbox.add({ kind: 'keys', keys: [intent], mode: 'delete' })
      if (intent.tags.length > 0) shared.outbox.add({ kind: 'tags', tags: intent.tags })
      return false
    }
  }

  #report(kind: 'create' | 'put' | 'remove', startedAt: number, error: unknown): void {
    this.#engine.report({
      type: 'write',
      pattern: this.#space.pattern,
      kind,
      outcome: error === undefined ? 'done' : 'failed',
      count: 1,
      durationMs: this.#engine.clock.monotonic() - startedAt,
      error,
    })
  }
}

/** @throws ConflictError, or what the store says went wrong. */
function check(kind: string, outcome: StoreOutcome | undefined): void {
  switch (outcome?.kind) {
    case 'applied':
    case 'superseded':
      return
    case 'conflict':
      throw new ConflictError(`The source refused the ${kind}: ${outcome.reason}`)
    case 'failed':
      throw outcome.error
    case undefined:
      throw new Error('The store answered with fewer outcomes than it was given writes.')
    default:
      outcome satisfies never
  }
}
