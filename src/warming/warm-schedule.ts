/**
 * Warming at fixed times. Each tick is carried out by one instance: who gets the right to it from the
 * shared tier. Ticks that nobody has carried out in time are told, and not made up for: the next one
 * comes, and two of them would do the work of one.
 */

import type { Clock } from '../contracts/clock.ts'
import type { WarmTarget } from '../contracts/warm-target.ts'
import type { Schedule } from '../contracts/warming.ts'
import { pause } from './pause.ts'

/** A timer is looked at again after this long: longer delays, and wall clocks that are set, are no matter. */
const MOST_TIMER_MS = 3_600_000
/** A tick that is noticed later than this, after a machine has slept, is missed. */
const LATE_MS = 60_000
/** The right to a tick outlives the distance of the instances' clocks. */
const LEAST_RIGHT_MS = 60_000
const MOST_RIGHT_MS = 3_600_000
/** What other instances have to begin a tick that this one has no time for. */
const OTHERS_MS = 5_000
/** Missed ticks that are counted; beyond, what is said is "at least". */
const MOST_MISSED = 1_000

export interface WarmScheduleParts {
  readonly clock: Clock
  readonly target: WarmTarget
  /** Tells the schedules of one collection apart, the same on every instance. */
  readonly name: string
  readonly at: Schedule
  readonly signal: AbortSignal
  /** Carries out one tick; never rejects. */
  readonly run: () => Promise<void>
  readonly missed: (ticks: number, error: unknown) => void
  /** Owns what is under way. */
  readonly own: (work: Promise<void>) => void
}

export class WarmSchedule {
  readonly #parts: WarmScheduleParts
  #cancel = (): void => {}
  #running = false

  constructor(parts: WarmScheduleParts) {
    this.#parts = parts
    this.#arm(parts.clock.now())
    parts.signal.addEventListener('abort', () => this.#cancel(), { once: true })
  }

  /** For the first tick after `after`. */
  #arm(after: number): void {
    const { at, signal } = this.#parts
    const tick = at.next(after)
    if (tick !== undefined && !signal.aborted) this.#wait(tick)
  }

  #wait(tick: number): void {
    const { clock } = this.#parts
    const delayMs = Math.min(MOST_TIMER_MS, Math.max(1, tick - clock.now()))
    const look = (): void => {
      if (clock.now() < tick) this.#wait(tick)
      else this.#due(tick)
    }
    this.#cancel = clock.schedule(delayMs, look, 'upkeep')
  }

  #due(tick: number): void {
    const { clock, at, own } = this.#parts
    const now = clock.now()
    let last = tick
    let missed = 0
    for (let next = at.next(last); next !== undefined && next <= now; next = at.next(last)) {
      last = next
      missed += 1
      if (missed === MOST_MISSED) break
    }
    own(this.#take({ tick: last, missed, late: now - last > LATE_MS }))
    this.#arm(Math.max(last, now))
  }

  async #take({
    tick,
    missed,
    late,
  }: {
    readonly tick: number
    readonly missed: number
    readonly late: boolean
  }): Promise<void> {
    const { clock, target, name, at, signal, run } = this.#parts
    const busy = this.#running
    if (busy) await pause(clock, OTHERS_MS, signal)
    if (signal.aborted) return
    const spanMs = (at.next(tick) ?? Number.POSITIVE_INFINITY) - tick
    const ttlMs = Math.max(LEAST_RIGHT_MS, Math.min(MOST_RIGHT_MS, spanMs))
    let ours: boolean
    try {
      ours = await target.claim(`${name}:${tick}`, ttlMs)
    } catch (error) {
      this.#parts.missed(missed + 1, error)
      return
    }
    // Somebody else has this one; those before it are told by whoever has missed them alone.
    if (!ours) return
    const lost = missed + (busy || late ? 1 : 0)
    if (lost > 0) this.#parts.missed(lost, undefined)
    if (busy || late || signal.aborted) return
    this.#running = true
    await run()
    this.#running = false
  }
}
