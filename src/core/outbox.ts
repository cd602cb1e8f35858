/**
 * Invalidations that the shared tier has not taken yet: kept, tried again until it has, and until
 * then respected here.
 *
 * A delete during an outage must not be forgotten: what the tier still holds would come back with it.
 * While a change waits here, this process trusts no shared entry that it concerns (`lookup.ts` asks
 * `holds`), and other processes see the old entry until the tier answers again.
 */

import type { Clock } from '../contracts/clock.ts'
import type { Random } from '../contracts/random.ts'
import type { Invalidation, SharedKey } from '../contracts/shared-tier.ts'
import { compileGlob } from '../keys/glob.ts'
import { decodeKey } from '../keys/key-encoding.ts'
import { SHARED_BATCH } from './shared-access.ts'

/** Keys and tags that are remembered one by one; beyond, everything waits to be cleared. */
export const OUTBOX_LIMIT = 10_000
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 5_000

export interface OutboxOptions {
  readonly clock: Clock
  readonly random: Random
  /** Tries one change. Rejects if the tier did not take it. */
  readonly send: (what: Invalidation) => Promise<unknown>
}

interface PendingPattern {
  readonly collection: string
  readonly pattern: string
  readonly matches: (text: string) => boolean
  readonly addition: number
}

export class Outbox {
  readonly #options: OutboxOptions
  /** Numbers the additions: what was added again while it was being sent must be sent again. */
  #additions = 0
  #tagsTold = 0
  readonly #keys = new Map<string, SharedKey>()
  readonly #tags = new Map<string, number>()
  readonly #patterns = new Map<string, PendingPattern>()
  readonly #collections = new Map<string, number>()
  /** 0: not all is to be cleared. */
  #everything = 0
  #cancelRetry: (() => void) | undefined
  #sending: Promise<void> | undefined
  #closed = false
  #retryMs = FIRST_RETRY_MS

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  get size(): number {
    return (
      this.#keys.size +
      this.#tags.size +
      this.#patterns.size +
      this.#collections.size +
      Math.min(this.#everything, 1)
    )
  }

  /**
   * How many removals of tags the tier was told of late. If it has changed since a shared entry was
   * asked for, the entry may be older than a removal that nobody remembers here any more.
   */
  get tagsTold(): number {
    return this.#tagsTold
  }

  add(what: Invalidation): void {
    this.#additions += 1
    switch (what.kind) {
      case 'keys':
        // A copy, so that one object added twice is two additions.
        for (const key of what.keys) this.#keys.set(key.id, { ...key })
        break
      case 'tags':
        // Of entries that carry all of them, the first tag names more than enough.
        for (const tag of what.match === 'all' ? what.tags.slice(0, 1) : what.tags) {
          this.#tags.set(tag, this.#additions)
        }
        break
      case 'pattern': {
        const { collection, pattern } = what
        const matches = compileGlob(pattern)
        const pending = { collection, pattern, matches, addition: this.#additions }
        this.#patterns.set(`${collection}:${pattern}`, pending)
        break
      }
      case 'collection':
        this.#collections.set(what.collection, this.#additions)
        break
      case 'clear':
        this.#everything = this.#additions
        break
      default:
        what satisfies never
    }
    if (this.size > OUTBOX_LIMIT) this.#becomeEverything()
    this.#arm()
  }

  /** Whether a change that waits concerns the key, so that its shared entry is not to be trusted. */
  holdsKey(key: SharedKey): boolean {
    return (
      this.#everything > 0 ||
      this.#collections.has(key.collection) ||
      this.#keys.has(key.id) ||
      this.#holdsPattern(key)
    )
  }

  holdsTag(tags: readonly string[]): boolean {
    return this.#tags.size > 0 && tags.some((tag) => this.#tags.has(tag))
  }

  #holdsPattern({ id, collection }: SharedKey): boolean {
    if (this.#patterns.size === 0) return false
    const text = String(decodeKey(collection, id))
    for (const pending of this.#patterns.values()) {
      if (pending.collection === collection && pending.matches(text)) return true
    }
    return false
  }

  /** Tries once more, and never again after that. Answers how much is left. */
  async flush(): Promise<number> {
    this.#closed = true
    this.#cancelRetry?.()
    this.#cancelRetry = undefined
    // What was added while it ran is tried by it too, unless it fails.
    await this.#sending
    await this.#send()
    return this.size
  }

  #becomeEverything(): void {
    this.#everything = this.#additions
    this.#keys.clear()
    this.#tags.clear()
    this.#patterns.clear()
    this.#collections.clear()
  }

  #arm(): void {
    if (this.#closed || this.#cancelRetry !== undefined || this.#sending !== undefined) return
    const delayMs = this.#retryMs * (0.5 + this.#options.random.next() / 2)
    this.#cancelRetry = this.#options.clock.schedule(
      delayMs,
      () => {
        this.#cancelRetry = undefined
        void this.#send()
      },
      'upkeep',
    )
  }

  /** Nobody calls it while it runs: it is on no timer then, and `flush` waits for it. */
  async #send(): Promise<void> {
    this.#sending = this.#sendAll()
    await this.#sending
    this.#sending = undefined
    if (this.size > 0) this.#arm()
  }

  /** Sends what waits, a part at a time; what was added again meanwhile is sent again. */
  async #sendAll(): Promise<void> {
    try {
      while (this.size > 0) await this.#sendPart()
      this.#retryMs = FIRST_RETRY_MS
    } catch {
      // Reported by `SharedAccess`, which made the call.
      this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS)
    }
  }

  async #sendPart(): Promise<void> {
    const { send } = this.#options
    const everything = this.#everything
    if (everything > 0) {
      await send({ kind: 'clear' })
      if (this.#everything === everything) this.#everything = 0
      return
    }
    for (const [collection, addition] of this.#collections) {
      await send({ kind: 'collection', collection })
      if (this.#collections.get(collection) === addition) this.#collections.delete(collection)
    }
    for (const [name, { collection, pattern, addition }] of this.#patterns) {
      await send({ kind: 'pattern', collection, pattern })
      if (this.#patterns.get(name)?.addition === addition) this.#patterns.delete(name)
    }
    const tags = [...this.#tags].slice(0, SHARED_BATCH)
    if (tags.length > 0) {
      // What was to be expired, or to carry several tags, is removed: more goes than was asked for.
      await send({ kind: 'tags', tags: tags.map(([tag]) => tag), match: 'any', mode: 'delete' })
    }
    for (const [tag, addition] of tags) {
      if (this.#tags.get(tag) === addition) {
        this.#tags.delete(tag)
        this.#tagsTold += 1
      }
    }
    const keys = [...this.#keys.values()].slice(0, SHARED_BATCH)
    if (keys.length > 0) await send({ kind: 'keys', keys, mode: 'delete' })
    for (const key of keys) if (this.#keys.get(key.id) === key) this.#keys.delete(key.id)
  }
}
