/** Every instance of the cache, as each has left its figures in the shared tier. */

import type { JSX } from 'preact'
import type { InstanceReport } from 'tiercel'
import { DataTable } from '../parts/data-table.tsx'
import { Empty, Waiting } from '../parts/notice.tsx'
import { Tile } from '../parts/tile.tsx'
import { usePolled } from '../state/use-polled.ts'
import { asCount, asExact, asPercent } from '../words/figures.ts'
import { instanceColumns } from './instances/instance-columns.tsx'

export function InstancesView(): JSX.Element {
  const fleet = usePolled<readonly InstanceReport[]>('fleet', 5_000)
  const all = fleet.value ?? []
  const sum = (of: (report: InstanceReport) => number) =>
    all.reduce((total, report) => total + of(report), 0)
  const hits = sum(({ stats }) => stats.total.hits)
  const reads = hits + sum(({ stats }) => stats.total.misses)
  const ill = all.filter(({ stats }) => stats.health.state !== 'healthy').length
  return (
    <div class="stack">
      <Waiting what="instances" polled={fleet} />
      {fleet.value === undefined ? null : all.length === 0 ? (
        <Empty title="No instance has told of itself">
          Figures are shared over the shared tier; metrics may be switched off.
        </Empty>
      ) : (
        <>
          <dl class="tiles" aria-label="All instances together">
            <Tile name="Instances" value={asExact(all.length)} tone={ill > 0 ? 'warn' : 'good'}>
              {ill === 0 ? 'all are healthy' : `${ill} need somebody`}
            </Tile>
            <Tile name="Hit rate, all together" value={asPercent(reads > 0 ? hits / reads : null)}>
              of {asCount(reads)} reads since their starts
            </Tile>
            <Tile name="Loads" value={asCount(sum(({ stats }) => stats.total.loads.loaded))}>
              {asCount(sum(({ stats }) => stats.total.loads.failed))} failed
            </Tile>
            <Tile
              name="In memory"
              value={asCount(sum(({ stats }) => stats.memory.entries))}
              unit="entries"
            >
              over all instances
            </Tile>
          </dl>
          <DataTable
            name="instances"
            columns={instanceColumns}
            rows={all}
            rowKey={({ instance }) => instance}
            order={{ column: 'instance', down: false }}
          />
        </>
      )}
    </div>
  )
}
