/**
 * What a source's calls usually take, and whether one takes much longer.
 *
 * Calls are compared with calls of about as many keys: a batch of 500 takes longer than one key, and is
 * no sign of trouble. The usual time moves so slowly that a source that has become slow for good is found
 * usual after some ten minutes.
 */

/** Sizes double from one to the next: 1, 2 to 3, 4 to 7 ... 512 keys and more. */
const SIZES = 10
/** Calls that are needed before anything counts as usual. */
const KNOWN_FROM = 8
/** The first calls stand for the usual time alike. */
const FIRST_CALLS = 64
const USUAL_SPAN_MS = 600_000
/** A source that takes 1 ms instead of 0.3 has no trouble; timers and the event loop have as much chance. */
const LEAST_RISE_MS = 5

export interface MeasuredCall {
  readonly keys: number
  readonly durationMs: number
  /** On the monotonic clock: when it ended. */
  readonly at: number
}

interface Size {
  calls: number
  usualMs: number
  at: number
}

export class UsualLatency {
  readonly #sizes: Size[] = Array.from({ length: SIZES }, () => ({ calls: 0, usualMs: 0, at: 0 }))

  /** Whether the call took more than `times` the usual time; from then on it is part of that. */
  exceeds({ keys, durationMs, at }: MeasuredCall, times: number): boolean {
    const size = this.#sizes[Math.min(SIZES - 1, Math.floor(Math.log2(Math.max(1, keys))))] as Size
    const exceeds =
      size.calls >= KNOWN_FROM &&
      durationMs > size.usualMs * times &&
      durationMs > size.usualMs + LEAST_RISE_MS
    size.calls += 1
    const first = size.calls <= FIRST_CALLS
    const weight = first ? 1 / size.calls : 1 - Math.exp((size.at - at) / USUAL_SPAN_MS)
    size.usualMs += (durationMs - size.usualMs) * weight
    size.at = at
    return exceeds
  }
}
