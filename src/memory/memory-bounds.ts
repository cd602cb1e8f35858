/** What the memory tier holds to, with every default applied. Made from `MemoryOptions` by the caller. */

export interface MemoryBounds {
  /** Entries at most. */
  readonly entries: number
  /** Estimated bytes of keys and values at most. `Infinity`: off. */
  readonly bytes: number
  /** Sum of the entries' `size` at most. `Infinity`: off. */
  readonly weight: number
  readonly copy: 'share' | 'clone' | 'freeze'
  /** Time between scans that remove what has expired. */
  readonly expiryScanMs: number
}
