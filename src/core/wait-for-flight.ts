/**
 * One caller's wait for a load that may be others' too: its own patience, its own abort.
 *
 * Whatever ends the wait, the load goes on for the others, and its late result is kept.
 */

import { ClosedError, LoaderTimeoutError } from '../contracts/errors.ts'
import type { StaleEvent, UnansweredEvent } from '../contracts/events.ts'
import { type Answer, answerFrom } from './answer.ts'
import type { Engine } from './engine.ts'
import type { Fallback, Flight } from './flight.ts'
import type { ResolvedTimeouts, Space } from './space.ts'

export interface Wait {
  readonly flight: Flight
  readonly signal: AbortSignal | undefined
  readonly timeouts: ResolvedTimeouts
  /** How much of them is over already, in milliseconds; 0 if absent. */
  readonly waitedMs?: number
  /** An error of a refresh, or of what nobody has asked for, is no read's. */
  readonly reason: 'miss' | 'refresh'
  readonly warms?: boolean | undefined
}

/**
 * @throws LoaderTimeoutError at the hard timeout, where no graced value is at hand; ClosedError; the
 * signal's reason; whatever the load throws, where no graced value is at hand.
 */
export function waitForFlight(engine: Engine, space: Space, wait: Wait): Promise<Answer> {
  return new Promise((resolve, reject) => new Waiting(engine, space, wait, resolve, reject))
}

/** The state of one wait; it is over when `#end` has run. */
class Waiting {
  readonly #engine: Engine
  readonly #space: Space
  readonly #wait: Wait
  readonly #resolve: (answer: Answer) => void
  readonly #reject: (error: unknown) => void
  readonly #undo: (() => void)[] = []
  #over = false

  constructor(
    engine: Engine,
    space: Space,
    wait: Wait,
    resolve: (answer: Answer) => void,
    reject: (error: unknown) => void,
  ) {
    this.#engine = engine
    this.#space = space
    this.#wait = wait
    this.#resolve = resolve
    this.#reject = reject
    this.#begin()
  }

  #begin(): void {
    const { flight, signal, timeouts, waitedMs = 0 } = this.#wait
    const seat = flight.join()
    const { clock, name } = this.#engine
    flight.outcome.then(
      (answer) => this.#end(() => this.#resolve(answer), seat.answered),
      (error: unknown) =>
        this.#end(() => {
          if (!this.#answerStale('load-failed')) this.#fail('load-failed', error)
        }, seat.answered),
    )
    const abort = (): void =>
      this.#end(
        () => this.#reject(signal?.reason),
        () => seat.aborted(signal?.reason),
      )
    this.#listen(signal, abort)
    this.#undo.push(
      this.#engine.onClose(() =>
        this.#end(() => this.#reject(new ClosedError(name)), seat.answered),
      ),
      clock.schedule(timeouts.softMs - waitedMs, () => {
        this.#undo.push(flight.onFallback(() => this.#endStale(seat.answered)))
        this.#endStale(seat.answered)
      }),
      clock.schedule(timeouts.hardMs - waitedMs, () =>
        this.#end(() => {
          if (this.#answerStale('load-slow')) return
          const error = new LoaderTimeoutError(this.#space.pattern, timeouts.hardMs)
          this.#fail('load-slow', error)
        }, seat.answered),
      ),
    )
    // What has happened already is told to no listener.
    if (signal?.aborted === true) abort()
  }

  /** The wait goes on where nothing graced is at hand, or no longer. */
  #endStale(leave: () => void): void {
    if (this.#graced() === undefined) return
    this.#end(() => this.#answerStale('load-slow'), leave)
  }

  #fail(reason: UnansweredEvent['reason'], error: unknown): void {
    const { flight, reason: asked, warms = false } = this.#wait
    if (asked === 'miss' && !warms) {
      const pattern = this.#space.patternOf(flight.key)
      this.#engine.report({ type: 'unanswered', pattern, reason, error })
    }
    this.#reject(error)
  }

  #answerStale(reason: StaleEvent['reason']): boolean {
    const graced = this.#graced()
    if (graced === undefined) return false
    this.#resolve(
      answerStale(this.#engine, this.#space.patternOf(this.#wait.flight.key), graced, reason),
    )
    return true
  }

  #graced(): Fallback | undefined {
    const { fallback } = this.#wait.flight
    const now = this.#engine.clock.monotonic()
    return fallback !== undefined && now < fallback.entry.graceUntil ? fallback : undefined
  }

  #end(settle: () => void, leave: () => void): void {
    if (this.#over) return
    this.#over = true
    for (const undo of this.#undo) undo()
    leave()
    settle()
  }

  #listen(signal: AbortSignal | undefined, listener: () => void): void {
    if (signal === undefined) return
    signal.addEventListener('abort', listener, { once: true })
    this.#undo.push(() => signal.removeEventListener('abort', listener))
  }
}

/** A graced entry as the answer, counted. */
export function answerStale(
  engine: Engine,
  pattern: string,
  { entry, tier }: Fallback,
  reason: StaleEvent['reason'],
): Answer {
  engine.report({ type: 'stale', pattern, reason })
  return answerFrom(entry, tier, engine.clock.monotonic())
}
