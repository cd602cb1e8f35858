/** What is used of Keyv's store adapters and of a Keyv, described by its shape: neither is imported. */

/** A value with its key, as Keyv hands many of them on. */
export interface KeyvEntry {
  readonly key: string
  readonly value: unknown
  /** Milliseconds; absent: no end. */
  readonly ttl?: number | undefined
}

/**
 * A store adapter of Keyv, such as `@keyv/redis`, or a Keyv 5 that throws what goes wrong:
 * `new Keyv({ store, throwOnErrors: true })`. A Keyv 6 keeps it to itself; `keyv.store` is its adapter.
 */
export interface KeyvLike {
  get(key: string): unknown
  /**
   * `end`: milliseconds that the value lives; with `capabilities.expires`, milliseconds since the epoch at
   * which it ends.
   */
  set(key: string, value: string, end?: number): unknown
  /** One round trip for many; otherwise each is a call of its own. */
  getMany?(keys: string[]): unknown
  /** What an adapter for Keyv 6 says about itself. */
  readonly capabilities?: { readonly expires?: unknown } | undefined
}
