/**
 * How long changes that others made took until this process knew of them: the bound of CO-9, measured.
 *
 * A message tells when its step was carried out, on the server's clock, and each follow tells what time it is
 * there. Of a change that no message has told, only the follow before it is known, which had not found it yet.
 * Both are upper bounds: the first by the time that the follow was on its way to the server.
 */

/** Of so many messages, and follows that found what no message has told. */
const DELAYS = 1_000
/** Who has not asked for so long does not know what time it is there: that clock may have been set. */
const KNOWN_MS = 5_000

export class ChangeDelays {
  readonly #last: number[] = []
  #count = 0

  add(delayMs: number): void {
    this.#last[this.#count % DELAYS] = Math.max(0, delayMs)
    this.#count += 1
  }

  /** `undefined`: none was heard of. */
  get percentiles(): { readonly p50Ms: number; readonly p99Ms: number } | undefined {
    if (this.#count === 0) return undefined
    const sorted = this.#last.toSorted((one, other) => one - other)
    const share = (part: number): number => sorted[Math.ceil(sorted.length * part) - 1] ?? 0
    return { p50Ms: share(0.5), p99Ms: share(0.99) }
  }
}

/** What time it is on a shard's server, by its last answer. */
export class ServerTime {
  #known: { readonly serverNow: number; readonly askedAt: number } | undefined

  /** `askedAt`, on the monotonic clock: before the server looked at its own. */
  note(serverNow: number, askedAt: number): void {
    this.#known = { serverNow, askedAt }
  }

  /** Another clock may be asked from now on, or this one stood still. */
  forget(): void {
    this.#known = undefined
  }

  /** At most so long ago was `at`, on the server's clock. `undefined`: nobody knows. */
  since(at: number, now: number): number | undefined {
    if (this.#known === undefined) return undefined
    const { serverNow, askedAt } = this.#known
    if (now - askedAt > KNOWN_MS) return undefined
    return serverNow + (now - askedAt) - at
  }
}
