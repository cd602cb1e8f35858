/**
 * Time of the simulation: events in order, and rest between them.
 *
 * Everything that happens is an event. After each, all promises that can go on do so, so that a run
 * is the same each time its seed is played. Used by all parts of the simulated world.
 */

/** What owns events: they wait while it is paused, and never come once it is dead. */
export interface Owner {
  readonly dead: boolean
  /** Milliseconds of virtual time. */
  readonly pausedUntil: number
}

export type EventKind = 'timer' | 'message'

interface Event {
  at: number
  order: number
  readonly owner: Owner | undefined
  readonly kind: EventKind
  /** Absent: taken back, or done. */
  run: (() => void) | undefined
}

/** Events of one run at most: more are a mistake that feeds itself. */
const MAX_EVENTS = 2_000_000
/** What a process does first when it goes on: its timers, and then what came over its sockets. */
const AFTER_PAUSE_MS: Readonly<Record<EventKind, number>> = { timer: 0.001, message: 1 }

export class VirtualTime {
  /** A heap: the next event first. */
  readonly #events: Event[] = []
  #now = 0
  #order = 0
  #steps = 0
  #stopped = false

  /** Milliseconds since the run began. */
  get now(): number {
    return this.#now
  }

  /** Events so far. */
  get steps(): number {
    return this.#steps
  }

  /** @returns how to take it back. */
  at(moment: number, run: () => void, owner?: Owner): () => void {
    return this.#plan(moment, run, owner, 'timer')
  }

  /** Something that reaches its owner over a socket. */
  message(moment: number, run: () => void, owner: Owner): () => void {
    return this.#plan(moment, run, owner, 'message')
  }

  after(delayMs: number, run: () => void, owner?: Owner): () => void {
    return this.at(this.#now + delayMs, run, owner)
  }

  sleep(delayMs: number, owner?: Owner): Promise<void> {
    return new Promise((resolve) => this.at(this.#now + delayMs, resolve, owner))
  }

  /** Nothing happens after the event that is running. */
  stop(): void {
    this.#stopped = true
  }

  /** @throws an error if events never end. */
  async run(until: number): Promise<void> {
    await rest()
    while (!this.#stopped) {
      const event = this.#events[0]
      if (event === undefined || event.at > until) break
      this.#pop()
      const { run, owner } = event
      if (run === undefined || owner?.dead === true) continue
      if (owner !== undefined && owner.pausedUntil > event.at) {
        this.#order += 1
        event.at = owner.pausedUntil + AFTER_PAUSE_MS[event.kind]
        event.order = this.#order
        this.#push(event)
        continue
      }
      this.#now = event.at
      this.#steps += 1
      if (this.#steps > MAX_EVENTS) throw new Error(`${MAX_EVENTS} events have brought no end.`)
      event.run = undefined
      run()
      await rest()
    }
    if (!this.#stopped) this.#now = Math.max(this.#now, until)
  }

  #plan(moment: number, run: () => void, owner: Owner | undefined, kind: EventKind): () => void {
    this.#order += 1
    const event: Event = { at: Math.max(moment, this.#now), order: this.#order, owner, kind, run }
    this.#push(event)
    return () => {
      event.run = undefined
    }
  }

  #push(event: Event): void {
    const events = this.#events
    let at = events.length
    events.push(event)
    while (at > 0) {
      const up = (at - 1) >> 1
      const parent = events[up] as Event
      if (!isBefore(event, parent)) break
      events[at] = parent
      at = up
    }
    events[at] = event
  }

  #pop(): void {
    const events = this.#events
    const last = events.pop() as Event
    if (events.length === 0) return
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      if (left >= events.length) break
      const right = left + 1
      const least =
        right < events.length && isBefore(events[right] as Event, events[left] as Event)
          ? right
          : left
      const child = events[least] as Event
      if (!isBefore(child, last)) break
      events[at] = child
      at = least
    }
    events[at] = last
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order)
}

/** Until every promise that can go on without an event has done so. */
function rest(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}
