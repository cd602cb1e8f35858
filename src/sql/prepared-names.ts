/**
 * Names for statements that come again, by which `pg` has PostgreSQL parse and plan them once on each
 * connection. Called by `asking` only.
 */

/** Each holds some kilobytes of each connection, as long as that lives. */
const MAX_NAMES = 64
/** Texts that came once, remembered at most: the oldest are forgotten. */
const MAX_SEEN = 256

export class PreparedNames {
  /** Of this table alone: a pool may serve several, and two copies of this library. */
  readonly #prefix = `tiercel_${crypto.randomUUID().slice(0, 13)}`
  readonly #names = new Map<string, string>()
  readonly #seen = new Set<string>()
  #given = 0

  /** From the second time on; `undefined`: it is asked as it stands. */
  of(text: string): string | undefined {
    const name = this.#names.get(text)
    if (name !== undefined) return name
    if (this.#given >= MAX_NAMES) return undefined
    if (!this.#seen.delete(text)) {
      this.#seen.add(text)
      for (const oldest of this.#seen) {
        if (this.#seen.size <= MAX_SEEN) break
        this.#seen.delete(oldest)
      }
      return undefined
    }
    this.#given += 1
    const given = `${this.#prefix}_${this.#given}`
    this.#names.set(text, given)
    return given
  }

  /** The table was altered since: under this name the statement would fail for ever. */
  forget(text: string): void {
    this.#names.delete(text)
  }
}
