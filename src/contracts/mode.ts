/** Switches at run time: what a collection does with its entries. */

/**
 * `memory`: the shared tier is not asked; `shared`: nothing is kept in this process; `off`: every read
 * goes to the source, and nothing is kept. Writes to the source, and invalidations of what stands in
 * the shared tier, go on in each.
 */
export type CacheMode = 'on' | 'memory' | 'shared' | 'off'

export interface ModeOptions {
  /**
   * `fleet`: every instance of the cache, those that start later among them, until it is switched
   * again; heard within 5 s. @default 'instance'
   */
  readonly scope?: 'instance' | 'fleet' | undefined
}

/** Plain keys and collections, each switched by itself. */
export interface Switchable {
  /** How it is switched in this process. */
  mode(): CacheMode
  /**
   * Switches it, under load or not: what was kept by the mode before is dropped where it could be older
   * than the source, and loads under way are handed out and not kept. Whoever switches last counts, for
   * this process or for the fleet.
   *
   * @throws ArgumentError; ConfigError for a mode that needs a tier which is not there; ClosedError; of
   * `fleet`, TierError if the shared tier does not answer, and this process is as it was.
   */
  setMode(mode: CacheMode, options?: ModeOptions): Promise<void>
}
