/** How long what takes, since the start: percentiles, and the spread over the buckets. */

import type { JSX } from 'preact'
import type { LatencySeries, PatternMetrics } from 'tiercel'
import { HistogramBar, HistogramKey } from '../../parts/histogram-bar.tsx'
import { Empty } from '../../parts/notice.tsx'
import { Panel } from '../../parts/panel.tsx'
import { SmallTable } from '../../parts/small-table.tsx'
import { asCount, asMs } from '../../words/figures.ts'

const wordsOf: Readonly<Record<LatencySeries['operation'], string>> = {
  get: 'read',
  load: 'load',
  set: 'set',
  write: 'write',
  invalidate: 'invalidate',
}

export function LatencyPanel({ metrics }: { readonly metrics: PatternMetrics }): JSX.Element {
  const counted = metrics.latency.filter(({ count }) => count > 0)
  return (
    <Panel title="Latency" aside={<span class="muted">since the start</span>}>
      {counted.length === 0 ? (
        <Empty title="Nothing was timed yet" />
      ) : (
        <>
          <SmallTable
            name="Latency by operation and tier"
            heads={['Operation', 'Count', 'p50', 'p95', 'p99', 'Spread']}
            texts={['Spread']}
            rows={counted.map((one) => [
              nameOf(one),
              asCount(one.count),
              asMs(one.p50Ms),
              asMs(one.p95Ms),
              asMs(one.p99Ms),
              <HistogramBar key="spread" buckets={one.buckets} name={nameOf(one)} />,
            ])}
          />
          <HistogramKey />
        </>
      )}
    </Panel>
  )
}

function nameOf({ operation, tier }: LatencySeries): string {
  return `${wordsOf[operation]} · ${tier}`
}
