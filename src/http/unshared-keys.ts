/**
 * Keys whose last answer was for one client alone. Those who ask for them do not wait for one another, which
 * would gain them nothing. Kept for a while and for so many keys, in this process.
 */

const KEYS_MAX = 1_000
const KEPT_MS = 10_000

export class UnsharedKeys {
  readonly #until = new Map<string, number>()

  note(key: string, now: number): void {
    this.#until.delete(key)
    this.#until.set(key, now + KEPT_MS)
    if (this.#until.size <= KEYS_MAX) return
    const oldest = this.#until.keys().next().value
    if (oldest !== undefined) this.#until.delete(oldest)
  }

  forget(key: string): void {
    this.#until.delete(key)
  }

  has(key: string, now: number): boolean {
    const until = this.#until.get(key)
    if (until !== undefined && until > now) return true
    this.#until.delete(key)
    return false
  }
}
