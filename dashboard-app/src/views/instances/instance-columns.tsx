/** What the table of instances shows of each. */

import type { InstanceReport } from 'tiercel'
import { Badge, toneOfHealth } from '../../parts/badge.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { seriesOf } from '../../state/sample.ts'
import { asBytes, asCount, asDistance, asMs, asPercent, asSpan } from '../../words/figures.ts'

const rankOf = { unhealthy: 0, degraded: 1, healthy: 2 } as const

export const instanceColumns: readonly Column<InstanceReport>[] = [
  {
    id: 'instance',
    title: 'Instance',
    cell: ({ instance, own }) => (
      <>
        <span class="name">{instance}</span>
        {own ? <span class="muted"> (serves this page)</span> : null}
      </>
    ),
    sortBy: ({ instance }) => instance,
  },
  {
    id: 'health',
    title: 'Health',
    cell: ({ stats: { health } }) => (
      <div class="verdict">
        <Badge tone={toneOfHealth[health.state]}>{health.state}</Badge>
        {health.reasons.map(({ code, pattern, message }) => (
          <p key={`${code} ${pattern}`} class="small">
            {message}
          </p>
        ))}
      </div>
    ),
    sortBy: ({ stats }) => rankOf[stats.health.state],
  },
  {
    id: 'hit-rate',
    title: 'Hit rate',
    figures: true,
    cell: ({ stats }) => asPercent(stats.total.hitRate),
    sortBy: ({ stats }) => stats.total.hitRate,
  },
  {
    id: 'reads',
    title: 'Reads',
    figures: true,
    cell: ({ stats: { total } }) => asCount(total.hits + total.misses),
    sortBy: ({ stats: { total } }) => total.hits + total.misses,
  },
  {
    id: 'loads',
    title: 'Loads',
    figures: true,
    cell: ({ stats: { total } }) => asCount(total.loads.loaded),
    sortBy: ({ stats: { total } }) => total.loads.loaded,
  },
  {
    id: 'p99',
    title: 'p99 of hits',
    figures: true,
    cell: ({ stats }) => asMs(p99Of(stats)),
    sortBy: ({ stats }) => p99Of(stats),
  },
  {
    id: 'memory',
    title: 'In memory',
    figures: true,
    cell: ({ stats: { memory } }) => held(memory),
    sortBy: ({ stats: { memory } }) => memory.entries,
  },
  {
    id: 'up',
    title: 'Counts for',
    figures: true,
    cell: ({ stats }) => asSpan(stats.forMs),
    sortBy: ({ stats }) => stats.forMs,
  },
  {
    id: 'seen',
    title: 'Last seen',
    figures: true,
    cell: ({ at }) => asDistance(at),
    sortBy: ({ at }) => at,
  },
]

function p99Of({ total }: InstanceReport['stats']): number | null {
  return seriesOf(total, 'get', 'memory')?.p99Ms ?? null
}

/** Bytes are counted where a bound asks for them. */
function held({ entries, bytes }: InstanceReport['stats']['memory']): string {
  return bytes > 0 ? `${asCount(entries)} · ${asBytes(bytes)}` : asCount(entries)
}
