/** The suites that `npm run bench` knows. */

export const suiteNames = [
  'hit',
  'l1',
  'shared',
  'batch',
  'invalidation',
  'stampede',
  'write',
  'fresh',
  'warm',
  'stats',
] as const

/** Closed set; a new member needs its groups in `plan-suite.ts`. */
export type SuiteName = (typeof suiteNames)[number]
