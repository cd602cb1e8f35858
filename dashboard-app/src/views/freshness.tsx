/** How entries are kept fresh: refreshed, warmed, forecast, cleaned up. */

import type { JSX } from 'preact'
import { Loading } from '../parts/notice.tsx'
import { Tile } from '../parts/tile.tsx'
import { useShown } from '../state/shown.ts'
import { asCount, asPercent } from '../words/figures.ts'
import { CleanUpPanel } from './freshness/clean-up-panel.tsx'
import { ForecastPanels } from './freshness/forecast-panels.tsx'
import { ReasonsChart } from './freshness/reasons-chart.tsx'
import { WarmPanel } from './freshness/warm-panel.tsx'
import { WarmingRuns } from './freshness/warming-runs.tsx'

export function FreshnessView(): JSX.Element {
  const { stats, samples } = useShown()
  if (stats === undefined) return <Loading what="statistics" />
  const { loads, stale, hits } = stats.total
  const all = loads.loaded + loads.absent + loads.uncached + loads.failed + loads.fenced
  return (
    <div class="stack">
      <dl class="tiles" aria-label="Loads by reason">
        <Tile name="Loads" value={asCount(all)}>
          {asCount(loads.failed)} failed
        </Tile>
        <Tile name="Refreshed ahead" value={asCount(loads.ahead)}>
          nobody waited for these
        </Tile>
        <Tile name="Refreshed by call" value={asCount(loads.refresh)} />
        <Tile name="Warmed" value={asCount(loads.warming)}>
          before anyone asked
        </Tile>
        <Tile name="Stale served" value={asCount(stale)} tone={stale > 0 ? 'warn' : 'plain'}>
          {hits > 0
            ? `${asPercent(stale / hits)} of hits`
            : 'in grace, while a load was slow or failed'}
        </Tile>
      </dl>
      <div class="columns">
        <WarmPanel />
        <CleanUpPanel cleanUp={stats.cleanUp} />
      </div>
      <ReasonsChart samples={samples} />
      <WarmingRuns />
      <ForecastPanels />
    </div>
  )
}
