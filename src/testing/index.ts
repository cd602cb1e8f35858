/**
 * Door of `tiercel/testing`: clocks and chance that a test drives, contracts that fail on purpose,
 * and the suites that define each contract, as data for any test runner.
 */

export type { CacheSubject } from './cache-subject.ts'
export { cacheSuite } from './cache-suite.ts'
export type { ChaosPlan, Fault } from './chaos.ts'
export { chaosSource, chaosTier, faultAt } from './chaos.ts'
export { codecSuite } from './codec-suite.ts'
export type { ConformanceCase } from './conformance-case.ts'
export { FakeClock } from './fake-clock.ts'
export { replacementPolicySuite } from './replacement-policy-suite.ts'
export { SeededRandom } from './seeded-random.ts'
export type { SeededSchedulerOptions } from './seeded-scheduler.ts'
export { SeededScheduler } from './seeded-scheduler.ts'
export type { SharedTierSubject } from './shared-tier-subject.ts'
export { sharedTierSuite } from './shared-tier-suite.ts'
export type { SampleStore, StoreSample } from './store-suite.ts'
export { storeSuite } from './store-suite.ts'
