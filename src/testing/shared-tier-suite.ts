/**
 * What a shared tier is, as cases for any test runner.
 *
 * Run by `test/contract/shared-tier.test.ts` over each tier there is. A case gets a tier of its own,
 * empty, and opens as many sessions on it as it takes. Abilities that the contract leaves open:
 * `settable-clock`, since a server's own clock cannot be moved; `exact-hints`, of tiers that tell each
 * change as it happens; `slow-steps`, of subjects that can keep a request on its way; `queues`, of tiers
 * that take writes which wait for the source.
 */

import type { ConformanceCase } from './conformance-case.ts'
import { sharedAtomicCases } from './shared-atomic-cases.ts'
import { sharedEntryCases } from './shared-entry-cases.ts'
import { sharedFlushCases } from './shared-flush-cases.ts'
import { sharedFollowCases } from './shared-follow-cases.ts'
import { sharedIdleCases } from './shared-idle-cases.ts'
import { sharedIntentCases } from './shared-intent-cases.ts'
import { sharedKeyspaceCases } from './shared-keyspace-cases.ts'
import { sharedLateCases } from './shared-late-cases.ts'
import { sharedLeaseCases } from './shared-lease-cases.ts'
import { sharedLockCases } from './shared-lock-cases.ts'
import { sharedMixedWriteCases } from './shared-mixed-write-cases.ts'
import { sharedPatternCases } from './shared-pattern-cases.ts'
import { sharedPendingCases } from './shared-pending-cases.ts'
import { sharedRaceCases } from './shared-race-cases.ts'
import { sharedRemovalCases } from './shared-removal-cases.ts'
import { sharedSettleCases } from './shared-settle-cases.ts'
import { sharedTagCases } from './shared-tag-cases.ts'
import type { SharedTierSubject } from './shared-tier-subject.ts'
import { sharedWaitingCases } from './shared-waiting-cases.ts'
import { sharedWriteCases } from './shared-write-cases.ts'

export const sharedTierSuite: readonly ConformanceCase<SharedTierSubject>[] = [
  ...sharedEntryCases,
  ...sharedLeaseCases,
  ...sharedRaceCases,
  ...sharedRemovalCases,
  ...sharedIntentCases,
  ...sharedWriteCases,
  ...sharedPendingCases,
  ...sharedFlushCases,
  ...sharedSettleCases,
  ...sharedMixedWriteCases,
  ...sharedTagCases,
  ...sharedPatternCases,
  ...sharedFollowCases,
  ...sharedWaitingCases,
  ...sharedLateCases,
  ...sharedLockCases,
  ...sharedAtomicCases,
  ...sharedKeyspaceCases,
  ...sharedIdleCases,
]
