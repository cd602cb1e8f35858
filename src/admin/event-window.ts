/**
 * Events as people can follow them: those of one kind within a tenth of a second are one. However many
 * there are, what is held and what is told stays bounded.
 */

import type { Clock } from '../contracts/clock.ts'

export interface EventWindowParts<R> {
  readonly clock: Clock
  readonly merge: (before: R, next: R) => R
  /** Called when a window ends, with what it has brought. */
  readonly tell: (record: R) => void
}

/** A person sees it at once, and a busy cache costs ten lines a second for each kind. */
const WINDOW_MS = 100
/** Kinds in one window; of more, those that come later are only counted. */
const KINDS = 100
/** Records that are remembered. */
const RECORDS = 100

export class EventWindow<R> {
  readonly #parts: EventWindowParts<R>
  readonly #open = new Map<string, R>()
  readonly #records: R[] = []
  #cancel: (() => void) | undefined
  #leftOut = 0

  constructor(parts: EventWindowParts<R>) {
    this.#parts = parts
  }

  /** Events that were not told, since there were too many kinds at once. */
  get leftOut(): number {
    return this.#leftOut
  }

  /** The latest first, those of the open window among them. */
  get records(): readonly R[] {
    return [...this.#records, ...this.#open.values()].slice(-RECORDS).reverse()
  }

  /** Records with the same `kind` become one. */
  add(kind: string, record: R): void {
    const before = this.#open.get(kind)
    if (before === undefined && this.#open.size >= KINDS) {
      this.#leftOut += 1
      return
    }
    this.#open.set(kind, before === undefined ? record : this.#parts.merge(before, record))
    this.#cancel ??= this.#parts.clock.schedule(WINDOW_MS, () => this.#end(), 'upkeep')
  }

  close(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #end(): void {
    this.#cancel = undefined
    const records = [...this.#open.values()]
    this.#open.clear()
    this.#records.push(...records)
    this.#records.splice(0, this.#records.length - RECORDS)
    for (const record of records) this.#parts.tell(record)
  }
}
