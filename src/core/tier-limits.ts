/** What the shared tier cannot give: said once at start, and refused where somebody asks for it. */

import { ConfigError } from '../contracts/errors.ts'
import type { SharedTier } from '../contracts/shared-tier.ts'
import type { TierLimit } from '../contracts/tier-limit.ts'

const WORDS: Readonly<Record<TierLimit, string>> = {
  'atomic-steps':
    'atomic-steps (two processes that change one key at the same moment may overwrite each other)',
  leases: 'leases (each process loads for itself)',
  following: 'following (copies in other processes are served for their `memoryTtl`)',
  locks: 'locks (none; schedules and clean-ups run in each process)',
  queues: 'queues (nothing is written behind)',
  listing: 'listing (`keys`, `usage` and idle clean-up know this process alone)',
  'memory-of-removals':
    'memory-of-removals (a store that makes room may forget a removal, and old values come back)',
}

/** `undefined`: there is nothing to tell. */
export function limitWords({ kind, limits = [], accepted = [] }: SharedTier): string | undefined {
  const named = limits.filter((limit) => !accepted.includes(limit))
  if (named.length === 0) return undefined
  const words = named.map((limit) => WORDS[limit]).join('; ')
  return `the shared tier \`${kind}\` cannot give: ${words}`
}

/** @throws ConfigError */
export function refuseLimited(
  limits: ReadonlySet<TierLimit> | undefined,
  limit: TierLimit,
  field: string,
): void {
  if (limits?.has(limit) !== true) return
  throw new ConfigError({
    field,
    expected: `left alone, for the shared tier cannot give ${WORDS[limit]}`,
    actual: limit,
    cure: 'Use `redisTier` or `sqliteTier` where it is needed.',
  })
}
