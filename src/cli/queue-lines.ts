/** Queues of writes behind the cache, and their dead letters, as a person reads them. */

import type { DeadLetterLine, QueueLine } from '../desk/index.ts'
import { bytes, count, duration, instant } from './figures.ts'
import { shownKey, type TypedKey } from './key-option.ts'
import { textTable } from './text-table.ts'

/** A dead letter as it travels. */
export type LetterAnswer = TypedKey & Omit<DeadLetterLine, 'key'>

/** Of bytes, `null` is not known. */
export function queueLines(
  queues: readonly { readonly [Name in keyof QueueLine]: QueueLine[Name] | null }[],
): readonly string[] {
  return textTable(
    [
      { title: 'collection', most: 40 },
      { title: 'waiting', align: 'right' },
      { title: 'bytes', align: 'right' },
      { title: 'oldest', align: 'right' },
      { title: 'dead letters', align: 'right' },
    ],
    queues.map((queue) => [
      queue.collection ?? '',
      count(queue.waiting),
      bytes(queue.bytes),
      queue.oldestMs === 0 ? '-' : duration(queue.oldestMs),
      count(queue.deadLetters),
    ]),
  )
}

export function letterLines(letters: readonly LetterAnswer[]): readonly string[] {
  return textTable(
    [
      { title: 'key', most: 60 },
      { title: 'write' },
      { title: 'tries', align: 'right' },
      { title: 'given up at' },
      { title: 'why', most: 120 },
    ],
    letters.map((letter) => [
      shownKey(letter),
      letter.kind,
      count(letter.attempts),
      instant(letter.diedAt),
      letter.error,
    ]),
  )
}
