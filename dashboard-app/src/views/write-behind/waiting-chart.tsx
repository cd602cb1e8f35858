/** How much has waited, and for how long, over the last minutes. */

import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { LineChart } from '../../parts/line-chart.tsx'
import type { Sample } from '../../state/sample.ts'
import { asCount, asMs } from '../../words/figures.ts'

export function WaitingCharts({ samples }: { readonly samples: readonly Sample[] }): JSX.Element {
  const times = useMemo(() => samples.map(({ at }) => at / 1_000), [samples])
  const waiting = useMemo(
    () => [{ name: 'writes', colour: 'memory', values: samples.map((one) => one.waiting) }],
    [samples],
  )
  const oldest = useMemo(
    () => [{ name: 'oldest', colour: 'source', values: samples.map((one) => one.oldestMs) }],
    [samples],
  )
  return (
    <div class="charts">
      <LineChart
        title="Writes that wait"
        times={times}
        lines={waiting}
        show={asCount}
        scale="whole"
      />
      <LineChart title="Age of the oldest" times={times} lines={oldest} show={asMs} />
    </div>
  )
}
