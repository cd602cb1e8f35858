/** What leaves the cache and who says so, live; and making something leave, counted first. */

import type { JSX } from 'preact'
import type { InvalidationLine } from '../api/wire.ts'
import { Tile } from '../parts/tile.tsx'
import { useShown } from '../state/shown.ts'
import { useEarlier } from '../state/use-earlier.ts'
import { asCount, asExact, asMs, asRate } from '../words/figures.ts'
import { EvictForm } from './invalidations/evict-form.tsx'
import { LiveList } from './invalidations/live-list.tsx'

export function InvalidationsView({ query }: { readonly query: URLSearchParams }): JSX.Element {
  const { stats } = useShown()
  useEarlier('invalidations', 'invalidations', recentOf)
  const counts = stats?.invalidations
  return (
    <div class="stack">
      <dl class="tiles" aria-label="Invalidations in numbers">
        <Tile name="Now" value={asRate(counts?.perSecond ?? null)} unit="/s">
          over the last 10 s
        </Tile>
        <Tile name="Since the start" value={asCount(counts?.total)}>
          {asCount(counts?.local)} here, {asCount(counts?.external)} told from outside
        </Tile>
        <Tile name="From others" value={asCount(counts?.remote)}>
          {asCount(counts?.replayed)} of these found by following
        </Tile>
        <Tile name="Told within" value={asMs(counts?.p99Ms)} unit="p99">
          {asMs(counts?.p50Ms)} at the median
        </Tile>
        <Tile
          name="Pending"
          value={counts === undefined ? asCount(undefined) : asExact(counts.pending)}
          tone={(counts?.pending ?? 0) > 0 ? 'warn' : 'plain'}
        >
          {(counts?.pending ?? 0) > 0
            ? 'the shared tier has yet to be told'
            : 'all are carried out'}
        </Tile>
      </dl>
      <div class="columns">
        <EvictForm key={query.toString()} query={query} />
        <LiveList />
      </div>
    </div>
  )
}

function recentOf(answer: {
  readonly recent: readonly InvalidationLine[]
}): readonly InvalidationLine[] {
  return answer.recent
}
