/** Shadow mode: a share of hits is loaded from the source as well, and compared with what was served. */

export interface ShadowOptions<V> {
  /** Share of hits, from 0 to 1. @default 0.01 */
  readonly share?: number
  /**
   * Whether both are the same value. Must be quick and must not throw. Absent: they are the same if all
   * that they hold is, whatever the order of their fields.
   */
  readonly same?: (cached: V, loaded: V) => boolean
}

/** A collection whose hits can be compared with its source. */
export interface Shadowed {
  /**
   * From now on this share of hits, from 0 to 1, is loaded from the source as well and compared with
   * what was served, in this process; 0 ends it. What differs is told by `shadow` events, and never
   * served.
   *
   * @throws ArgumentError; ClosedError
   */
  setShadow(share: number): void
}
