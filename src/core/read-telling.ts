/** Tells the counted reads once a second while somebody listens, and once more at the end. */

import type { Engine } from './engine.ts'
import type { EventStream } from './event-stream.ts'
import type { Space } from './space.ts'

const EVERY_MS = 1_000

export class ReadTelling {
  readonly #engine: Engine
  readonly #events: EventStream
  readonly #spaces: () => Iterable<Space>
  #cancel: (() => void) | undefined

  constructor(engine: Engine, events: EventStream, spaces: () => Iterable<Space>) {
    this.#engine = engine
    this.#events = events
    this.#spaces = spaces
  }

  /** Somebody listens now. What was counted before is told too. */
  begin(): void {
    this.#cancel ??= this.#engine.clock.schedule(
      EVERY_MS,
      () => {
        this.#cancel = undefined
        this.tell()
        if (this.#events.listens('reads') || this.#events.listens('answers')) this.begin()
      },
      'upkeep',
    )
  }

  end(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.tell()
  }

  /** What was counted since the last time, now. */
  tell(): void {
    for (const space of this.#spaces()) space.counters.tell(this.#engine.report)
  }
}
