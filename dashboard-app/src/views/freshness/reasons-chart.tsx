/** Why entries were loaded, over the last minutes. */

import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { LineChart } from '../../parts/line-chart.tsx'
import type { Sample } from '../../state/sample.ts'
import { asRate } from '../../words/figures.ts'

export function ReasonsChart({ samples }: { readonly samples: readonly Sample[] }): JSX.Element {
  const times = useMemo(() => samples.map(({ at }) => at / 1_000), [samples])
  const lines = useMemo(
    () => [
      { name: 'all loads', colour: 'all', values: samples.map(({ loadsPerS }) => loadsPerS) },
      { name: 'ahead', colour: 'memory', values: samples.map(({ aheadPerS }) => aheadPerS) },
      { name: 'by call', colour: 'shared', values: samples.map(({ refreshPerS }) => refreshPerS) },
      { name: 'warming', colour: 'source', values: samples.map(({ warmingPerS }) => warmingPerS) },
    ],
    [samples],
  )
  return <LineChart title="Loads a second, by reason" times={times} lines={lines} show={asRate} />
}
