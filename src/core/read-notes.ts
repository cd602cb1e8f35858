/**
 * Reads that the shared tier is to be told of, gathered and told in batches.
 *
 * Whoever reads writes nothing. A note that is lost, with the process or because there are too many,
 * makes an entry look older than it is: then it may leave early, which costs one load.
 */

import type { Clock } from '../contracts/clock.ts'
import type { IdleSteps } from '../contracts/idle-steps.ts'
import type { SharedKey } from '../contracts/shared-tier.ts'
import type { Background } from './background.ts'

/** A note waits no longer than this while the tier answers. Clean-ups allow for it. */
export const NOTE_WAIT_MS = 10_000
/** Keys in one call. */
const BATCH = 1_000
/** Keys that wait at most, some megabytes; what comes while there are so many is dropped. */
const MOST_WAITING = 20_000
/** Keys remembered whose activity was noted lately. */
const MOST_LATELY = 20_000

export interface ReadNotesOptions {
  readonly clock: Clock
  readonly background: Background
  readonly note: IdleSteps['note']
}

interface Waiting {
  readonly key: SharedKey
  /** See `IdleSteps.note`. */
  readonly everyMs: number
}

export class ReadNotes {
  readonly #options: ReadNotesOptions
  #waiting = new Map<string, Waiting>()
  /** By id: until when its activity need not be noted again. The oldest is forgotten first. */
  readonly #lately = new Map<string, number>()
  #cancel: (() => void) | undefined
  #flushing: Promise<void> | undefined
  #closed = false

  constructor(options: ReadNotesOptions) {
    this.#options = options
  }

  /** `soon`: the entry is about to leave. */
  add(key: SharedKey, everyMs: number, when: 'soon' | 'later' = 'later'): void {
    if (this.#closed || (this.#waiting.size >= MOST_WAITING && !this.#waiting.has(key.id))) return
    this.#waiting.set(key.id, { key, everyMs })
    const full = this.#waiting.size >= BATCH
    this.#arm(full || when === 'soon' ? 0 : Math.min(NOTE_WAIT_MS, everyMs))
  }

  /** Of which nobody can tell when it was noted last. */
  addActivity(key: SharedKey, everyMs: number): void {
    const now = this.#options.clock.monotonic()
    if (now < (this.#lately.get(key.id) ?? 0)) return
    this.#lately.delete(key.id)
    this.#lately.set(key.id, now + everyMs)
    const [oldest] = this.#lately.size > MOST_LATELY ? this.#lately.keys() : []
    if (oldest !== undefined) this.#lately.delete(oldest)
    this.add(key, everyMs)
  }

  /** Tells what waits. Never rejects; what the tier does not take waits on. */
  flush(): Promise<void> {
    this.#flushing ??= this.#tell().finally(() => {
      this.#flushing = undefined
    })
    return this.#flushing
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#cancel?.()
    await this.flush()
  }

  #arm(delayMs: number): void {
    if (this.#cancel !== undefined && delayMs > 0) return
    this.#cancel?.()
    const run = (): void => {
      this.#cancel = undefined
      this.#options.background.run('notes', this.flush())
    }
    this.#cancel = this.#options.clock.schedule(delayMs, run, 'upkeep')
  }

  async #tell(): Promise<void> {
    while (this.#waiting.size > 0) {
      const batch = this.#take()
      const [first] = batch
      if (first === undefined) return
      try {
        await this.#options.note(
          batch.map(({ key }) => key),
          first.everyMs,
        )
      } catch {
        // Told of by the call itself.
        for (const one of batch) {
          if (this.#waiting.size < MOST_WAITING) this.#waiting.set(one.key.id, one)
        }
        if (!this.#closed) this.#arm(NOTE_WAIT_MS)
        return
      }
    }
  }

  /** Those that waited longest, of one kind. */
  #take(): readonly Waiting[] {
    const batch: Waiting[] = []
    for (const [id, one] of this.#waiting) {
      if (batch.length === BATCH) break
      if (one.everyMs !== (batch[0] ?? one).everyMs) continue
      batch.push(one)
      this.#waiting.delete(id)
    }
    return batch
  }
}
