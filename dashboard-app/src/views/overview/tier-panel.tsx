/** What each tier was asked and what it had, counted exactly since the start. */

import type { JSX } from 'preact'
import type { MetricsSnapshot } from 'tiercel'
import { Panel } from '../../parts/panel.tsx'
import { SmallTable } from '../../parts/small-table.tsx'
import { asCount, asPercent, asSpan } from '../../words/figures.ts'

export function TierPanel({ stats }: { readonly stats: MetricsSnapshot }): JSX.Element {
  const { total } = stats
  const rows = [
    ['memory', total.memory],
    ['shared tier', total.shared],
  ] as const
  const loads = total.loads.loaded + total.loads.absent + total.loads.uncached
  return (
    <Panel title="Tiers" aside={<span class="muted">since {asSpan(stats.forMs)}</span>}>
      <SmallTable
        name="Reads by tier"
        heads={['Tier', 'Hits', 'Misses', 'Hit rate', 'Errors']}
        rows={rows.map(([name, counts]) => [
          name,
          asCount(counts.hits),
          asCount(counts.misses),
          asPercent(rateOf(counts.hits, counts.misses)),
          asCount(counts.errors),
        ])}
      />
      <p class="muted small">
        The source was asked {asCount(loads + total.loads.failed + total.loads.fenced)} times;{' '}
        {asCount(total.loads.failed)} loads failed, {asCount(total.loads.absent)} found nothing,{' '}
        {asCount(total.loads.fenced)} were overtaken by a change and not kept.
      </p>
    </Panel>
  )
}

function rateOf(hits: number, misses: number): number | null {
  return hits + misses > 0 ? hits / (hits + misses) : null
}
