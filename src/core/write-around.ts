/**
 * Writing the source and invalidating the cache (P4).
 *
 * While the write is under way an intent stands in the entry's place, so that nobody fills the key
 * with what the source held before. It ends when the source has answered, whatever it said: an error
 * may hide a write that was carried out. A writer that dies is replaced by the intent's deadline.
 */

import type { WriteReceipt } from '../contracts/cache.ts'
import { ArgumentError, ConflictError, StoreTimeoutError } from '../contracts/errors.ts'
import type { MemoryTier } from '../contracts/memory-tier.ts'
import type { WriteOptions } from '../contracts/options.ts'
import type { SharedKey } from '../contracts/shared-tier.ts'
import type { CacheKey, Store, StoreOutcome, StoreWrite } from '../contracts/source.ts'
import { checkValue } from './check-value.ts'
import { checkOpen, type Engine } from './engine.ts'
import { checkTags, refuseArgument } from './field-check.ts'
import { encodeKey } from './key-encoding.ts'
import { dropTags, forget } from './removals.ts'
import { SHARED_BATCH } from './shared-access.ts'
import type { Space } from './space.ts'
import { untilAborted } from './until-aborted.ts'
import { within } from './within.ts'

/** The intent outlives the source's own time by this, so that its end finds it standing. */
const INTENT_MARGIN_MS = 2_000

export interface AroundWrite {
  readonly store: Store<CacheKey, unknown>
  readonly write: StoreWrite<CacheKey, unknown>
  readonly options: WriteOptions | undefined
  readonly hardMs: number
}

/** A write that the store is carrying out. */
interface Applying {
  readonly outcomes: Promise<readonly StoreOutcome[]>
  /** The store has not answered yet. */
  readonly open: boolean
  readonly stop: (reason: Error) => void
  /** Resolves when the store has answered, whatever it said. */
  readonly settled: Promise<void>
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
   * StoreTimeoutError, after which the write may still be carried out.
   */
  async run(what: AroundWrite): Promise<WriteReceipt> {
    checkOpen(this.#engine)
    const { key, kind } = what.write
    if (what.write.kind !== 'remove') checkValue(what.write.value)
    const tags = checkTags(what.options?.invalidateTags ?? [], {
      field: 'invalidateTags',
      refuse: refuseArgument,
      most: SHARED_BATCH,
    })
    what.options?.signal?.throwIfAborted()
    const intent = { ...encodeKey(this.#space.name, key), token: this.#engine.random.id(), tags }
    const startedAt = this.#engine.clock.monotonic()
    const begun = await this.#begin(intent, what.hardMs)
    const applying = this.#apply(what)
    try {
      check(kind, await this.#outcome(what, applying, startedAt))
    } catch (error) {
      // Who gave up knows nothing: the write may still be carried out, and only then may the key be
      // filled again. A writer that dies meanwhile is replaced by the intent's deadline.
      if (applying.open) {
        this.#drop(intent, key)
        const over = applying.settled.then(() => this.#finish(intent, key))
        this.#engine.background.run('write', over)
      } else {
        await this.#finish(intent, key)
      }
      this.#report(kind, startedAt, { outcome: 'failed', error })
      throw error
    }
    const ended = await this.#finish(intent, key)
    this.#report(kind, startedAt, { outcome: 'done', error: undefined })
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

  /** Asks the store, which is told to stop by the caller's signal or by `stop`. */
  #apply({ store, write, options }: AroundWrite): Applying {
    const controller = new AbortController()
    const abort = (): void => controller.abort(options?.signal?.reason)
    // It may have aborted while the intent was begun.
    if (options?.signal?.aborted === true) abort()
    options?.signal?.addEventListener('abort', abort, { once: true })
    const call = async (): Promise<readonly StoreOutcome[]> =>
      await store.apply([write], { signal: controller.signal })
    const outcomes = call()
    const applying = {
      outcomes,
      open: true,
      stop: (reason: Error) => controller.abort(reason),
      settled: outcomes.then(() => {}).catch(() => {}),
    }
    applying.settled = applying.settled.then(() => {
      applying.open = false
      options?.signal?.removeEventListener('abort', abort)
    })
    return applying
  }

  /** The caller waits no longer than the hard timeout. */
  async #outcome(
    { write, hardMs, options }: AroundWrite,
    applying: Applying,
    startedAt: number,
  ): Promise<StoreOutcome | undefined> {
    // Counted from the call, not from the intent's beginning: the intent must outlive the store's time.
    const leftMs = Math.max(1, startedAt + hardMs - this.#engine.clock.monotonic())
    const outcomes = await untilAborted(options?.signal, () =>
      within(this.#engine.clock, leftMs, applying.outcomes, () => {
        const late = new StoreTimeoutError(this.#space.pattern, write.kind, hardMs)
        applying.stop(late)
        return late
      }),
    )
    return Array.isArray(outcomes) ? outcomes[0] : undefined
  }

  /** The tier first, then this process, so that no copy can come back from there. */
  async #finish(
    intent: SharedKey & { readonly token: string; readonly tags: readonly string[] },
    key: CacheKey,
  ): Promise<boolean> {
    const ended = await this.#end(intent)
    this.#drop(intent, key)
    return ended
  }

  #drop({ tags }: { readonly tags: readonly string[] }, key: CacheKey): void {
    forget(this.#space, key)
    dropTags(this.#engine, this.#memory, tags)
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

  #report(
    kind: 'create' | 'put' | 'remove',
    startedAt: number,
    end: { readonly outcome: 'done' | 'failed'; readonly error: unknown },
  ): void {
    this.#engine.report({
      type: 'write',
      pattern: this.#space.pattern,
      kind,
      count: 1,
      durationMs: this.#engine.clock.monotonic() - startedAt,
      ...end,
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
    default:
      throw new ArgumentError({
        field: `what \`apply\` answers for a ${kind}`,
        expected: 'an array with one outcome: applied, superseded, conflict or failed',
        actual: (outcome as { kind?: unknown } | undefined)?.kind ?? outcome,
      })
  }
}
