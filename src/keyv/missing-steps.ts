/** Steps that a store of single keys cannot carry out: nothing waits there, and nothing can be listed. */

import { TierError } from '../contracts/errors.ts'
import type { IdleSteps } from '../contracts/idle-steps.ts'
import type { PendingSteps } from '../contracts/pending-steps.ts'

function cannot(what: string): never {
  throw new TierError('keyv', `A Keyv store cannot ${what}.`)
}

const NOTHING_WAITS = { records: 0, bytes: 0, dead: 0, oldestMs: 0 } as const

/** A collection that writes behind is refused when it is declared; what looks at a queue finds none. */
export const noQueue: PendingSteps = {
  durability: Promise.resolve('memory'),
  enqueue: async () => cannot('keep writes that wait'),
  take: async () => cannot('keep writes that wait'),
  settle: async () => cannot('keep writes that wait'),
  hasten: async () => cannot('keep writes that wait'),
  waits: async () => false,
  backlog: async () => NOTHING_WAITS,
  list: async () => ({ writes: [], cursor: undefined }),
  dead: async () => ({ letters: [], cursor: undefined }),
  revive: async () => 0,
  drop: async () => 0,
}

/** Entries leave the store by their own end; copies in this process are cleaned up by the engine. */
export const noIdle: IdleSteps = {
  note: async () => {},
  begin: async () => undefined,
  sweep: async () => ({
    kind: 'swept',
    looked: 0,
    removed: 0,
    removedBytes: 0,
    cursor: undefined,
  }),
  save: async () => true,
}
