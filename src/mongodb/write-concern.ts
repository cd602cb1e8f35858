/** How far a write must have come before it counts. */

import { ConfigError } from '../contracts/errors.ts'
import { checkKnown, type Known } from '../contracts/known-options.ts'

/** As the driver takes it. */
export interface MongoWriteConcern {
  /** @default 'majority' */
  readonly w?: number | string
  readonly journal?: boolean
  /** @default 10000 */
  readonly wtimeoutMS?: number
}

/**
 * A write behind the cache is forgotten once the store has it. What one server alone has is rolled back
 * where another becomes primary in its place, and then nobody would know of it any more. The wait has an
 * end, since a set that has lost its majority would otherwise keep the batch for ever.
 */
const DEFAULT: MongoWriteConcern = { w: 'majority', wtimeoutMS: 10_000 }

const CONCERN: Known<MongoWriteConcern> = {
  w: true,
  journal: true,
  wtimeoutMS: true,
}

/** @throws ConfigError for one that no answer comes to. */
export function resolveWriteConcern(given: MongoWriteConcern = {}): MongoWriteConcern {
  checkKnown(given, CONCERN, { name: 'writeConcern', path: 'writeConcern.' })
  if (given.w === 0) {
    throw new ConfigError({
      field: 'writeConcern.w',
      expected: 'at least 1, since a write without an answer has no outcome',
      actual: given.w,
    })
  }
  return { ...DEFAULT, ...given }
}
