/**
 * What a source's calls usually take, and whether they take much longer now.
 *
 * Calls are compared with calls of about as many keys: a batch of 500 takes longer than one key, and is
 * no sign of trouble. Of each size the last calls stand against all of the last minutes; the usual time
 * moves so slowly that a source that has become slow for good is found usual after some ten minutes.
 */

/** Sizes double from one to the next: 1, 2 to 3, 4 to 7 ... 512 keys and more. */
const SIZES = 10
/** Calls that are needed before anything counts as usual. */
const KNOWN_FROM = 8
/** The first calls stand for the usual time alike. */
const FIRST_CALLS = 64
const USUAL_SPAN_MS = 600_000
/** Weight of the last call in what calls take now: about three of the last count. */
const NOW_WEIGHT = 0.3
/** Calls that are longer ago than this say nothing of now. */
const NOW_SPAN_MS = 10_000
/** A source that takes 1 ms instead of 0.3 has no trouble; timers and the event loop have as much chance. */
const LEAST_RISE_MS = 5

interface Size {
  calls: number
  usualMs: number
  nowMs: number
  at: number
}

export class UsualLatency {
  readonly #sizes: Size[] = Array.from({ length: SIZES }, () => ({
    calls: 0,
    usualMs: 0,
    nowMs: 0,
    at: 0,
  }))

  /** Whether calls of that size take more than `times` their usual time, this one included. */
  rises(
    call: { readonly keys: number; readonly durationMs: number; readonly at: number },
    times: number,
  ): boolean {
    const { keys, durationMs, at } = call
    const size = this.#sizes[Math.min(SIZES - 1, Math.floor(Math.log2(Math.max(1, keys))))] as Size
    const elapsedMs = at - size.at
    const stale = size.calls === 0 || elapsedMs > NOW_SPAN_MS
    size.nowMs = stale ? durationMs : size.nowMs + (durationMs - size.nowMs) * NOW_WEIGHT
    const rises =
      size.calls >= KNOWN_FROM &&
      size.nowMs > size.usualMs * times &&
      size.nowMs > size.usualMs + LEAST_RISE_MS
    size.calls += 1
    const weight =
      size.calls <= FIRST_CALLS ? 1 / size.calls : 1 - Math.exp(-elapsedMs / USUAL_SPAN_MS)
    size.usualMs += (durationMs - size.usualMs) * weight
    size.at = at
    return rises
  }
}
