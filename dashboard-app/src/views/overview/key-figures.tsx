/** Six figures: as they are now, over the last seconds, beside what they are since the start. */

import type { JSX } from 'preact'
import type { MetricsSnapshot } from 'tiercel'
import type { Tone } from '../../parts/badge.tsx'
import { Tile } from '../../parts/tile.tsx'
import { lastSeconds, meanOf } from '../../state/last-seconds.ts'
import { failures, type Sample, seriesOf } from '../../state/sample.ts'
import { asCount, asMs, asPercent, asRate, asSpan, unknownFigure } from '../../words/figures.ts'

export function KeyFigures(props: {
  readonly stats: MetricsSnapshot
  readonly samples: readonly Sample[]
}): JSX.Element {
  const { total } = props.stats
  const now = lastSeconds(props.samples)
  const failed = failures(total)
  return (
    <dl class="tiles" aria-label="Key figures">
      <Tile
        name="Hit rate now"
        value={asPercent(now?.hitRate ?? null)}
        tone={toneOfHits(now?.hitRate)}
      >
        {asPercent(total.hitRate)} since the start
      </Tile>
      <Tile
        name="Reads"
        value={now === undefined ? unknownFigure : asRate(now.readsPerS)}
        unit="/s"
      >
        {asCount(total.hits + total.misses)} since the start
      </Tile>
      <ReadTimes stats={props.stats} averageMs={now?.readMs ?? null} />
      <LoadsSaved stats={props.stats} />
      <Tile
        name="Stale served"
        value={now === undefined ? unknownFigure : asRate(now.stalePerS)}
        unit="/s"
        tone={(now?.stalePerS ?? 0) > 0 ? 'warn' : 'plain'}
      >
        {asCount(total.stale)} in all · {staleness(props.stats)}
      </Tile>
      <Tile
        name="Failures"
        value={now === undefined ? unknownFigure : asRate(now.failedPerS)}
        unit="/s"
        tone={(now?.failedPerS ?? 0) > 0 ? 'bad' : 'plain'}
      >
        {asCount(failed)} in all: loads {asCount(total.loads.failed)}, tier{' '}
        {asCount(total.shared.errors)}, writes {asCount(total.writes.failed)}
      </Tile>
    </dl>
  )
}

/** Those of the alert on the whole cache. */
function toneOfHits(rate: number | null | undefined): Tone {
  if (rate === null || rate === undefined) return 'plain'
  return rate >= 0.85 ? 'good' : rate >= 0.7 ? 'warn' : 'bad'
}

function ReadTimes(props: {
  readonly stats: MetricsSnapshot
  readonly averageMs: number | null
}): JSX.Element {
  const memory = seriesOf(props.stats.total, 'get', 'memory')
  const source = seriesOf(props.stats.total, 'get', 'source')
  return (
    <Tile name="Average read" value={asMs(props.averageMs)}>
      p99 of hits {asMs(memory?.p99Ms ?? null)}, of misses {asMs(source?.p99Ms ?? null)}
    </Tile>
  )
}

/** What the source was spared, by the usual time of a load. */
function LoadsSaved({ stats: { total } }: { readonly stats: MetricsSnapshot }): JSX.Element {
  const load = seriesOf(total, 'load', 'source')
  const averageMs = meanOf(load?.sumMs ?? 0, load?.count ?? 0)
  return (
    <Tile name="Loads saved" value={asCount(total.hits)}>
      {averageMs === null
        ? 'nothing was loaded yet'
        : `about ${asSpan(total.hits * averageMs)} of the source's time`}
    </Tile>
  )
}

/** How long a copy here can be behind, as far as it is known. */
function staleness({ coherence, invalidations }: MetricsSnapshot): string {
  if (coherence === null) return 'nothing is shared'
  if (coherence.blindMs !== null && coherence.connected < coherence.shards) {
    return `blind for ${asSpan(coherence.blindMs)}`
  }
  return `changes told in ${asMs(invalidations.p99Ms)} (p99)`
}
