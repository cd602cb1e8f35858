/** What is used of Keyv's store adapters and of a Keyv, described by its shape: neither is imported. */

/** A value with its key, as Keyv hands many of them on. */
export interface KeyvEntry {
  readonly key: string
  readonly value: unknown
  /** Milliseconds; absent: no end. */
  readonly ttl?: number | undefined
}

/**
 * A store adapter of Keyv, such as `@keyv/redis`, or a Keyv itself. A Keyv must throw what goes wrong:
 * `new Keyv({ store, throwOnErrors: true })`.
 */
export interface KeyvLike {
  get(key: string): unknown
  /** `ttl`: milliseconds. */
  set(key: string, value: string, ttl?: number): unknown
  /** One round trip for many; otherwise each is a call of its own. */
  getMany?(keys: string[]): unknown
}
