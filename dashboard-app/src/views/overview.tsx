/** Within a minute: is it well, what does it do, where is time lost, and what should be looked at. */

import type { JSX } from 'preact'
import { Loading } from '../parts/notice.tsx'
import { useShown } from '../state/shown.ts'
import { CapacityPanel } from './overview/capacity-panel.tsx'
import { HealthPanel } from './overview/health-panel.tsx'
import { KeyFigures } from './overview/key-figures.tsx'
import { LatencyPanel } from './overview/latency-panel.tsx'
import { OverviewCharts } from './overview/overview-charts.tsx'
import { PatternsToLookAt } from './overview/patterns-to-look-at.tsx'
import { TierPanel } from './overview/tier-panel.tsx'

export function OverviewView(): JSX.Element {
  const { stats, samples, alerts } = useShown()
  if (stats === undefined) return <Loading what="statistics" />
  return (
    <div class="stack">
      <HealthPanel health={stats.health} at={stats.at} alerts={alerts} />
      <KeyFigures stats={stats} samples={samples} />
      <OverviewCharts samples={samples} />
      <div class="columns">
        <div class="stack">
          <TierPanel stats={stats} />
          <CapacityPanel stats={stats} />
        </div>
        <div class="stack">
          <LatencyPanel metrics={stats.total} />
          <PatternsToLookAt patterns={stats.patterns} />
        </div>
      </div>
    </div>
  )
}
