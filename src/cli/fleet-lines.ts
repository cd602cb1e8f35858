/** Every instance in one line. */

import type { InstanceReport } from '../index.ts'
import { count, duration, percent } from './figures.ts'
import { textTable } from './text-table.ts'

/** `now`: epoch milliseconds, for how old the figures are. */
export function fleetLines(
  fleet: readonly InstanceReport[],
  now: number = Date.now(),
): readonly string[] {
  return textTable(
    [
      { title: 'instance', most: 50 },
      { title: 'health' },
      { title: 'told', align: 'right' },
      { title: 'up', align: 'right' },
      { title: 'reads', align: 'right' },
      { title: 'hits', align: 'right' },
      { title: 'entries', align: 'right' },
      { title: 'last beat', align: 'right' },
    ],
    fleet.map(({ instance, own, at, stats }) => [
      own ? `${instance} (asked)` : instance,
      stats.health.state,
      `${duration(Math.max(0, now - at))} ago`,
      duration(stats.forMs),
      count(stats.total.hits + stats.total.misses),
      percent(stats.total.hitRate),
      count(stats.memory.entries),
      duration(stats.coherence?.blindMs),
    ]),
  )
}
