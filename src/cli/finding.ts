/** What `doctor` finds, and what it has seen. */

/** `bad`: it does not work, or something acknowledged is in danger. `warn`: somebody should see to it. */
export interface Finding {
  readonly severity: 'bad' | 'warn'
  /** Stable, for scripts. */
  readonly code: FindingCode
  /** What it is about: a server, a file, an instance, a collection. */
  readonly about: string
  readonly message: string
  /** What to do. */
  readonly cure: string
}

/** Closed set; a new member is a minor release. */
export type FindingCode =
  | 'config'
  | 'redis-away'
  | 'redis-server'
  | 'slow-server'
  | 'clock'
  | 'memory'
  | 'evictions'
  | 'no-cache'
  | 'protocol'
  | 'uneven-shards'
  | 'several-servers'
  | 'file'
  | 'file-space'
  | 'queue-age'
  | 'queue-durability'
  | 'dead-letters'
  | 'instance-behind'
  | 'admin-away'
  | 'health'
  | 'breaker'
  | 'instance-silent'
  | 'instance-blind'
  | 'workload'
  | 'stale-copies'

/** One line of what was seen. */
export interface Fact {
  readonly about: string
  readonly value: string
}

export interface Examined {
  readonly facts: readonly Fact[]
  readonly findings: readonly Finding[]
  /** Nobody answered there. */
  readonly away?: boolean
}
