import type { Clock } from 'tiercel'

interface Timer {
  readonly dueAt: number
  readonly task: () => void
}

/** Turns of the event loop in which what a leap has begun comes to rest. */
const TURNS_AFTER_A_LEAP = 40
const TURNS_AFTER_A_STEP = 4

/**
 * A clock that leaps: what was due meanwhile runs once, at the end of the leap, as on a machine that was
 * asleep. A month of what is done several times a second would take minutes with `FakeClock`.
 */
export class LeapingClock implements Clock {
  readonly #beganAt = Date.UTC(2030, 0, 1)
  #elapsed = 0
  readonly #timers = new Set<Timer>()

  now(): number {
    return this.#beganAt + this.#elapsed
  }

  monotonic(): number {
    return this.#elapsed
  }

  schedule(delayMs: number, task: () => void): () => void {
    if (delayMs <= 0) {
      const immediate = setImmediate(task)
      return () => clearImmediate(immediate)
    }
    const timer = { dueAt: this.#elapsed + delayMs, task }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  async leap(ms: number, turns = TURNS_AFTER_A_LEAP): Promise<void> {
    this.#elapsed += ms
    const due = [...this.#timers].filter(({ dueAt }) => dueAt <= this.#elapsed)
    for (const timer of due.sort((one, other) => one.dueAt - other.dueAt)) {
      if (this.#timers.delete(timer)) timer.task()
    }
    for (let turn = 0; turn < turns; turn += 1) {
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
  }

  /** What `work` comes to. Meanwhile this clock goes as all others do, since files take their time. */
  async over<T>(work: Promise<T>): Promise<T> {
    let isOver = false
    const ended = (): void => {
      isOver = true
    }
    work.then(ended, ended)
    let seenAt = performance.now()
    while (!isOver) {
      const now = performance.now()
      await this.leap(now - seenAt, TURNS_AFTER_A_STEP)
      seenAt = now
    }
    return await work
  }
}
