/** A shared tier as a person reads it. */

import { bytes, count, duration } from './figures.ts'
import { fleetLines } from './fleet-lines.ts'
import { queueLines } from './queue-lines.ts'
import { textTable } from './text-table.ts'
import type { TierAnswer } from './tier-answer.ts'

export function tierLines(answer: TierAnswer): readonly string[] {
  const { cache, where, shards, entries, collections, instances, queues } = answer
  const bound = answer.maxBytes === null ? '' : ` of ${bytes(answer.maxBytes)}`
  const queued = queueLines(queues)
  return [
    `${cache}  ${where}`,
    `entries    ${count(entries)}, ${bytes(answer.bytes)}${bound}, in ${shards} ${shards === 1 ? 'shard' : 'shards'}`,
    `instances  ${instances.length === 0 ? 'none follows it now' : count(instances.length)}`,
    ...instanceTable(answer),
    ...(collections.length === 0 ? [] : [`of         ${collections.map(shown).join(', ')}`]),
    ...(queued.length === 0 ? [] : ['', ...queued]),
    ...(answer.fleet.length === 0 ? [] : ['', ...fleetLines(answer.fleet, answer.at)]),
  ]
}

function instanceTable({ instances }: TierAnswer): readonly string[] {
  const rows = instances.map(({ instance, lastBeatMs, behind }) => [
    `  ${instance}`,
    duration(lastBeatMs),
    count(behind),
  ])
  return textTable(
    [
      { title: '  instance', most: 60 },
      { title: 'last beat', align: 'right' },
      { title: 'behind', align: 'right' },
    ],
    rows,
  )
}

function shown(collection: string): string {
  return collection === '' ? 'plain keys' : collection
}
