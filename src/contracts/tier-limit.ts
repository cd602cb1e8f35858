/** What a shared tier over somebody else's store cannot give. */

/**
 * Closed set; a new member is a minor release. What each means is said at start, and in
 * `docs/concepts/keyv.md`.
 */
export type TierLimit =
  /** Two processes that change one key at the same moment may overwrite each other. */
  | 'atomic-steps'
  /** Each process loads for itself what is missing. */
  | 'leases'
  /** Copies in other processes are not told of changes. */
  | 'following'
  /** There are no locks over processes. */
  | 'locks'
  /** Writes cannot wait there for their source. */
  | 'queues'
  /** What is stored cannot be listed or counted. */
  | 'listing'
  /** A store that makes room may forget what was removed. */
  | 'memory-of-removals'
