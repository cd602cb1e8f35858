/**
 * What a shared tier is, as cases for any test runner.
 *
 * Run by `test/contract/shared-tier.test.ts` over each tier there is. A case gets a tier of its own,
 * empty, and opens as many sessions on it as it takes. `settable-clock` is the one ability that the
 * contract leaves open: a server's own clock cannot be moved.
 */

import type { ConformanceCase } from './conformance-case.ts'
import { sharedEntryCases } from './shared-entry-cases.ts'
import { sharedIntentCases } from './shared-intent-cases.ts'
import { sharedKeyspaceCases } from './shared-keyspace-cases.ts'
import { sharedLeaseCases } from './shared-lease-cases.ts'
import { sharedRaceCases } from './shared-race-cases.ts'
import { sharedRemovalCases } from './shared-removal-cases.ts'
import type { SharedTierSubject } from './shared-tier-subject.ts'

export const sharedTierSuite: readonly ConformanceCase<SharedTierSubject>[] = [
  ...sharedEntryCases,
  ...sharedLeaseCases,
  ...sharedRaceCases,
  ...sharedRemovalCases,
  ...sharedIntentCases,
  ...sharedKeyspaceCases,
]
