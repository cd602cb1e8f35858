/**
 * Keys whose last answer was for one client alone, or too large. Those who ask for them do not wait for
 * one another, which would gain them nothing. Kept for a while and for so many keys, in this process.
 */

const KEYS_MAX = 1_000
const KEPT_MS = 10_000

export class UnsharedKeys {
  readonly #noted = new Map<string, { readonly until: number; readonly large: boolean }>()

  note(key: string, now: number, large: boolean): void {
    this.#noted.delete(key)
    this.#noted.set(key, { until: now + KEPT_MS, large })
    if (this.#noted.size <= KEYS_MAX) return
    const oldest = this.#noted.keys().next().value
    if (oldest !== undefined) this.#noted.delete(oldest)
  }

  forget(key: string): void {
    this.#noted.delete(key)
  }

  has(key: string, now: number): boolean {
    const noted = this.#noted.get(key)
    if (noted !== undefined && noted.until > now) return true
    this.#noted.delete(key)
    return false
  }

  isLarge(key: string): boolean {
    return this.#noted.get(key)?.large ?? false
  }
}
