/** What the shared tier holds, and who follows it, at one look. */

import { bytes, count } from './figures.ts'
import type { Tick } from './tick.ts'
import type { TierAnswer } from './tier-answer.ts'
import { tierLines } from './tier-lines.ts'

export function tierTick(answer: TierAnswer): Tick {
  const { at, entries, instances, queues } = answer
  const waiting = queues.reduce((sum, queue) => sum + queue.waiting, 0)
  const dead = queues.reduce((sum, queue) => sum + queue.deadLetters, 0)
  return {
    at,
    lines: tierLines(answer).map((text, line) => ({ text, tone: line === 0 ? 'title' : 'plain' })),
    line: [
      new Date(at).toISOString().slice(11, 19),
      `entries ${count(entries)}`,
      bytes(answer.bytes),
      `instances ${instances.length}`,
      `waiting ${count(waiting)}`,
      `dead letters ${count(dead)}`,
    ].join('  '),
    json: answer,
  }
}
