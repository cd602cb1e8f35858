/** What the engine tells of keys, and what is learned of it: patterns of plain keys, causes of misses. */

import type { KeyWatch } from '../contracts/key-watch.ts'
import { hashKey } from '../keys/hash-key.ts'
import type { MissWatch } from './miss-watch.ts'
import type { PatternLearner } from './pattern-learner.ts'
import { PLAIN } from './pattern-table.ts'

export function watchKeys(
  learner: PatternLearner,
  misses: MissWatch,
): (pattern: string) => KeyWatch {
  let spaces = 0
  return (pattern) => {
    const space = spaces
    spaces += 1
    return {
      patternOf: (key) =>
        pattern === PLAIN && typeof key === 'string' ? learner.patternOf(key) : pattern,
      missed: (key) => misses.missed(hashKey(key, space)),
      filled: (key, ttlMs) => misses.filled(hashKey(key, space), ttlMs),
    }
  }
}
